package io.sampo.actors.schedule;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time by which messages are due: the wall clock, guarded by the monotonic one so that a jump
 * of the wall clock is no reason to deliver early or late.
 *
 * <p>The rule. As long as the wall clock moves with the monotonic one, apart from steps of up to
 * {@link #STEP_MS_MAX}, it is the time; a small step back only makes the time stand still until the
 * wall clock is there again. A larger step is a jump: from then on the time is counted by the
 * monotonic clock, as if the jump had not been. If the wall clock comes back within the settling
 * time, nothing happened. If it keeps to its new time that long, it is believed, and is the time
 * again. So delays are counted in the time that passes, and somebody's mistake with the clock has
 * no effect when it is corrected in time; a correction of a clock that was wrong, and a machine
 * that slept (during which the monotonic clock stands still), come into effect after the settling
 * time.
 *
 * <p>One per node, for those who compute due times and those who compare with them. Safe for any
 * thread; reading it is what makes it notice jumps, so somebody reads it regularly.
 */
public final class DueClock {
  /** The largest step of the wall clock that is taken over at once, in milliseconds. */
  static final long STEP_MS_MAX = 500;

  private static final Logger LOG = LoggerFactory.getLogger(DueClock.class);

  private final LongSupplier wallMs;
  private final LongSupplier monotonicNanos;
  private final long settleMs;

  /** The two clocks when they were last believed together. */
  private long anchorWallMs;

  private long anchorNanos;
  private long lastMs;

  /** How far a wall clock that is not believed is ahead, and since when it is so. */
  private long jumpMs;

  private long jumpedSinceNanos;
  private boolean jumped;

  /**
   * @param wallMs milliseconds since the epoch, may jump
   * @param monotonicNanos nanoseconds from any origin, never goes back
   * @param settle how long the wall clock must keep to a new time until it is believed
   */
  public DueClock(LongSupplier wallMs, LongSupplier monotonicNanos, Duration settle) {
    this.wallMs = wallMs;
    this.monotonicNanos = monotonicNanos;
    this.settleMs = settle.toMillis();
    this.anchorWallMs = wallMs.getAsLong();
    this.anchorNanos = monotonicNanos.getAsLong();
    this.lastMs = anchorWallMs;
  }

  /** A clock of the machine's clocks. */
  public static DueClock ofSystem(Duration settle) {
    return new DueClock(System::currentTimeMillis, System::nanoTime, settle);
  }

  /** The time in milliseconds since the epoch. Goes back only when a jump back is believed. */
  public synchronized long nowMs() {
    long wall = wallMs.getAsLong();
    long nanos = monotonicNanos.getAsLong();
    long counted = anchorWallMs + elapsedMs(anchorNanos, nanos);
    long aheadMs = wall - counted;
    if (isSmall(aheadMs)) {
      if (jumped) {
        jumped = false;
        LOG.info("the clock is back at the time that it had jumped from");
      }
      anchor(wall, nanos);
      lastMs = Math.max(lastMs, wall);
      return lastMs;
    }
    if (!jumped || !isSmall(aheadMs - jumpMs)) {
      jumped = true;
      jumpMs = aheadMs;
      jumpedSinceNanos = nanos;
      LOG.warn(
          "the clock jumped by {} ms; messages are delivered as if it had not, unless it stays so"
              + " for {} ms",
          aheadMs,
          settleMs);
    } else if (elapsedMs(jumpedSinceNanos, nanos) >= settleMs) {
      jumped = false;
      LOG.warn("the clock has kept to its new time, {} ms ahead; it is believed", aheadMs);
      anchor(wall, nanos);
      lastMs = wall;
      return lastMs;
    }
    lastMs = Math.max(lastMs, counted);
    return lastMs;
  }

  private void anchor(long wall, long nanos) {
    anchorWallMs = wall;
    anchorNanos = nanos;
  }

  private static boolean isSmall(long stepMs) {
    return Math.abs(stepMs) <= STEP_MS_MAX;
  }

  private static long elapsedMs(long fromNanos, long toNanos) {
    return TimeUnit.NANOSECONDS.toMillis(toNanos - fromNanos);
  }
}
