package io.sampo.cluster.placement;

import io.sampo.cluster.replication.ReplicaStatus;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the {@link ReplicaPlacer} remembers of a log group on its way. Its thread only. */
final class PlacedGroup {
  private static final long REST_MIN_MS = 250;
  private static final long REST_MAX_MS = 30_000;

  /** What its leader said last; null when that was used up. */
  @Nullable ReplicaStatus status;

  /** What its leader said before that. */
  @Nullable ReplicaStatus before;

  /** The nodes whose learners have not caught up, as its leader said last. */
  Set<String> catchingUp = Set.of();

  boolean asking;
  boolean stepping;

  /** The nodes that should have its voters, the preferred leader first; null when not decided. */
  @Nullable List<String> wanted;

  /** The node that is asked for a replica. */
  @Nullable String asked;

  /** What was said of it last, for people. */
  String told = "";

  private long restUntilMs;
  private long restMs = REST_MIN_MS;

  boolean mayStep(long nowMs) {
    return !stepping && nowMs >= restUntilMs;
  }

  void heard(ReplicaStatus now) {
    before = status == null ? before : status;
    before = before == null ? now : before;
    status = now;
    catchingUp =
        now.copies().stream()
            .filter(
                copy -> !copy.caughtUp() && now.membership().learners().contains(copy.replica()))
            .map(copy -> copy.replica().node())
            .collect(Collectors.toUnmodifiableSet());
  }

  /** What was known of the log group may be out of date now. */
  void done(boolean failed, long nowMs) {
    stepping = false;
    if (asked != null) {
      catchingUp = Set.of(asked); // until its leader says more
    }
    asked = null;
    status = null;
    restMs = failed ? Math.min(2 * restMs, REST_MAX_MS) : REST_MIN_MS;
    restUntilMs = failed ? nowMs + restMs : 0;
  }
}
