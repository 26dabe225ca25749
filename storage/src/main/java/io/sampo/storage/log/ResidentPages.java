package io.sampo.storage.log;

import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the process small: gives up the mapped pages of a log that lie well behind its flushed end,
 * in turns, on the upkeep thread. The file's data stays in the system's page cache as long as there
 * is room, so a consumer that reads there finds it again at the price of a minor fault for some
 * pages at a time; but the pages no longer count as the process's own, whatever was written or read
 * since the start. Does nothing where the system can't be called.
 */
final class ResidentPages implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ResidentPages.class);

  /** Consumers that keep up read here. */
  private static final long KEPT_BYTES = 64L << 20;

  private final SegmentList segments;
  private final LongSupplier flushedPosition;

  ResidentPages(SegmentList segments, LongSupplier flushedPosition) {
    this.segments = segments;
    this.flushedPosition = flushedPosition;
  }

  @Override
  public void run() {
    try {
      long end = flushedPosition.getAsLong() - KEPT_BYTES;
      for (LogSegment segment : segments.all()) {
        if (segment.basePosition() >= end) {
          return;
        }
        if (segment.tryHold()) {
          try {
            segment.dropPages((int) Math.min(end - segment.basePosition(), segment.lengthBytes()));
          } finally {
            segment.release();
          }
        }
      }
    } catch (RuntimeException e) { // nobody looks at the task's future
      LOG.warn("mapped pages can't be given up; trying again", e);
    }
  }
}
