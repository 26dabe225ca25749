package io.sampo.actors.group;

import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import io.sampo.storage.log.QueueView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects what one pull gets while it walks the index: records that lie next to each other in the
 * log become one slice. One instance per queue, reused for each of its pulls, on the queue's
 * thread.
 *
 * <p>Looks at no more entries than its limit, so that a filter which matches little can't keep the
 * queue busy. Records whose segment is gone are passed over as if they didn't match.
 */
final class PullScan implements QueueView.EntryVisitor {
  /** Reading a record takes about as long as looking at so many entries. */
  private static final int RECORD_READ_ENTRIES = 16;

  private final LogReader log;
  private final int entriesMax;

  private Queue.EntryFilter filter = Queue.EntryFilter.ALL;
  private int messagesMax;
  private int bytesMax;

  private List<LogSlice> slices = List.of();
  private int messages;
  private long bytes;
  private int entries;
  private long runPosition;
  private int runBytes;
  private int runMessages;

  PullScan(LogReader log, int entriesMax) {
    this.log = log;
    this.entriesMax = entriesMax;
  }

  /**
   * Walks a part of the queue. Afterwards either {@link #messages()} is 0, or the caller takes the
   * slices.
   *
   * @return the offset after the last entry looked at
   */
  long run(
      QueueView view, long offset, long endOffset, Queue.PullLimits limits, Queue.EntryFilter by) {
    filter = by;
    messagesMax = Math.max(1, limits.messages());
    bytesMax = limits.bytes();
    slices = List.of();
    messages = 0;
    bytes = 0;
    entries = 0;
    runBytes = 0;
    runMessages = 0;
    boolean done = false;
    try {
      long reached = view.scan(offset, endOffset, this);
      closeRun();
      done = true;
      return reached;
    } finally {
      if (!done) {
        slices.forEach(LogSlice::close);
      }
    }
  }

  @Override
  public boolean visit(long queueOffset, long position, int sizeBytes, int tagHash) {
    if (messages == messagesMax || entries >= entriesMax) {
      return false;
    }
    if (filter.matches(tagHash) && (!filter.readsRecords() || recordMatches(position, sizeBytes))) {
      if (messages > 0 && bytes + sizeBytes > bytesMax) {
        return false;
      }
      if (runMessages == 0 || position != runPosition + runBytes) {
        closeRun();
        runPosition = position;
      }
      runBytes += sizeBytes;
      runMessages++;
      messages++;
      bytes += sizeBytes;
    }
    entries += filter.readsRecords() ? RECORD_READ_ENTRIES : 1;
    return true;
  }

  private boolean recordMatches(long position, int sizeBytes) {
    try (LogSlice record = log.slice(position, sizeBytes)) {
      if (record == null) {
        return false; // its segment is gone
      }
      ByteBuffer bytes = record.bytes();
      return filter.matchesRecord(bytes, bytes.position());
    }
  }

  /** How many messages the slices hold. */
  int messages() {
    return messages;
  }

  /** The slices in order, at least one when there are messages; now the caller's to close. */
  List<LogSlice> takeSlices() {
    List<LogSlice> taken = slices;
    slices = List.of();
    return taken;
  }

  private void closeRun() {
    if (runMessages == 0) {
      return;
    }
    LogSlice slice = log.slice(runPosition, runBytes);
    if (slice == null) {
      messages -= runMessages;
      bytes -= runBytes;
    } else {
      if (slices.isEmpty()) {
        slices = new ArrayList<>(4);
      }
      slices.add(slice);
    }
    runBytes = 0;
    runMessages = 0;
  }
}
