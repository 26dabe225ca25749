package io.sampo.routing.boot;

import io.sampo.cluster.forming.ClusterForming;
import io.sampo.cluster.forming.FoundingRules;
import io.sampo.cluster.placement.CommonSettings;
import io.sampo.cluster.replication.ReplicationSettings;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a node gets into a cluster, as it was told.
 *
 * @param nodeName empty: what the data directory says, or a name drawn
 * @param learner whether the node only learns: it votes and leads nowhere
 * @param seeds each as "host:port"; empty: the node is a cluster by itself
 * @param initialNodes how many nodes found the cluster; 0: this one founds none with others
 * @param replicas of each log group of a new cluster
 * @param replaceAfter how long a node may be away before others take its replicas
 * @param growOnJoin whether a node that joins gets a log group of its own
 * @param leadersWait how long a start waits for log groups that nobody leads
 * @param leadAfter how long a node must have been there before a log group is moved to it
 */
public record MembershipSettings(
    String nodeName,
    boolean learner,
    List<String> seeds,
    int initialNodes,
    int replicas,
    Duration replaceAfter,
    boolean growOnJoin,
    Duration leadersWait,
    Duration leadAfter) {
  static final int NODES_MAX = 32;

  static final int REPLICAS_MAX = 5;

  private static final Pattern NODE_NAME = Pattern.compile("|[A-Za-z0-9][A-Za-z0-9_-]{0,63}");
  private static final Pattern SEED = Pattern.compile("[^\\s:]+:([0-9]{1,5})");

  public MembershipSettings {
    seeds = List.copyOf(seeds);
  }

  static MembershipSettings from(SettingsReader reader) {
    String nodeName =
        reader.text(
            "sampo.node.name",
            "1 to 64 letters, digits, \"-\" and \"_\", beginning with a letter or digit, or empty",
            NODE_NAME.asMatchPredicate());
    List<String> seeds = reader.texts("sampo.cluster.seeds", "a list of host:port");
    if (!seeds.stream().allMatch(MembershipSettings::isSeed)
        || seeds.stream().distinct().count() < seeds.size()) {
      reader.refuse("sampo.cluster.seeds", "a list of host:port, none of them twice");
    }
    int initialNodes = reader.count("sampo.cluster.initial-nodes", 0, NODES_MAX);
    if (initialNodes > 0 && 2 * initialNodes <= seeds.size()) {
      reader.refuse(
          "sampo.cluster.initial-nodes",
          "more than half of the seeds, so that two halves can't both found a cluster");
    }
    if (initialNodes > 1 && seeds.isEmpty()) {
      reader.refuse(
          "sampo.cluster.initial-nodes", "0 or 1 without sampo.cluster.seeds to meet the others");
    }
    boolean learner = reader.flag("sampo.node.learner");
    if (learner && (initialNodes > 0 || seeds.isEmpty())) {
      reader.refuse(
          "sampo.node.learner",
          "off on a node that founds a cluster or is one by itself; a learner joins one, by its"
              + " sampo.cluster.seeds");
    }
    return new MembershipSettings(
        nodeName,
        learner,
        seeds,
        initialNodes,
        reader.count("sampo.cluster.replicas", 1, REPLICAS_MAX),
        reader.time("sampo.cluster.replace-after", Duration.ofSeconds(1), Duration.ofDays(365)),
        reader.flag("sampo.cluster.grow-on-join"),
        reader.time("sampo.cluster.leaders-wait", Duration.ofMillis(1), Duration.ofHours(1)),
        reader.time("sampo.cluster.lead-after", Duration.ZERO, Duration.ofHours(1)));
  }

  /** Those that should be the same on all nodes. */
  CommonSettings common(ReplicationSettings replication) {
    return new CommonSettings(
        replicas,
        replaceAfter.toMillis(),
        growOnJoin,
        replication.acknowledge().name().toLowerCase(Locale.ROOT));
  }

  /** Whether the node is a cluster by itself. */
  boolean isAlone() {
    return seeds.isEmpty();
  }

  /**
   * What the node founds a cluster by.
   *
   * @param self its own address, the only seed of a cluster of its own
   */
  FoundingRules rules(String clusterName, String self, int logGroups) {
    List<String> addresses =
        isAlone()
            ? List.of(self)
            : seeds.stream().map(seed -> ClusterForming.address(clusterName, seed)).toList();
    return new FoundingRules(addresses, initialNodes, replicas, logGroups);
  }

  private static boolean isSeed(String text) {
    Matcher seed = SEED.matcher(text);
    if (!seed.matches()) {
      return false;
    }
    int port = Integer.parseInt(seed.group(1));
    return port > 0 && port < 65536;
  }
}
