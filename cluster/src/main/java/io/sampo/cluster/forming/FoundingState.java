package io.sampo.cluster.forming;

import io.sampo.cluster.placement.ClusterPlan;
import org.jspecify.annotations.Nullable;

/**
 * What a node must not forget of its cluster's founding.
 *
 * @param promised attempts below this one are refused
 * @param accepted the newest proposal that the node accepted
 * @param founded the plan of the node's cluster; final once it is there
 */
record FoundingState(Ballot promised, @Nullable Proposal accepted, @Nullable ClusterPlan founded) {
  static final FoundingState NEW = new FoundingState(Ballot.NONE, null, null);

  /** The id of the cluster that the node belongs to or is about to found; empty when none. */
  String clusterId() {
    if (founded != null) {
      return founded.clusterId();
    }
    return accepted == null ? "" : accepted.plan().clusterId();
  }
}
