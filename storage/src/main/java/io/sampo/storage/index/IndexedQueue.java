package io.sampo.storage.index;

import io.sampo.record.QueueKey;
import io.sampo.storage.log.QueueView;
import org.jspecify.annotations.Nullable;

/**
 * One queue over all segments of the log. The log's writer adds entries; any thread reads, without
 * a lock, what the last closed batch published.
 *
 * <p>The queue itself holds its run in the active segment only; older ones are found through the
 * indexes of the sealed segments, so that a queue costs the same however long the log is.
 */
public final class IndexedQueue implements QueueView {
  private final QueueKey key;
  private final LogIndex index;

  /** Changes only when the log was cut in front of the queue's first record and it begins anew. */
  private volatile int number;

  private volatile @Nullable QueueRun run;
  private volatile long publishedNext;

  // Writer only.
  private long nextOffset;
  private long lastStoreTimestampMs;
  private boolean touched;

  IndexedQueue(QueueKey key, int number, LogIndex index) {
    this.key = key;
    this.number = number;
    this.index = index;
  }

  /** Recovery: goes on where the sealed segments ended. */
  void continueAt(long offset, long storeTimestampMs) {
    nextOffset = offset;
    publishedNext = offset;
    lastStoreTimestampMs = storeTimestampMs;
  }

  /** Writer: the log doesn't know what was before it; the queue's first record has this offset. */
  void beginAt(long offset) {
    nextOffset = offset;
  }

  /**
   * Writer: the log was cut, and this is left.
   *
   * @param left in the segment that is active now; null when it has no record there
   */
  void cutTo(@Nullable QueueRun left, long offset, long storeTimestampMs) {
    run = left;
    continueAt(offset, storeTimestampMs);
  }

  /** Writer: the log was cut in front of the queue's first record. */
  void forget() {
    cutTo(null, 0, 0);
    touched = false;
  }

  /** Writer: a queue that was forgotten gets a record. */
  void beginAnew(int newNumber) {
    number = newNumber;
  }

  QueueKey key() {
    return key;
  }

  int number() {
    return number;
  }

  /** Writer: the offset of the next record, counting the open batch. */
  public long offsetToAppend() {
    return nextOffset;
  }

  /** Writer: the latest store time of the queue. */
  public long lastStoreTimestampMs() {
    return lastStoreTimestampMs;
  }

  /** Writer: the run in the active segment. */
  @Nullable QueueRun run() {
    return run;
  }

  /** Writer: adds an entry of the open batch; true when it is the queue's first in the batch. */
  boolean add(
      long segmentBase, int positionInSegment, int sizeBytes, int tagHash, long timestampMs) {
    QueueRun current = run;
    if (current == null) {
      current = new QueueRun(segmentBase, nextOffset);
      run = current;
    }
    current.add(positionInSegment, sizeBytes, tagHash, timestampMs);
    lastStoreTimestampMs = timestampMs;
    nextOffset++;
    boolean first = !touched;
    touched = true;
    return first;
  }

  /** Writer: the batch is closed. */
  void publish() {
    QueueRun current = run;
    if (current != null) {
      current.publish();
    }
    publishedNext = nextOffset;
    touched = false;
  }

  /** Writer: the segment is sealed and its index can be found by readers. */
  void detachRun() {
    run = null;
  }

  @Override
  public long firstOffset() {
    SealedIndex first = firstThatKnows();
    if (first != null) {
      return first.firstOffset(number);
    }
    QueueRun current = run;
    if (current != null) {
      return current.firstOffset();
    }
    // Either there is no record at all, or the first segment was sealed since we looked.
    first = firstThatKnows();
    return first != null ? first.firstOffset(number) : publishedNext;
  }

  /**
   * The sealed segment that tells the queue's first offset: the oldest, for which a queue that came
   * later begins at 0; of a log that has lost its beginning the oldest at whose end it existed.
   */
  private @Nullable SealedIndex firstThatKnows() {
    SealedIndex[] sealed = index.sealed().all();
    if (!index.sealed().beginsLate()) {
      return sealed.length == 0 ? null : sealed[0];
    }
    int low = 0;
    int high = sealed.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sealed[middle].queueCount() <= number) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < sealed.length ? sealed[low] : null;
  }

  @Override
  public long nextOffset() {
    return publishedNext;
  }

  @Override
  public long scan(long fromOffset, long endOffset, EntryVisitor visitor) {
    long end = Math.min(endOffset, publishedNext);
    long offset = fromOffset;
    int cuts = index.sealed().cuts();
    while (offset < end) {
      long after;
      QueueRun current = run;
      if (current != null && offset >= current.firstOffset()) {
        after = current.scan(offset, end, visitor);
        if (after < Math.min(end, current.nextOffset())) {
          return after; // the visitor has enough
        }
      } else {
        // Read after the run: what isn't in the run any more is in a sealed index by now.
        SegmentIndex segment = segmentOf(offset);
        if (segment == null) {
          int now = index.sealed().cuts();
          if (now == cuts) {
            return offset; // dropped with its segment
          }
          cuts =
              now; // a cut made a sealed segment the active one again since we looked for the run
          continue;
        }
        after = segment.scan(number, offset, end, visitor);
        if (after < Math.min(end, segment.nextOffset(number))) {
          return after;
        }
      }
      offset = after;
    }
    return Math.max(offset, fromOffset);
  }

  @Override
  public long offsetAtOrAfter(long timestampMs, long endOffset) {
    long end = Math.min(endOffset, publishedNext);
    long low = Math.min(firstOffset(), end);
    long high = end;
    // The segment first, by what its index says, so that records of one segment only are touched.
    SealedIndex[] sealed = index.sealed().all();
    int segment = firstReaching(sealed, timestampMs);
    if (segment > 0) {
      low = Math.max(low, sealed[segment - 1].nextOffset(number));
    }
    if (segment < sealed.length) {
      high = Math.min(high, sealed[segment].nextOffset(number));
    }
    while (low < high) {
      long middle = (low + high) >>> 1;
      long at = position(middle);
      if (at == SegmentIndex.NO_POSITION || index.storeTimestampMs(at) < timestampMs) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < end ? low : endOffset;
  }

  /** The first sealed segment by whose end the queue had a record of this time or later. */
  private int firstReaching(SealedIndex[] sealed, long timestampMs) {
    int low = 0;
    int high = sealed.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sealed[middle].lastStoreTimestampMs(number) < timestampMs) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** {@link SegmentIndex#NO_POSITION} when it was dropped since somebody looked. */
  private long position(long offset) {
    QueueRun current = run;
    if (current != null && offset >= current.firstOffset()) {
      return current.position(offset);
    }
    SegmentIndex segment = segmentOf(offset);
    return segment == null ? SegmentIndex.NO_POSITION : segment.position(number, offset);
  }

  /** The sealed segment that holds the record of an offset; null when it is gone. */
  private @Nullable SegmentIndex segmentOf(long offset) {
    SealedIndex[] sealed = index.sealed().all();
    int low = 0;
    int high = sealed.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sealed[middle].nextOffset(number) <= offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < sealed.length && sealed[low].firstOffset(number) <= offset ? sealed[low] : null;
  }
}
