package io.sampo.bench.load;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed schedule. What is late is still due at its time, and latency counts from then: a server
 * that stalls is charged for everything that should have been sent meanwhile (no coordinated
 * omission). Used by one thread.
 */
final class Pace {
  /** Sleeping overshoots by about this; the rest is waited out awake. */
  private static final long AWAKE_NANOS = TimeUnit.MICROSECONDS.toNanos(150);

  private final double intervalNanos;
  private final long startNanos = System.nanoTime();
  private long turns;

  Pace(int perSecond) {
    this.intervalNanos = 1e9 / perSecond;
  }

  /** Waits for the next turn; the answer is when it was due, which may be past. */
  long awaitTurn() {
    long due = startNanos + (long) (turns++ * intervalNanos);
    long left = due - System.nanoTime();
    while (left > 0) {
      if (left > AWAKE_NANOS) {
        LockSupport.parkNanos(left - AWAKE_NANOS);
      } else {
        Thread.onSpinWait();
      }
      left = due - System.nanoTime();
    }
    return due;
  }
}
