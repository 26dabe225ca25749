package io.sampo.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The memory that frames which have not arrived completely may take, over all connections that
 * share the budget. Without it, a thousand clients that each send most of a large frame and then
 * stop would take all memory, each one within its own limit.
 *
 * <p>When there is no room, the frames go that have cost the most so far, in bytes times the time
 * since they began: so who stops within a frame makes room for those who come later, and neither a
 * frame that has just begun nor one that arrives quickly is in danger.
 *
 * <p>Thread-safe. Touched only for frames that don't arrive in one piece, and locked for some
 * instructions then; all holders are looked at only when there is no room.
 *
 * <p>Always holds: what is reserved is the sum of what the holders have, and at most the budget.
 */
public final class FrameBudget {
  /** The unfinished frame of a connection, again and again. All fields belong to the budget. */
  abstract static class Holder {
    private @Nullable Holder older;
    private @Nullable Holder newer;
    private long bytes;
    private long sinceNanos;
    private boolean ended;

    /**
     * Its frame has to go, and counts no longer. Any thread; must not block. Unless it {@link
     * FrameBudget#mustEnd no longer has to}, because the rest of the frame arrived meanwhile.
     */
    abstract void end();

    private double cost(long nowNanos) {
      return (double) bytes * (nowNanos - sinceNanos);
    }
  }

  private final long bytesMax;
  private final LongSupplier nanoClock;
  private long reservedBytes;
  private @Nullable Holder newest;

  /** A budget of so many bytes, at least 1. */
  public FrameBudget(long bytesMax) {
    this(bytesMax, System::nanoTime);
  }

  FrameBudget(long bytesMax, LongSupplier nanoClock) {
    if (bytesMax < 1) {
      throw new IllegalArgumentException("a budget of " + bytesMax + " bytes");
    }
    this.bytesMax = bytesMax;
    this.nanoClock = nanoClock;
  }

  /** What is taken at the moment, in bytes. */
  public synchronized long reservedBytes() {
    return reservedBytes;
  }

  /**
   * Takes some more for a frame, at the cost of others if need be.
   *
   * @return false when the frame itself has to go, and then nothing changed for it
   */
  boolean tryReserve(Holder holder, long bytes) {
    List<Holder> ended = List.of();
    boolean reserved;
    synchronized (this) {
      if (holder.ended || holder.bytes + bytes > bytesMax) {
        return false;
      }
      if (reservedBytes + bytes > bytesMax) {
        ended = makeRoom(holder, bytes);
      }
      reserved = reservedBytes + bytes <= bytesMax;
      if (reserved) {
        add(holder, bytes);
      }
    }
    ended.forEach(Holder::end);
    return reserved;
  }

  /** Gives back all that a frame has, because it is whole or dropped. */
  synchronized void giveBack(Holder holder) {
    holder.ended = false;
    remove(holder);
  }

  /** True when a frame was told to end, and has not given back since. */
  synchronized boolean mustEnd(Holder holder) {
    return holder.ended;
  }

  private List<Holder> makeRoom(Holder asking, long bytes) {
    long now = nanoClock.getAsLong();
    List<Holder> ended = new ArrayList<>();
    while (reservedBytes + bytes > bytesMax) {
      Holder costliest = costliest(now);
      if (costliest == null || costliest == asking) {
        break;
      }
      remove(costliest);
      costliest.ended = true;
      ended.add(costliest);
    }
    return ended;
  }

  private @Nullable Holder costliest(long nowNanos) {
    Holder costliest = newest;
    for (Holder holder = newest; holder != null; holder = holder.older) {
      if (costliest == null || holder.cost(nowNanos) > costliest.cost(nowNanos)) {
        costliest = holder;
      }
    }
    return costliest;
  }

  private void add(Holder holder, long bytes) {
    if (holder.bytes == 0) {
      holder.sinceNanos = nanoClock.getAsLong();
      holder.older = newest;
      if (newest != null) {
        newest.newer = holder;
      }
      newest = holder;
    }
    holder.bytes += bytes;
    reservedBytes += bytes;
  }

  private void remove(Holder holder) {
    if (holder.bytes == 0) {
      return;
    }
    reservedBytes -= holder.bytes;
    holder.bytes = 0;
    if (holder.newer == null) {
      newest = holder.older;
    } else {
      holder.newer.older = holder.older;
    }
    if (holder.older != null) {
      holder.older.newer = holder.newer;
    }
    holder.older = null;
    holder.newer = null;
  }
}
