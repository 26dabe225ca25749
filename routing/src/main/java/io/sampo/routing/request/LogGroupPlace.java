package io.sampo.routing.request;

import io.sampo.routing.net.PassedOn;
import io.sampo.routing.net.RelayPeer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where one log group is led, as requests see it: here, on another node, or nowhere that is known.
 * While nothing is known requests wait, in the order in which they came.
 *
 * <p>A node that said that it doesn't lead, or that can't be reached, is asked no more until
 * another leadership is known or a moment has passed, so nobody hammers a node that is going away.
 * Any thread; that it is led here costs one volatile read.
 */
final class LogGroupPlace {
  private static final long TICK_MILLIS = 20;
  private static final long DOUBT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** How long a leader of before may still answer what it was sent. */
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);

  /**
   * A leadership.
   *
   * @param address of the log group's port on the leading node; null when that is this one
   */
  record Leader(long epoch, RelayPeer.@Nullable Address address) {}

  private enum Known {
    HERE,
    NOBODY
  }

  private final Supplier<@Nullable Leader> directory;
  private final Function<RelayPeer.Address, RelayPeer> peers;
  private final int waitingMax;
  private final ScheduledExecutorService timers;

  /** {@link Known} or a {@link RelayPeer}. Set under the lock. */
  private volatile Object target = Known.NOBODY;

  private final ArrayDeque<PassedRequest> waiting = new ArrayDeque<>();
  private @Nullable Leader newest;
  private @Nullable RelayPeer peer;
  private @Nullable Leader doubted;
  private long doubtEndsNanos;
  private boolean ticking;

  /**
   * @param directory who leads, null when nobody is known; asked by any thread, never blocks
   * @param peers makes the way to a log group's port on another node
   * @param waitingMax requests that may wait for a leader
   * @param timers looks after those who wait
   */
  LogGroupPlace(
      Supplier<@Nullable Leader> directory,
      Function<RelayPeer.Address, RelayPeer> peers,
      int waitingMax,
      ScheduledExecutorService timers) {
    this.directory = directory;
    this.peers = peers;
    this.waitingMax = waitingMax;
    this.timers = timers;
  }

  boolean isHere() {
    return target == Known.HERE;
  }

  /** The way to the leader; null when it is led here, or by nobody that is known. */
  @Nullable RelayPeer peer() {
    return target instanceof RelayPeer known ? known : null;
  }

  /** The directory may have something new. */
  synchronized void look() {
    Leader found = directory.get();
    if (found != null && found.equals(doubted) && System.nanoTime() - doubtEndsNanos < 0) {
      found = null;
    }
    if (found == null) {
      target = Known.NOBODY;
    } else {
      doubted = null;
      newest = found;
      Object next = found.address() == null ? Known.HERE : peerAt(found.address());
      RelayPeer before = peer;
      if (before != null && next != before) {
        before.giveUpAfter(LAST_ANSWERS);
      }
      peer = next instanceof RelayPeer other ? other : null;
      target = next; // first, or those who go on would come back
      waiting.forEach(PassedRequest::goOn);
      waiting.clear();
    }
    tickIfNeeded();
  }

  private RelayPeer peerAt(RelayPeer.Address address) {
    RelayPeer known = peer;
    return known != null && known.address().equals(address) ? known : peers.apply(address);
  }

  /** A node didn't carry out what it was sent as the leader. */
  synchronized void doubt(RelayPeer suspect) {
    doubtIf(suspect);
  }

  /** What leads here said that it doesn't. */
  synchronized void doubtHere() {
    doubtIf(Known.HERE);
  }

  private void doubtIf(Object suspect) {
    if (target == suspect) {
      target = Known.NOBODY;
      doubted = newest;
      doubtEndsNanos = System.nanoTime() + DOUBT_NANOS;
      tickIfNeeded();
    }
  }

  /**
   * Has a request go on when a leader is known, or give up when its time is over.
   *
   * @return false when too many wait
   */
  synchronized boolean await(PassedRequest request) {
    if (target != Known.NOBODY) {
      request.goOn();
      return true;
    }
    if (waiting.size() >= waitingMax) {
      return false;
    }
    waiting.add(request);
    tickIfNeeded();
    return true;
  }

  private void tickIfNeeded() {
    if (!ticking && (doubted != null || !waiting.isEmpty())) {
      try {
        var unused = timers.schedule(this::onTick, TICK_MILLIS, TimeUnit.MILLISECONDS);
        ticking = true;
      } catch (RejectedExecutionException e) {
        waiting.forEach(PassedOn::drop); // the node stops, and with it all connections
        waiting.clear();
      }
    }
  }

  private synchronized void onTick() {
    ticking = false;
    long nowNanos = System.nanoTime();
    waiting.removeIf(
        request -> {
          boolean over = request.waitIsOver(nowNanos);
          if (over) {
            request.giveUp();
          }
          return over;
        });
    look();
  }
}
