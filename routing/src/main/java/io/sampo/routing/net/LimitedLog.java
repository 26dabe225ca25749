package io.sampo.routing.net;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * Logs what strangers can cause at most once a second and says how often it was silent in between,
 * so that bad input can't fill the disk with lines about it. Any thread.
 */
public final class LimitedLog {
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Logger log;
  private final LongSupplier nanoClock;
  private final AtomicLong nextLineNanos;
  private final AtomicLong suppressed = new AtomicLong();

  public LimitedLog(Logger log) {
    this(log, System::nanoTime);
  }

  LimitedLog(Logger log, LongSupplier nanoClock) {
    this.log = log;
    this.nanoClock = nanoClock;
    this.nextLineNanos = new AtomicLong(nanoClock.getAsLong());
  }

  /** Logs the line, or counts it when there was one within the last second. */
  public void log(Level level, String message, Object... arguments) {
    if (!log.isEnabledForLevel(level)) {
      return;
    }
    long now = nanoClock.getAsLong();
    long next = nextLineNanos.get();
    if (now - next < 0 || !nextLineNanos.compareAndSet(next, now + INTERVAL_NANOS)) {
      suppressed.incrementAndGet();
      return;
    }
    long silent = suppressed.getAndSet(0);
    log.atLevel(level)
        .log(silent == 0 ? message : message + " (and " + silent + " lines like it)", arguments);
  }
}
