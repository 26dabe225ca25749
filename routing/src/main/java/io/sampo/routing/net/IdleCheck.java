package io.sampo.routing.net;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection over which nothing goes for too long. What leaves is activity, too: a client
 * may need longer for an answer than a connection may be idle. Event loop only.
 */
final class IdleCheck implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(IdleCheck.class);

  private final Channel channel;
  private final long idleNanos;
  private final LongSupplier nanoClock;
  private final LongSupplier bytesLeft;
  private long activeNanos;
  private long bytesLeftThen;

  /**
   * @param bytesLeft how much the client hasn't taken yet; less than before means that it does
   */
  IdleCheck(Channel channel, Duration idle, LongSupplier nanoClock, LongSupplier bytesLeft) {
    this.channel = channel;
    this.idleNanos = idle.toNanos();
    this.nanoClock = nanoClock;
    this.bytesLeft = bytesLeft;
  }

  /** Checks from now on, until the connection is closed. */
  void start() {
    active();
    schedule(idleNanos);
  }

  /** Something was received, or is on its way out. */
  void active() {
    activeNanos = nanoClock.getAsLong();
    bytesLeftThen = bytesLeft.getAsLong();
  }

  @Override
  public void run() {
    if (!channel.isActive()) {
      return;
    }
    if (bytesLeft.getAsLong() < bytesLeftThen) {
      active();
    }
    long left = idleNanos - (nanoClock.getAsLong() - activeNanos);
    if (left <= 0) {
      LOG.debug("{}: closed, idle", channel);
      channel.close();
    } else {
      schedule(left);
    }
  }

  private void schedule(long delayNanos) {
    channel.eventLoop().schedule(this, delayNanos, TimeUnit.NANOSECONDS);
  }
}
