package io.sampo.storage.index;

import io.sampo.storage.log.QueueView.EntryVisitor;
import org.jspecify.annotations.Nullable;

/**
 * Takes a log's queues back to what they were at a position: what the segments before say, and of
 * the segment that the position lies in the entries below it. The log's writer only.
 */
final class IndexCut {
  private final LogIndex index;
  private final @Nullable SegmentIndex before;
  private final @Nullable SegmentIndex sealed;
  private final long position;
  private final long segmentBase;

  /**
   * @param before of the segment before, null when there is none
   * @param sealed of the segment that the position lies in, null while it is the active one
   */
  IndexCut(
      LogIndex index,
      @Nullable SegmentIndex before,
      @Nullable SegmentIndex sealed,
      long position,
      long segmentBase) {
    this.index = index;
    this.before = before;
    this.sealed = sealed;
    this.position = position;
    this.segmentBase = segmentBase;
  }

  /** Takes a queue back; false when nothing is left of it, and it wasn't changed. */
  boolean leaves(IndexedQueue queue) {
    int number = queue.number();
    QueueRun left = entriesBelow(queue, number);
    if (left != null) {
      long lastAt = left.position(left.nextOffset() - 1);
      left.lastStoreTimestampMs(index.storeTimestampMs(lastAt));
      queue.cutTo(left, left.nextOffset(), left.lastStoreTimestampMs());
      return true;
    }
    if (before != null && number < before.queueCount()) {
      queue.cutTo(null, before.nextOffset(number), before.lastStoreTimestampMs(number));
      return true;
    }
    return false;
  }

  private @Nullable QueueRun entriesBelow(IndexedQueue queue, int number) {
    QueueRun run = queue.run();
    if (sealed == null) {
      return run == null ? null : collect(run.firstOffset(), run::scan, run.nextOffset());
    }
    if (number >= sealed.queueCount() || sealed.firstOffset(number) == sealed.nextOffset(number)) {
      return null;
    }
    return collect(
        sealed.firstOffset(number),
        (from, end, visitor) -> sealed.scan(number, from, end, visitor),
        sealed.nextOffset(number));
  }

  private @Nullable QueueRun collect(long firstOffset, Entries entries, long end) {
    QueueRun left = new QueueRun(segmentBase, firstOffset);
    entries.scan(
        firstOffset,
        end,
        (offset, at, sizeBytes, tagHash) -> {
          boolean below = at < position;
          if (below) {
            left.add((int) (at - segmentBase), sizeBytes, tagHash, 0);
          }
          return below;
        });
    left.publish();
    return left.count() == 0 ? null : left;
  }

  /** A way to walk the entries of a queue in a segment. */
  @FunctionalInterface
  private interface Entries {
    long scan(long from, long end, EntryVisitor visitor);
  }
}
