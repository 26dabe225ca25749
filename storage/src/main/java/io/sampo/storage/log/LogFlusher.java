package io.sampo.storage.log;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes closed batches durable, each byte once. The writer and one flusher thread may both ask; one
 * of them flushes while the other waits. The first failure is final: the kernel may have dropped
 * the pages, so that a second try would report as durable what is lost.
 */
final class LogFlusher {
  private final SegmentList segments;
  private final SegmentDisk disk;
  private final LongConsumer onFlushed;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile long flushedPosition;
  private volatile @Nullable LogFailedException failure;

  /**
   * @param flushedPosition up to where the log is already on disk
   * @param onFlushed told the new flushed position, on the thread that flushed
   */
  LogFlusher(SegmentList segments, SegmentDisk disk, long flushedPosition, LongConsumer onFlushed) {
    this.segments = segments;
    this.disk = disk;
    this.flushedPosition = flushedPosition;
    this.onFlushed = onFlushed;
  }

  long flushedPosition() {
    return flushedPosition;
  }

  /** Throws when an earlier flush failed. */
  void requireUsable() throws LogFailedException {
    LogFailedException first = failure;
    if (first != null) {
      throw new LogFailedException("the log failed earlier: " + first.getMessage(), first);
    }
  }

  /** Changes the log's files behind its back. */
  @FunctionalInterface
  interface Change {
    void run() throws IOException;
  }

  /**
   * Writer: takes back the end of the log while nobody flushes. A failure is final.
   *
   * @param end where the log ends afterwards; what is durable below it stays so
   */
  void takeBack(long end, Change change) throws LogFailedException {
    lock.lock();
    try {
      requireUsable();
      flushedPosition = Math.min(flushedPosition, end);
      change.run();
    } catch (IOException | RuntimeException e) {
      LogFailedException failed =
          new LogFailedException("taking back the log to " + end + " failed", e);
      if (failure == null) {
        failure = failed;
      }
      throw failed;
    } finally {
      lock.unlock();
    }
  }

  /** Writer, within a change: the log begins anew at a position. */
  void beginAt(long position) {
    flushedPosition = position;
  }

  /**
   * Flushes up to a position.
   *
   * @param writtenEnd where the closed batches end
   */
  void flushTo(long writtenEnd) throws LogFailedException {
    lock.lock();
    try {
      requireUsable();
      long from = flushedPosition;
      if (from >= writtenEnd) {
        return;
      }
      while (from < writtenEnd) {
        LogSegment segment = segments.at(from);
        if (segment == null) {
          throw new IllegalStateException("no segment holds position " + from);
        }
        long to = Math.min(writtenEnd, segment.endPosition());
        long base = segment.basePosition();
        segment.force((int) (from - base), (int) (to - base), disk);
        from = to;
      }
      flushedPosition = from;
      onFlushed.accept(from);
    } catch (LogFailedException e) {
      if (failure == null) {
        failure = e;
      }
      throw e;
    } finally {
      lock.unlock();
    }
  }
}
