package io.sampo.cluster.protocol;

/**
 * What happens to a replica. One after the other; an append effect is answered before anything else
 * is put in.
 */
public sealed interface ReplicaInput {
  /** Time has passed; at least a few times per heartbeat. */
  record Tick() implements ReplicaInput {}

  /** A message came in, over a connection or channel that says truly who sent it. */
  record Received(ReplicaId from, ReplicaMessage message) implements ReplicaInput {}

  /**
   * Somebody wants this replica to lead: stand for an epoch. The answer is {@link
   * ReplicaEffect.LeadershipWon} or {@link ReplicaEffect.LeadershipRefused}; one who leads such an
   * epoch already goes on and says nothing.
   *
   * @param epochAtLeast the lowest epoch that will do; 0 for any
   */
  record Lead(long epochAtLeast) implements ReplicaInput {}

  /** Somebody wants this replica not to lead, and not to stand. */
  record Resign() implements ReplicaInput {}

  /** A pledge is durable. */
  record PledgePersisted(Pledge pledge) implements ReplicaInput {}

  /** A pledge could not be written, and the old one is there; it will be tried again. */
  record PledgeRefused() implements ReplicaInput {}

  /**
   * The log was appended to: what an effect asked for, or, while this replica leads, records of
   * clients.
   *
   * @param end where it ends now; a frame ends there
   */
  record Appended(long end) implements ReplicaInput {}

  /** What an effect asked to append had no room; the log is as it was. */
  record AppendRefused() implements ReplicaInput {}

  /**
   * The log is durable up to here.
   *
   * @param version what the effect said
   */
  record Flushed(long version, long position) implements ReplicaInput {}

  /** A cut or a reset is done, durably. */
  record CutDone() implements ReplicaInput {}

  /** The answer to {@link ReplicaEffect.ReadRange}; empty when nothing was there to read. */
  record RangeRead(ReplicaEffect.ReadRange request, Frames frames) implements ReplicaInput {}

  /** The log's part below a position, all of it committed, was dropped. */
  record StartMoved(long position) implements ReplicaInput {}

  /** Somebody wants another membership, one voter apart from the one in force at most. */
  record ChangeMembership(Membership membership) implements ReplicaInput {}

  /**
   * Somebody wants to read what is current and not what this leader believes to be.
   *
   * @param token comes back in {@link ReplicaEffect.ReadReady} or {@link ReplicaEffect.ReadRefused}
   */
  record ReadBarrier(long token) implements ReplicaInput {}
}
