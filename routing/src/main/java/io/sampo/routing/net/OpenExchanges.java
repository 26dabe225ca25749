package io.sampo.routing.net;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection that have no answer yet, in the order in which they came. Time is
 * counted in ticks, so a request costs no timer. Event loop only.
 */
final class OpenExchanges {
  /** How often {@link #onTick} is to be called while there are any. */
  static final long TICK_MILLIS = 1000;

  private @Nullable Exchange oldest;
  private @Nullable Exchange newest;
  private int count;
  private int waiting;
  private int tick;

  boolean isEmpty() {
    return oldest == null;
  }

  /** How many wait for something to happen. */
  int waiting() {
    return waiting;
  }

  /** How many don't wait for anything but their answer. */
  int working() {
    return count - waiting;
  }

  /**
   * @param waitMillis how long the request itself asks to wait; 0 for one that is just done
   * @param deadlineMillis after which it is late
   */
  void add(Exchange exchange, long waitMillis, long deadlineMillis) {
    exchange.waits = waitMillis > 0;
    if (exchange.waits) {
      waiting++;
    }
    exchange.deadlineTick = tick + 1 + (int) ((deadlineMillis + TICK_MILLIS - 1) / TICK_MILLIS);
    exchange.older = newest;
    if (newest == null) {
      oldest = exchange;
    } else {
      newest.newer = exchange;
    }
    newest = exchange;
    count++;
  }

  /** It has its answer. */
  void remove(Exchange exchange) {
    if (exchange.older == null) {
      oldest = exchange.newer;
    } else {
      exchange.older.newer = exchange.newer;
    }
    if (exchange.newer == null) {
      newest = exchange.older;
    } else {
      exchange.newer.older = exchange.older;
    }
    exchange.older = null;
    exchange.newer = null;
    count--;
    if (exchange.waits) {
      waiting--;
    }
  }

  /** The connection is closed: nobody is late any more, and nobody waits. */
  void clear() {
    for (Exchange exchange = oldest; exchange != null; exchange = exchange.newer) {
      exchange.onAbandoned();
    }
    oldest = null;
    newest = null;
  }

  void forEachWaiting(Consumer<Exchange> action) {
    for (Exchange exchange = oldest; exchange != null; exchange = exchange.newer) {
      if (exchange.waits) {
        action.accept(exchange);
      }
    }
  }

  /** A tick has passed; shows those that are late. */
  void onTick(Consumer<Exchange> late) {
    tick++;
    Exchange exchange = oldest;
    while (exchange != null) {
      Exchange following = exchange.newer;
      if (exchange.deadlineTick - tick <= 0 && !exchange.isAnswered()) {
        late.accept(exchange);
      }
      exchange = following;
    }
  }
}
