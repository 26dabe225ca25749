package io.sampo.cluster.forming;

import java.util.Collection;
import java.util.List;

/**
 * What a node was told about founding a cluster; the same on all nodes.
 *
 * @param seeds addresses; the founders include more than half of them
 * @param initialNodes how many nodes found the cluster; 0: this node founds none, it only joins
 * @param replicas of each log group
 * @param logGroupsPerNode how many log groups begin on each founder
 */
public record FoundingRules(
    List<String> seeds, int initialNodes, int replicas, int logGroupsPerNode) {
  public FoundingRules {
    seeds = List.copyOf(seeds);
  }

  /** Whether more than half of the seeds are among these addresses. */
  boolean hasSeedMajority(Collection<String> addresses) {
    return 2 * seeds.stream().filter(addresses::contains).count() > seeds.size();
  }
}
