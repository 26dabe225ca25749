package io.sampo.routing.net;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes of messages that were received and are not in the log yet, over all connections,
 * so that slow disks fill sockets instead of memory. Any thread.
 */
final class HeldBytes {
  private final AtomicLong held = new AtomicLong();
  private final long max;

  HeldBytes(long max) {
    this.max = max;
  }

  /** True when there is no room for more. */
  boolean isFull() {
    return held.get() >= max;
  }

  void add(long bytes) {
    held.addAndGet(bytes);
  }

  long get() {
    return held.get();
  }
}
