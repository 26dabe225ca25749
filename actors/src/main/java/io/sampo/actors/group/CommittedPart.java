package io.sampo.actors.group;

import io.sampo.actors.group.Queue.Bounds;
import io.sampo.actors.group.Queue.Found;
import io.sampo.actors.group.Queue.NothingMatched;
import io.sampo.actors.group.Queue.NothingNew;
import io.sampo.actors.group.Queue.OffsetMoved;
import io.sampo.actors.group.Queue.PullReply;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import io.sampo.storage.log.QueueView;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What readers of one queue may see: its entries below the committed offset. Answers by what is
 * there now and waits for nothing. Belongs to the queue's actor, which alone uses it.
 *
 * <p>Always holds: nobody is shown an offset at or beyond the committed one.
 */
final class CommittedPart {
  private final QueueView view;
  private final LogReader log;
  private final QueueGate gate;
  private final PullScan scan;

  /** When the record at this offset was stored, so that it is read only once. */
  private long oldestOffset = -1;

  private long oldestStoreTimestampMs = -1;

  /**
   * @param gate knows how far the queue is committed
   * @param scanEntriesMax how many entries one pull may look at
   */
  CommittedPart(QueueKey key, LogReader log, QueueGate gate, int scanEntriesMax) {
    this.view = log.queue(key);
    this.log = log;
    this.gate = gate;
    this.scan = new PullScan(log, scanEntriesMax);
  }

  /**
   * What there is for a pull that just came; null when nothing is that matches, which may be
   * because there is nothing at its offset yet.
   *
   * @param endOffset how far it is looked at, a committed offset
   */
  @Nullable PullReply read(Queue.Pull pull, long endOffset) {
    long minOffset = view.firstOffset();
    if (pull.offset() < minOffset) {
      return new OffsetMoved(minOffset, minOffset, endOffset);
    }
    if (pull.offset() > endOffset) {
      return new OffsetMoved(endOffset, minOffset, endOffset);
    }
    return look(pull, pull.offset(), endOffset);
  }

  /** The same for a part of the queue; null when nothing in it matches. */
  @Nullable PullReply look(Queue.Pull pull, long from, long endOffset) {
    if (from == endOffset) {
      return null;
    }
    long reached = scan.run(view, from, endOffset, pull.limits(), pull.filter());
    long minOffset = view.firstOffset();
    if (scan.messages() > 0) {
      return new Found(scan.takeSlices(), scan.messages(), reached, minOffset, endOffset);
    }
    if (reached == endOffset) {
      return null;
    }
    if (reached > from) { // looked at as much as one pull may
      return new NothingMatched(reached, minOffset, endOffset);
    }
    if (minOffset > from) { // retention was faster
      return new OffsetMoved(minOffset, minOffset, endOffset);
    }
    throw new IllegalStateException(
        "no index entry at offset " + from + " of " + minOffset + " to " + endOffset);
  }

  /**
   * The answer to a pull that got nothing.
   *
   * @param reached the offset below which nothing matched
   */
  PullReply nothingFor(Queue.Pull pull, long reached) {
    long minOffset = view.firstOffset();
    long maxOffset = gate.committedOffset();
    return reached > pull.offset()
        ? new NothingMatched(reached, minOffset, maxOffset)
        : new NothingNew(reached, minOffset, maxOffset);
  }

  Queue.ReadAtReply readAt(Queue.ReadAt wanted) {
    return RecordsAt.read(log, view, wanted.offsets(), gate.committedOffset(), wanted.bytesMax());
  }

  Bounds bounds() {
    long minOffset = view.firstOffset();
    long maxOffset = gate.committedOffset();
    return new Bounds(minOffset, maxOffset, oldestStoreTimestampMs(minOffset));
  }

  private long oldestStoreTimestampMs(long minOffset) {
    if (minOffset != oldestOffset || oldestStoreTimestampMs < 0) {
      oldestOffset = minOffset;
      oldestStoreTimestampMs = -1;
      view.scan(minOffset, gate.committedOffset(), this::rememberStoreTimestamp);
    }
    return oldestStoreTimestampMs;
  }

  private boolean rememberStoreTimestamp(long offset, long position, int sizeBytes, int tagHash) {
    if (offset > oldestOffset) {
      return false;
    }
    try (LogSlice slice = log.slice(position, sizeBytes)) {
      if (slice != null) {
        ByteBuffer bytes = slice.bytes();
        oldestStoreTimestampMs = MessageRecord.storeTimestamp(bytes, bytes.position());
      }
    }
    return true;
  }

  /** The first offset stored at or after a time; with {@code upper} the last at or before it. */
  long search(long timestampMs, boolean upper) {
    long maxOffset = gate.committedOffset();
    if (!upper) {
      return view.offsetAtOrAfter(timestampMs, maxOffset);
    }
    long after =
        timestampMs == Long.MAX_VALUE
            ? maxOffset
            : view.offsetAtOrAfter(timestampMs + 1, maxOffset);
    return Math.max(view.firstOffset(), after - 1);
  }
}
