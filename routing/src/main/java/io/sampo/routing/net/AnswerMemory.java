package io.sampo.routing.net;

import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory of answers that clients don't take, over all connections. Records of the node's own
 * log don't count, they are views of files; what another node answered and what was copied does.
 * When it is too much, the connection with the most is closed. Any thread.
 *
 * <p>Touched only by connections that could not write all they had.
 */
final class AnswerMemory {
  /** What one connection has of it. Changed on its event loop. */
  final class Share {
    private final Runnable close;
    private volatile long bytes;

    private Share(Runnable close) {
      this.close = close;
    }

    /** So much is not taken now; 0 once the connection is closed. */
    void set(long bytesNow) {
      long before = bytes;
      if (bytesNow == before) {
        return;
      }
      bytes = bytesNow;
      if (before == 0) {
        shares.add(this);
      } else if (bytesNow == 0) {
        shares.remove(this);
      }
      if (taken.addAndGet(bytesNow - before) > max && bytesNow > before) {
        closeLargest();
      }
    }
  }

  private final Set<Share> shares = ConcurrentHashMap.newKeySet();
  private final AtomicLong taken = new AtomicLong();
  private final long max;

  AnswerMemory(long max) {
    this.max = max;
  }

  /**
   * @param close closes the connection, from any thread
   */
  Share share(Runnable close) {
    return new Share(close);
  }

  long bytes() {
    return taken.get();
  }

  private void closeLargest() {
    shares.stream()
        .max(Comparator.comparingLong(share -> share.bytes))
        .ifPresent(largest -> largest.close.run());
  }
}
