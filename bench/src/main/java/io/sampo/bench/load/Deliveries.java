package io.sampo.bench.load;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which messages have been delivered, one bit for each, so that a loss can't be hidden by a double.
 * Any thread writes.
 */
final class Deliveries {
  private final AtomicLongArray bits;
  private final long most;
  private final AtomicLong first = new AtomicLong();
  private final AtomicLong doubled = new AtomicLong();
  private final AtomicLong foreign = new AtomicLong();

  /**
   * @param most sequences run from 0 up to and without it
   */
  Deliveries(long most) {
    this.most = most;
    this.bits = new AtomicLongArray(Math.toIntExact((most + 63) / 64));
  }

  /** Books a delivery; true when it is the first of its message. */
  boolean delivered(long sequence) {
    if (sequence < 0 || sequence >= most) {
      foreign.incrementAndGet();
      return false;
    }
    int word = (int) (sequence >>> 6);
    long bit = 1L << (sequence & 63);
    long before = bits.getAndAccumulate(word, bit, (old, added) -> old | added);
    if ((before & bit) != 0) {
      doubled.incrementAndGet();
      return false;
    }
    first.incrementAndGet();
    return true;
  }

  /** How many different messages have been delivered. */
  long count() {
    return first.get();
  }

  /** How many deliveries were of a message that had been delivered before. */
  long doubled() {
    return doubled.get();
  }

  /** How many deliveries were of no message that was meant. */
  long foreign() {
    return foreign.get();
  }

  /** Waits until so many are delivered; false when the time ran out. */
  boolean await(long count, long timeoutMs) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    CountDownLatch never = new CountDownLatch(1);
    while (first.get() < count) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      boolean unused = never.await(1, TimeUnit.MILLISECONDS);
    }
    return true;
  }
}
