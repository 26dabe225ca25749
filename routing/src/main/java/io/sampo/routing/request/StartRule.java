package io.sampo.routing.request;

import io.sampo.actors.group.Queue.Bounds;
import java.time.InstantSource;

/**
 * Whether a group that never consumed a queue gets it from its beginning although it wants new
 * messages only: as long as the queue's first message is there and young. A consumer that is
 * started a little after the producer, or meets queues that were just added, misses nothing.
 * RocketMQ says "young" when the message is in memory; here it is its age.
 */
final class StartRule {
  private final OffsetSettings settings;
  private final InstantSource clock;

  StartRule(OffsetSettings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
  }

  boolean isYoung(Bounds bounds) {
    if (bounds.minOffset() > 0) {
      return false;
    }
    long oldest = bounds.oldestStoreTimestampMs();
    return oldest < 0 || clock.millis() - oldest <= settings.firstMessageAgeMax().toMillis();
  }
}
