package io.sampo.cluster.protocol;

/**
 * What a replica wants done, in the order that it says. Reads and appends are done at once;
 * pledges, flushes, cuts and resets may take their time but keep their order.
 *
 * <p>A disk that fails is not told to the core: who runs it drops it, opens the files again and
 * makes a new one of what recovery found.
 */
public sealed interface ReplicaEffect {
  /** Send a message. It may be lost. */
  record Send(ReplicaId to, ReplicaMessage message) implements ReplicaEffect {}

  /**
   * Make the pledge durable; answered by {@link ReplicaInput.PledgePersisted} or {@link
   * ReplicaInput.PledgeRefused}.
   */
  record PersistPledge(Pledge pledge) implements ReplicaEffect {}

  /**
   * Append frames of another replica as they are; answered by {@link ReplicaInput.Appended} or
   * {@link ReplicaInput.AppendRefused}.
   */
  record AppendFrames(Frames frames) implements ReplicaEffect {}

  /** Append the record that begins an epoch; answered as {@link AppendFrames}. */
  record BeginEpoch(long epoch) implements ReplicaEffect {}

  /** Append a membership record under the epoch led; answered as {@link AppendFrames}. */
  record AppendMembership(long epoch, Membership membership) implements ReplicaEffect {}

  /**
   * Make all that is appended durable; answered by {@link ReplicaInput.Flushed}.
   *
   * @param version to be repeated there: a flush from before a cut says nothing about the bytes
   *     that came to lie in the same place behind it
   */
  record Flush(long version) implements ReplicaEffect {}

  /**
   * Cut the log, durably: zeros from here on, and no trace that there ever was more. Answered by
   * {@link ReplicaInput.CutDone}; after a crash either all of it or nothing was done.
   */
  record CutTo(long position) implements ReplicaEffect {}

  /** Drop the whole log and begin anew at the base; answered as {@link CutTo}. */
  record ResetTo(LogBase base) implements ReplicaEffect {}

  /**
   * Read whole frames from here, at least one; answered by {@link ReplicaInput.RangeRead}.
   *
   * @param epoch under which it was asked
   * @param reader for whom
   * @param fetchId of the reader's fetch
   * @param end where to stop, though a cut that is under way may not have removed yet what lies
   *     behind it
   * @param bytesMax how much to read, unless the first frame is longer
   */
  record ReadRange(
      long epoch, ReplicaId reader, long fetchId, long position, long end, int bytesMax)
      implements ReplicaEffect {}

  /**
   * The log up to here can't be lost as long as a majority of disks lives; or, for who follows, is
   * told so by the leader.
   *
   * @param commit never moves back
   * @param acknowledged up to where appends may be answered: the commit position, less (all
   *     replicas must hold it) or more (the leader alone). Only for who leads; else the commit
   */
  record CommitMoved(long commit, long acknowledged) implements ReplicaEffect {}

  /** This replica leads, and all of its log up to the epoch's record is committed. */
  record LeadershipWon(long epoch, long commit) implements ReplicaEffect {}

  /** This replica no longer leads; what was not acknowledged by now may or may not survive. */
  record LeadershipLost(long epoch, EndReason reason) implements ReplicaEffect {}

  /**
   * This replica can't lead now.
   *
   * @param epochSeen the highest epoch it knows of
   */
  record LeadershipRefused(EndReason reason, long epochSeen) implements ReplicaEffect {}

  /** A membership is committed. */
  record MembershipCommitted(Membership membership) implements ReplicaEffect {}

  /** A membership was not begun. */
  record MembershipRefused(Membership membership, MembershipRefusal reason)
      implements ReplicaEffect {}

  /** At the time of the barrier nothing beyond this position had been acknowledged by anybody. */
  record ReadReady(long token, long position) implements ReplicaEffect {}

  /** Whether this leader was current can't be said. */
  record ReadRefused(long token) implements ReplicaEffect {}

  /** Why a leadership, or the attempt at one, is over. */
  enum EndReason {
    SUPERSEDED,
    NOT_A_VOTER,
    REPAIRING,
    RESIGNED,
    NO_MAJORITY,
    DISK_FULL
  }

  /** Why a membership was not begun. */
  enum MembershipRefusal {
    NOT_LEADING,
    ANOTHER_UNDER_WAY,
    MORE_THAN_ONE_VOTER_APART,
    NO_VOTER_LEFT,
    NOT_CAUGHT_UP,
    DISK_FULL
  }
}
