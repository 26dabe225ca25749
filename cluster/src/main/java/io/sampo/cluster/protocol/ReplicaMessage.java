package io.sampo.cluster.protocol;

/**
 * What replicas of a group tell each other. Any of them may be lost, doubled, late or out of order;
 * whoever sends one asks again when no answer comes. All but {@link Fetched} are small.
 */
public sealed interface ReplicaMessage {
  /** The epoch that the sender acts under or asks for. */
  long epoch();

  /**
   * A candidate asks who would promise it an epoch; nothing is promised and nothing is written. A
   * replica that was removed or cut off fails here and disturbs nobody.
   *
   * @param lastEpoch of the candidate's log
   * @param end of the candidate's log
   */
  record Canvass(long epoch, long lastEpoch, long end) implements ReplicaMessage {}

  /** Yes to a {@link Canvass}. */
  record CanvassGranted(long epoch) implements ReplicaMessage {}

  /** A candidate asks for the promise of an epoch; it has given its own and it is durable. */
  record Prepare(long epoch, long lastEpoch, long end) implements ReplicaMessage {}

  /**
   * The epoch is promised, durably, to the candidate and to nobody else.
   *
   * @param lastEpoch of the log of who promises
   * @param end of the same
   */
  record Promise(long epoch, long lastEpoch, long end) implements ReplicaMessage {}

  /**
   * No, to whatever named the epoch.
   *
   * @param promisedEpoch of who refuses
   */
  record Refused(long epoch, long promisedEpoch, RefusalReason reason) implements ReplicaMessage {}

  /**
   * The sender leads the epoch. Sent again and again.
   *
   * @param commit the leader's commit position
   * @param round the leader's newest read barrier; {@link Follows} repeats it
   */
  record Leading(long epoch, long commit, long round) implements ReplicaMessage {}

  /** The sender follows the epoch's leader and has promised nobody a higher one. */
  record Follows(long epoch, long round) implements ReplicaMessage {}

  /**
   * Asks for what comes behind the sender's log; the answer may take until there is something.
   *
   * @param id what the answer names; no two fetches of a replica have the same
   * @param end of the sender's log
   * @param lastEpoch the epoch of the byte before that
   * @param held what the sender acknowledges, at most the end
   * @param mayWait false when the sender wants to know at once whether its log is a beginning
   */
  record Fetch(long epoch, long id, long end, long lastEpoch, long held, boolean mayWait)
      implements ReplicaMessage {}

  /**
   * The answer to a fetch; that it comes proves that the follower's log is a beginning of the
   * sender's.
   *
   * @param sourceEnd where the sender's log ends
   * @param commit how far it is committed as far as the sender knows
   */
  record Fetched(long epoch, long id, Frames frames, long sourceEnd, long commit)
      implements ReplicaMessage {}

  /**
   * The fetching replica's log is not a beginning of the sender's. They can have in common only
   * what both have up to the end of an epoch.
   *
   * @param commonEpoch the sender's newest epoch that is not above the asking one's last
   * @param commonEnd where that epoch ends in the sender's log
   */
  record Diverged(long epoch, long id, long commonEpoch, long commonEnd)
      implements ReplicaMessage {}

  /** What the fetching replica needs next was committed and dropped; it must begin here. */
  record StartsBeyond(long epoch, long id, LogBase base) implements ReplicaMessage {}

  /** The sender's log is the leader's up to here and counts as a copy. */
  record Held(long epoch, long position) implements ReplicaMessage {}
}
