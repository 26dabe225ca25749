package io.sampo.cluster.placement;

import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaId;
import java.util.List;

/**
 * Where a log group begins: its founding replicas. Who is in it later says its log.
 *
 * @param name as clients know it
 * @param voters at least one, the one that should lead first
 * @param learners who replicate without a vote
 */
public record LogGroupPlan(String name, List<ReplicaId> voters, List<ReplicaId> learners) {
  public LogGroupPlan {
    voters = List.copyOf(voters);
    learners = List.copyOf(learners);
    if (name.isEmpty() || voters.isEmpty()) {
      throw new IllegalArgumentException("a log group has a name and at least one voter");
    }
  }

  /** The membership that the log group's log begins with. */
  public Membership membership() {
    return new Membership(voters, learners);
  }
}
