package io.sampo.actors.catalog;

import io.sampo.actors.catalog.Catalog.GroupFound;
import io.sampo.actors.catalog.Catalog.TopicFound;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * What a node knows of the catalog. Two sources feed it in any order and on any threads: parts as
 * they are published, and single answers of the catalog, which come earlier. Of two that say
 * different things the one of the higher revision holds; so an older part neither overwrites nor
 * removes what a newer answer brought.
 */
final class CatalogCopy {
  private record Known<T>(T config, long revision) {}

  private static final class Part {
    private final ConcurrentMap<String, Known<TopicConfig>> topics = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Known<SubscriptionGroupConfig>> groups =
        new ConcurrentHashMap<>();
  }

  private final Part[] parts = new Part[CatalogPart.COUNT];
  private final Map<String, TopicConfig> systemTopics;

  CatalogCopy(Map<String, TopicConfig> systemTopics) {
    this.systemTopics = systemTopics;
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new Part();
    }
  }

  @Nullable TopicConfig topic(String name) {
    Known<TopicConfig> known = part(name).topics.get(name);
    return known == null ? systemTopics.get(name) : known.config();
  }

  @Nullable SubscriptionGroupConfig group(String name) {
    Known<SubscriptionGroupConfig> known = part(name).groups.get(name);
    return known == null ? null : known.config();
  }

  /** What is known of a topic as the catalog would answer it, null when it is not known. */
  @Nullable TopicFound topicFound(String name) {
    Known<TopicConfig> known = part(name).topics.get(name);
    if (known != null) {
      return new TopicFound(known.config(), known.revision());
    }
    TopicConfig system = systemTopics.get(name);
    return system == null ? null : new TopicFound(system, 0);
  }

  /** What is known of a group; null also when its retry topic is not known. */
  @Nullable GroupFound groupFound(String name) {
    Known<SubscriptionGroupConfig> known = part(name).groups.get(name);
    TopicConfig retryTopic = topic(CatalogRules.RETRY_PREFIX + name);
    return known == null || retryTopic == null
        ? null
        : new GroupFound(known.config(), retryTopic, known.revision());
  }

  Collection<TopicConfig> topics() {
    List<TopicConfig> all = new ArrayList<>();
    for (Part part : parts) {
      part.topics.values().forEach(known -> all.add(known.config()));
    }
    systemTopics.forEach(
        (name, topic) -> {
          if (!part(name).topics.containsKey(name)) {
            all.add(topic);
          }
        });
    return all;
  }

  void takeTopic(TopicConfig topic, long revision) {
    take(part(topic.name()).topics, topic.name(), topic, revision);
  }

  void takeGroup(SubscriptionGroupConfig group, long revision) {
    take(part(group.name()).groups, group.name(), group, revision);
  }

  void takePart(CatalogPart published) {
    Part part = parts[published.index()];
    takeAll(part.topics, published.topics(), published.revision());
    takeAll(part.groups, published.groups(), published.revision());
  }

  private Part part(String name) {
    return parts[CatalogPart.indexOf(name)];
  }

  private static <T> void takeAll(
      ConcurrentMap<String, Known<T>> known, Map<String, T> published, long revision) {
    published.forEach((name, config) -> take(known, name, config, revision));
    known
        .entrySet()
        .removeIf(
            entry ->
                entry.getValue().revision() < revision && !published.containsKey(entry.getKey()));
  }

  private static <T> void take(
      ConcurrentMap<String, Known<T>> known, String name, T config, long revision) {
    known.merge(
        name,
        new Known<>(config, revision),
        (before, offered) -> offered.revision() >= before.revision() ? offered : before);
  }
}
