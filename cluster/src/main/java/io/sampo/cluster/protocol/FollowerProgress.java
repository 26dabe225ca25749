package io.sampo.cluster.protocol;

import io.sampo.cluster.protocol.ReplicaMessage.Fetch;
import org.jspecify.annotations.Nullable;

/** What a leader knows of one of its followers. */
final class FollowerProgress {
  /** The follower's log was seen to be a beginning of the leader's, under this epoch. */
  boolean matched;

  /** Up to where it is a copy. */
  long held;

  /** The newest read barrier that it confirmed. */
  long confirmedRound;

  /** Waits for something to be appended. */
  @Nullable Fetch parked;
}
