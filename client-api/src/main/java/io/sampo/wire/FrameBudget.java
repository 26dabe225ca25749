package io.sampo.wire;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that frames which have not arrived completely may take, over all connections that
 * share the budget. Without it, a thousand clients that each send most of a large frame and then
 * stop would take all memory, each one within its own limit.
 *
 * <p>Thread-safe. Touched only for frames that don't arrive in one piece.
 */
public final class FrameBudget {
  private final long bytesMax;
  private final AtomicLong reservedBytes = new AtomicLong();

  /** A budget of so many bytes, at least 1. */
  public FrameBudget(long bytesMax) {
    if (bytesMax < 1) {
      throw new IllegalArgumentException("a budget of " + bytesMax + " bytes");
    }
    this.bytesMax = bytesMax;
  }

  /** What is taken at the moment, in bytes. */
  public long reservedBytes() {
    return reservedBytes.get();
  }

  /** Takes some, or takes nothing and returns false when that would be too much. */
  boolean tryReserve(long bytes) {
    if (reservedBytes.addAndGet(bytes) <= bytesMax) {
      return true;
    }
    reservedBytes.addAndGet(-bytes);
    return false;
  }

  void giveBack(long bytes) {
    reservedBytes.addAndGet(-bytes);
  }
}
