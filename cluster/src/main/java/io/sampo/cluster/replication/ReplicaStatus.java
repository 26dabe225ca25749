package io.sampo.cluster.replication;

import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaCopy;
import io.sampo.cluster.protocol.ReplicaCore;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.serialization.ControlMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a replica was a moment ago.
 *
 * @param leader who leads as far as it knows, maybe itself; null when it knows of nobody
 * @param leaderSilentMs for how long nobody has told it that he leads; 0 when it leads itself
 * @param stalledMs for how long it has led without that more was committed, though it has more
 * @param epoch below which it takes part in nothing
 * @param repairing its log lost something; it has no vote until it has it again
 * @param start where its log begins
 * @param commit up to where it knows the log to be committed
 * @param lastEpoch the newest one that left something in its log
 * @param end where its log ends
 * @param membership in force in its log, committed or not
 * @param membershipEnd where the membership's record ends
 * @param copies what it knows of the others' copies, when it leads
 */
public record ReplicaStatus(
    ReplicaId replica,
    @Nullable ReplicaId leader,
    long leaderSilentMs,
    long stalledMs,
    long epoch,
    boolean repairing,
    long start,
    long commit,
    long lastEpoch,
    long end,
    Membership membership,
    long membershipEnd,
    List<ReplicaCopy> copies)
    implements ControlMessage {
  static ReplicaStatus of(ReplicaId replica, ReplicaCore core) {
    return new ReplicaStatus(
        replica,
        core.leader(),
        core.leaderSilentMs(),
        core.stalledMs(),
        core.promisedEpoch(),
        core.isRepairing(),
        core.log().start(),
        core.commit(),
        core.log().lastEpoch(),
        core.log().end(),
        core.log().membership(),
        core.log().membershipEnd(),
        core.copies());
  }

  /** True when it leads. */
  public boolean leads() {
    return replica.equals(leader);
  }

  /** Whether the membership is known to be committed. */
  public boolean isMembershipCommitted() {
    return membershipEnd <= commit;
  }
}
