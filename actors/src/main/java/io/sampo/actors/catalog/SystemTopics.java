package io.sampo.actors.catalog;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The topics that exist without anybody creating them, because clients and tools ask for them. They
 * follow from the names of the cluster and its log groups, so every node knows them at its start.
 */
public final class SystemTopics {
  /** The template of topics that are created by sending to them. */
  public static final String AUTO_CREATE_TEMPLATE = "TBW102";

  private static final int READ_WRITE = TopicConfig.PERM_READ | TopicConfig.PERM_WRITE;
  private static final int INHERITED = READ_WRITE | TopicConfig.PERM_INHERIT;

  private SystemTopics() {}

  /**
   * By name; unmodifiable.
   *
   * @param logGroups which clients know as broker names
   */
  public static Map<String, TopicConfig> of(String clusterName, Collection<String> logGroups) {
    Map<String, TopicConfig> topics = new LinkedHashMap<>();
    put(topics, TopicConfig.of(AUTO_CREATE_TEMPLATE, 8, INHERITED));
    put(topics, TopicConfig.of("SELF_TEST_TOPIC", 1, READ_WRITE));
    put(topics, TopicConfig.of("BenchmarkTest", 1024, READ_WRITE));
    put(topics, TopicConfig.of("RMQ_SYS_TRACE_TOPIC", 1, READ_WRITE));
    put(topics, TopicConfig.of("OFFSET_MOVED_EVENT", 1, READ_WRITE));
    put(topics, TopicConfig.of(clusterName + "_REPLY_TOPIC", 1, READ_WRITE));
    put(topics, TopicConfig.of(clusterName, 16, INHERITED));
    logGroups.forEach(name -> put(topics, TopicConfig.of(name, 1, INHERITED)));
    return Map.copyOf(topics);
  }

  /**
   * The same, when there may be more log groups each time that it is asked for. Any thread.
   *
   * @param logGroups gives another list only when there are more
   */
  public static Supplier<Map<String, TopicConfig>> growing(
      String clusterName, Supplier<List<String>> logGroups) {
    return new Growing(clusterName, logGroups);
  }

  private static final class Growing implements Supplier<Map<String, TopicConfig>> {
    private record Made(List<String> logGroups, Map<String, TopicConfig> topics) {}

    private final String clusterName;
    private final Supplier<List<String>> logGroups;
    private volatile Made made;

    Growing(String clusterName, Supplier<List<String>> logGroups) {
      this.clusterName = clusterName;
      this.logGroups = logGroups;
      this.made = make(logGroups.get());
    }

    @Override
    public Map<String, TopicConfig> get() {
      List<String> now = logGroups.get();
      Made last = made;
      if (!last.logGroups().equals(now)) {
        last = make(now);
        made = last;
      }
      return last.topics();
    }

    private Made make(List<String> now) {
      return new Made(now, of(clusterName, now));
    }
  }

  private static void put(Map<String, TopicConfig> topics, TopicConfig topic) {
    topics.put(topic.name(), topic);
  }
}
