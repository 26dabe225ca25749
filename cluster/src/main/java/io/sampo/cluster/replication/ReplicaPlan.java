package io.sampo.cluster.replication;

import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaId;
import java.util.List;

/**
 * What a replica of a log group knows before it reads its log.
 *
 * @param self this replica
 * @param initial who founded the log group, in force until the log says otherwise. The same for all
 *     founders, for as long as their logs begin at 0; {@link Membership#NOBODY} for a replica that
 *     came later or got an empty disk: it learns from a leader who is in the group
 */
public record ReplicaPlan(ReplicaId self, Membership initial) {
  /** Of a log group that has no other replica. */
  public static ReplicaPlan alone(ReplicaId self) {
    return new ReplicaPlan(self, Membership.ofVoters(List.of(self)));
  }
}
