package io.sampo.cluster.placement;

import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.serialization.ControlMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The founding document of a cluster: which cluster it is, its log groups in their order, and where
 * each begins. All founding nodes have it on their disks before any of them acts on it, so there is
 * one for each cluster id; nodes that join later get it from those who have it.
 *
 * @param clusterId drawn at the founding, never used for another cluster
 * @param logGroups at least one; the first has the catalog
 */
public record ClusterPlan(String clusterId, List<LogGroupPlan> logGroups)
    implements ControlMessage {
  public ClusterPlan {
    logGroups = List.copyOf(logGroups);
    if (clusterId.isEmpty() || logGroups.isEmpty()) {
      throw new IllegalArgumentException("a cluster has an id and at least one log group");
    }
    if (logGroups.stream().map(LogGroupPlan::name).distinct().count() != logGroups.size()) {
      throw new IllegalArgumentException("two log groups have the same name: " + logGroups);
    }
  }

  /**
   * The plan of a new cluster. The nodes, sorted, are a ring: log group i begins on node i and on
   * those that follow it, so leaders and copies are spread evenly.
   *
   * @param founders each of another node
   * @param replicas of each log group; no more than there are nodes are made
   * @param logGroupsPerNode how many log groups begin on each node
   */
  public static ClusterPlan founding(
      String clusterId, List<ReplicaId> founders, int replicas, int logGroupsPerNode) {
    List<ReplicaId> ring = List.copyOf(new TreeSet<>(founders));
    List<LogGroupPlan> logGroups = new ArrayList<>();
    for (int i = 0; i < ring.size() * logGroupsPerNode; i++) {
      List<ReplicaId> voters = new ArrayList<>();
      for (int k = 0; k < Math.min(replicas, ring.size()); k++) {
        voters.add(ring.get((i + k) % ring.size()));
      }
      logGroups.add(new LogGroupPlan(logGroupName(i), voters, List.of()));
    }
    return new ClusterPlan(clusterId, logGroups);
  }

  /** The name of a log group by its place in the order, which clients know as a broker's. */
  public static String logGroupName(int index) {
    return "broker-" + index;
  }

  /** The names of all log groups, in their order. */
  public List<String> logGroupNames() {
    return logGroups.stream().map(LogGroupPlan::name).toList();
  }

  /** The plan of one log group; null when there is none of that name. */
  public @Nullable LogGroupPlan logGroup(String name) {
    for (LogGroupPlan logGroup : logGroups) {
      if (logGroup.name().equals(name)) {
        return logGroup;
      }
    }
    return null;
  }

  /** The log groups that a replica was founded for, in their order. */
  public List<LogGroupPlan> logGroupsOf(ReplicaId replica) {
    return logGroups.stream()
        .filter(group -> group.voters().contains(replica) || group.learners().contains(replica))
        .toList();
  }

  /** All replicas that any log group was founded with, sorted. */
  public List<ReplicaId> founders() {
    TreeSet<ReplicaId> founders = new TreeSet<>();
    for (LogGroupPlan logGroup : logGroups) {
      founders.addAll(logGroup.voters());
      founders.addAll(logGroup.learners());
    }
    return List.copyOf(founders);
  }
}
