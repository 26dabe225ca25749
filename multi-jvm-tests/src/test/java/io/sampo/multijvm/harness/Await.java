package io.sampo.multijvm.harness;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Waits for a condition that another thread or process brings about. Looks every few milliseconds,
 * because most of what the tests wait for (a port, a file, a count in a foreign client) has no
 * signal to wait on; fails with words of its own at the deadline, and at once when the test is
 * interrupted by its timeout.
 */
public final class Await {
  private static final long LOOK_EVERY_NANOS = 2_000_000;

  private Await() {}

  /** Returns as soon as the condition holds; fails after the limit with {@code what}. */
  public static void until(String what, Duration limit, BooleanSupplier condition) {
    until(() -> what, limit, condition);
  }

  /** Like the other, for a description that says how far it came. */
  public static void until(Supplier<String> what, Duration limit, BooleanSupplier condition) {
    if (!isTrueWithin(limit, condition)) {
      throw new AssertionError("after " + limit.toMillis() + " ms still not: " + what.get());
    }
  }

  /** Returns true as soon as the condition holds, false after the limit. */
  public static boolean isTrueWithin(Duration limit, BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      pause(LOOK_EVERY_NANOS);
    }
    return true;
  }

  /** Lets a loop that meets a dead node breathe between two tries. */
  public static void breathe(Duration pause) {
    pause(pause.toNanos());
  }

  private static void pause(long nanos) {
    LockSupport.parkNanos(nanos);
    if (Thread.interrupted()) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting");
    }
  }
}
