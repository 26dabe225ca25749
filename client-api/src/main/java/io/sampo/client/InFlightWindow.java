package io.sampo.client;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bounds what is sent and not yet answered, in messages and in bytes. One message always fits,
 * however large. Thread-safe; those who wait are served in no particular order.
 */
final class InFlightWindow {
  private final int messagesMax;
  private final long bytesMax;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int messages;
  private long bytes;

  InFlightWindow(int messagesMax, long bytesMax) {
    this.messagesMax = messagesMax;
    this.bytesMax = bytesMax;
  }

  /**
   * Takes room for one message, waiting for it if need be.
   *
   * @param waitNanosMax 0 or less: don't wait
   * @return false when there was none in time
   */
  boolean tryEnter(int messageBytes, long waitNanosMax) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long leftNanos = waitNanosMax;
      while (messages > 0 && (messages >= messagesMax || bytes + messageBytes > bytesMax)) {
        if (leftNanos <= 0) {
          return false;
        }
        leftNanos = changed.awaitNanos(leftNanos);
      }
      messages++;
      bytes += messageBytes;
      return true;
    } finally {
      lock.unlock();
    }
  }

  void leave(int messageBytes) {
    lock.lock();
    try {
      messages--;
      bytes -= messageBytes;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing is in flight; false when that took too long. */
  boolean awaitEmpty(long waitNanosMax) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long leftNanos = waitNanosMax;
      while (messages > 0) {
        if (leftNanos <= 0) {
          return false;
        }
        leftNanos = changed.awaitNanos(leftNanos);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** How many messages are in flight. */
  int messages() {
    lock.lock();
    try {
      return messages;
    } finally {
      lock.unlock();
    }
  }
}
