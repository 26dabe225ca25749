package io.sampo.actors.group;

import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import io.sampo.storage.log.QueueView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Collects the records at certain offsets of a queue, each as a slice of its own. Used once, on the
 * queue's thread.
 */
final class RecordsAt implements QueueView.EntryVisitor {
  private final LogReader log;
  private final List<LogSlice> slices = new ArrayList<>();
  private final long[] found;
  private int lookedAt;
  private long bytes;

  private RecordsAt(LogReader log, int offsets) {
    this.log = log;
    this.found = new long[offsets];
  }

  /**
   * Reads records.
   *
   * @param offsets ascending; those outside of the queue, and those whose segment is gone, are left
   *     out
   * @param endOffset how far the queue may be read
   * @param bytesMax where to stop, though not before the first record
   */
  static Queue.ReadAtReply read(
      LogReader log, QueueView view, long[] offsets, long endOffset, int bytesMax) {
    RecordsAt records = new RecordsAt(log, offsets.length);
    boolean done = false;
    try {
      for (long offset : offsets) {
        if (records.bytes >= bytesMax) {
          break;
        }
        records.lookedAt++;
        if (offset >= view.firstOffset() && offset < endOffset) {
          view.scan(offset, offset + 1, records);
        }
      }
      done = true;
    } finally {
      if (!done) {
        records.slices.forEach(LogSlice::close);
      }
    }
    return new Queue.ReadAtFound(
        records.slices, Arrays.copyOf(records.found, records.slices.size()), records.lookedAt);
  }

  @Override
  public boolean visit(long queueOffset, long position, int sizeBytes, int tagHash) {
    LogSlice slice = log.slice(position, sizeBytes);
    if (slice != null) {
      found[slices.size()] = queueOffset;
      slices.add(slice);
      bytes += sizeBytes;
    }
    return true;
  }
}
