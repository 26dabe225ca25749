package io.sampo.routing.net;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What a connection has to write: filled by any thread, emptied by the event loop. A lock-free
 * stack of items that are their own links, turned around when it is emptied; so pushing allocates
 * nothing and emptying takes one exchange.
 *
 * <p>Always holds: an item that was pushed is either taken or discarded, also when the queue is
 * closed meanwhile. Closing puts a mark on the stack that nothing ever gets past.
 */
final class OutgoingQueue {
  private static final VarHandle TOP;
  private static final Outgoing CLOSED =
      new Outgoing() {
        @Override
        void write(FrameBatch frames) {
          throw new IllegalStateException("a mark is not written");
        }

        @Override
        void discard() {}
      };

  static {
    try {
      TOP = MethodHandles.lookup().findVarHandle(OutgoingQueue.class, "top", Outgoing.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The newest item, linked to the older ones. */
  private volatile @Nullable Outgoing top;

  /**
   * Adds an item, or discards it when the queue is closed. Any thread.
   *
   * @return true when it is the first since the queue was emptied, so that somebody has to see to
   *     it
   */
  boolean push(Outgoing item) {
    Outgoing below;
    do {
      below = top;
      if (below == CLOSED) {
        item.discard();
        return false;
      }
      item.next = below;
    } while (!TOP.compareAndSet(this, below, item));
    return below == null;
  }

  /** Takes all items, the oldest first and linked to the newer ones; null when there are none. */
  @Nullable Outgoing takeAll() {
    Outgoing taken;
    do {
      taken = top;
      if (taken == null || taken == CLOSED) {
        return null;
      }
    } while (!TOP.compareAndSet(this, taken, null));
    return reversed(taken);
  }

  boolean isEmpty() {
    Outgoing newest = top;
    return newest == null || newest == CLOSED;
  }

  boolean isClosed() {
    return top == CLOSED;
  }

  /** Discards all items, and every item that is pushed from now on. Any thread. */
  void close() {
    Outgoing left = (Outgoing) TOP.getAndSet(this, CLOSED);
    if (left != CLOSED) {
      discardAll(left);
    }
  }

  /** Discards an item and all that it is linked to. */
  static void discardAll(@Nullable Outgoing first) {
    Outgoing item = first;
    while (item != null) {
      Outgoing following = item.next;
      item.next = null;
      item.discard();
      item = following;
    }
  }

  private static Outgoing reversed(Outgoing newestFirst) {
    Outgoing oldestFirst = newestFirst;
    Outgoing rest = newestFirst.next;
    newestFirst.next = null;
    while (rest != null) {
      Outgoing below = rest.next;
      rest.next = oldestFirst;
      oldestFirst = rest;
      rest = below;
    }
    return oldestFirst;
  }
}
