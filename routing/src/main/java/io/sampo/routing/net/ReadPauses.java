package io.sampo.routing.net;

import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whether a connection's socket is read: exactly while no reason to pause is set. A reason is set
 * when a limit is reached, and goes once there is room again, for open requests an eighth of it.
 * Event loop only, but for {@link #release}.
 */
final class ReadPauses {
  private static final int BY_WRITES = 1;
  private static final int BY_REQUESTS = 2;
  private static final int BY_HELD_BYTES = 4;
  private static final int BY_STOP = 8;

  /** What one connection may hold of the bytes that all may hold. */
  private static final int HELD_SHARE = 4;

  private static final long HELD_RECHECK_MILLIS = 5;

  private final Channel channel;
  private final NetSettings.Limits limits;
  private final HeldBytes allHeld;
  private final AtomicLong held = new AtomicLong();
  private boolean recheckingHeld;
  private int reasons;

  /**
   * @param allHeld what all connections hold together
   */
  ReadPauses(Channel channel, NetSettings.Limits limits, HeldBytes allHeld) {
    this.channel = channel;
    this.limits = limits;
    this.allHeld = allHeld;
  }

  /** The client takes what is written to it, or doesn't. */
  void writable(boolean writable) {
    if (writable) {
      resume(BY_WRITES);
    } else {
      pause(BY_WRITES);
    }
  }

  /** A request was opened; now there are so many that wait for nothing but their answer. */
  void opened(int working) {
    if (working >= limits.requests()) {
      pause(BY_REQUESTS);
    }
  }

  /** Bytes of a message stay in memory until {@link #release}. */
  void hold(int bytes) {
    allHeld.add(bytes);
    held.addAndGet(bytes);
    if ((reasons & BY_HELD_BYTES) == 0 && holdsTooMuch()) {
      pause(BY_HELD_BYTES);
      if (!recheckingHeld) {
        recheckHeldSoon();
      }
    }
  }

  /** Takes back what {@link #hold} counted. Any thread. */
  void release(int bytes) {
    held.addAndGet(-bytes);
    allHeld.add(-bytes);
  }

  /** Nothing is read any more. */
  void stop() {
    pause(BY_STOP);
  }

  /**
   * Some requests may have been answered.
   *
   * @param working how many wait for nothing but their answer
   */
  void answered(int working) {
    if (working <= limits.requests() - limits.requests() / 8) {
      resume(BY_REQUESTS);
    }
    if ((reasons & BY_HELD_BYTES) != 0 && !holdsTooMuch()) {
      resume(BY_HELD_BYTES);
    }
  }

  private void pause(int reason) {
    if (reasons == 0) {
      channel.config().setAutoRead(false);
    }
    reasons |= reason;
  }

  private void resume(int reason) {
    if ((reasons & reason) != 0) {
      reasons &= ~reason;
      if (reasons == 0) {
        channel.config().setAutoRead(true);
      }
    }
  }

  private boolean holdsTooMuch() {
    return held.get() >= limits.heldBytes() / HELD_SHARE || allHeld.isFull();
  }

  /**
   * Others may be what fills the memory, so this connection isn't told when there is room again.
   */
  private void recheckHeldSoon() {
    recheckingHeld = true;
    channel.eventLoop().schedule(this::recheckHeld, HELD_RECHECK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void recheckHeld() {
    recheckingHeld = false;
    if ((reasons & BY_HELD_BYTES) != 0 && channel.isActive()) {
      if (holdsTooMuch()) {
        recheckHeldSoon();
      } else {
        resume(BY_HELD_BYTES);
      }
    }
  }
}
