package io.sampo.cluster.placement;

import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.ReplicaStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node tells the others of its replicas. Positions are not in it, since it is spread
 * whenever it changes; a replica that isn't in it isn't there.
 *
 * @param leaving whether the node is to be in the cluster no more
 */
public record NodeReplicas(String node, boolean leaving, List<View> replicas) implements BoardNote {
  public NodeReplicas {
    replicas = List.copyOf(replicas);
  }

  /**
   * A replica as it sees its log group.
   *
   * @param epoch below which it takes part in nothing
   * @param leads whether it leads under that epoch
   * @param failed whether its log failed: it stays as it was, and takes part in nothing
   * @param membershipEnd where the membership's record ends in its log
   * @param membership in force in its log, committed or not; null while its log isn't open
   */
  public record View(
      String logGroup,
      ReplicaId replica,
      long epoch,
      boolean leads,
      boolean failed,
      long membershipEnd,
      @Nullable Membership membership) {
    /**
     * @param status null while its log isn't open
     */
    static View of(
        String logGroup, ReplicaId replica, @Nullable ReplicaStatus status, boolean failed) {
      return status == null
          ? new View(logGroup, replica, 0, false, failed, 0, null)
          : new View(
              logGroup,
              replica,
              status.epoch(),
              status.leads() && !failed,
              failed,
              status.membershipEnd(),
              status.membership());
    }
  }

  /** The replica of a log group; null when the node has none. */
  @Nullable View view(String logGroup) {
    for (View view : replicas) {
      if (view.logGroup().equals(logGroup)) {
        return view;
      }
    }
    return null;
  }

  /** Whether the node has this very replica. */
  boolean has(String logGroup, ReplicaId replica) {
    View view = view(logGroup);
    return view != null && view.replica().equals(replica);
  }
}
