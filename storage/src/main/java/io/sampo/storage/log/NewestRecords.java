package io.sampo.storage.log;

import io.sampo.record.MessageRecord;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The newest records of a log, within four limits; whichever is reached last counts. The segments
 * are walked from header to header twice: to find out how many records they hold, and then to read
 * those that are wanted. One thread may read while another writes the log.
 *
 * @param records at most so many
 * @param bytes none that starts further than this from the end
 * @param sinceMs none stored before, by its batch; milliseconds since the epoch
 * @param from none below; where a batch starts, or has to start once it is written
 */
public record NewestRecords(int records, long bytes, long sinceMs, long from) {

  /**
   * @param segments oldest first, without gaps
   * @param end up to where batches are closed
   */
  void read(LogSegment[] segments, long end, LogReader.RecordVisitor visitor) {
    int first = segments.length;
    long found = 0;
    boolean enough = false;
    while (first > 0 && !enough) {
      Count count = count(segments[first - 1], end);
      if (count == null) {
        break;
      }
      first--;
      found += count.records;
      enough =
          found >= records
              || end - segments[first].basePosition() >= bytes
              || segments[first].basePosition() <= from
              || count.oldestMs < sinceMs;
    }
    Visit visit = new Visit(Math.max(0, found - records), end - bytes, sinceMs, visitor);
    for (int i = first; i < segments.length; i++) {
      walk(segments[i], end, visit);
    }
  }

  /** Null when the segment is gone. */
  private @Nullable Count count(LogSegment segment, long end) {
    Count count = new Count();
    return walk(segment, end, count) ? count : null;
  }

  /** False when the segment is gone. */
  private boolean walk(LogSegment segment, long end, BatchVisitor visitor) {
    if (!segment.tryHold()) {
      return false;
    }
    try {
      ByteBuffer bytes = segment.view();
      long base = segment.basePosition();
      int stop = (int) Math.min(segment.lengthBytes(), end - base);
      int at = (int) Math.min(stop, Math.max(0, from - base));
      while (at < stop && BatchFrame.kind(bytes, at) != BatchFrame.KIND_SEGMENT_END) {
        if (BatchFrame.count(bytes, at) > 0) {
          visitor.batch(bytes, at, base);
        }
        at = BatchFrame.align(at + BatchFrame.length(bytes, at));
      }
      return true;
    } finally {
      segment.release();
    }
  }

  /** Told of every batch that has records. */
  private interface BatchVisitor {
    void batch(ByteBuffer bytes, int at, long base);
  }

  private static long storedMs(ByteBuffer bytes, int batchAt) {
    return MessageRecord.storeTimestamp(bytes, batchAt + BatchFrame.HEADER_BYTES);
  }

  private static final class Count implements BatchVisitor {
    long records;
    long oldestMs = Long.MAX_VALUE;

    @Override
    public void batch(ByteBuffer bytes, int at, long base) {
      if (records == 0) {
        oldestMs = storedMs(bytes, at);
      }
      records += BatchFrame.count(bytes, at);
    }
  }

  private static final class Visit implements BatchVisitor {
    private final long from;
    private final long sinceMs;
    private final LogReader.RecordVisitor visitor;
    private long skip;

    Visit(long skip, long from, long sinceMs, LogReader.RecordVisitor visitor) {
      this.skip = skip;
      this.from = from;
      this.sinceMs = sinceMs;
      this.visitor = visitor;
    }

    @Override
    public void batch(ByteBuffer bytes, int batchAt, long base) {
      int count = BatchFrame.count(bytes, batchAt);
      if (skip >= count) {
        skip -= count;
        return;
      }
      if (base + batchAt < from || storedMs(bytes, batchAt) < sinceMs) {
        skip = 0;
        return;
      }
      int at = batchAt + BatchFrame.HEADER_BYTES;
      for (int i = 0; i < count; i++) {
        if (i >= skip) {
          visitor.visit(bytes, at, base + at);
        }
        at += MessageRecord.totalSize(bytes, at);
      }
      skip = 0;
    }
  }
}
