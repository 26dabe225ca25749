package io.sampo.storage.index;

import io.sampo.record.QueueKey;
import io.sampo.storage.recovery.LogMarks;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects the entries of one sealed segment whose index file was lost, while the log goes on. The
 * queues' numbers are known to the log; what the queues without a record in the segment had reached
 * is in the index of the segment before it. One thread.
 */
public final class RunCollector {
  private final LogIndex index;
  private final long segmentBase;
  private final @Nullable SegmentIndex before;
  private final Map<Integer, QueueRun> runs = new HashMap<>();
  private int queueCount;

  /**
   * @param segmentBase where the segment starts
   */
  public RunCollector(LogIndex index, long segmentBase) {
    this.index = index;
    this.segmentBase = segmentBase;
    this.before = index.sealed().before(segmentBase);
    this.queueCount = before == null ? 0 : before.queueCount();
  }

  /**
   * Adds an entry, in the order of the log.
   *
   * @return false when the queue or the offset contradicts what the log knows
   */
  public boolean add(
      QueueKey key,
      long queueOffset,
      int positionInSegment,
      int sizeBytes,
      int tagHash,
      long timestampMs) {
    IndexedQueue queue = index.find(key);
    if (queue == null) {
      return false;
    }
    int number = queue.number();
    QueueRun run = runs.get(number);
    if (run == null) {
      SegmentIndex older = before;
      long first =
          older != null && number < older.queueCount() ? older.nextOffset(number) : queueOffset;
      run = new QueueRun(segmentBase, first);
      runs.put(number, run);
      queueCount = Math.max(queueCount, number + 1);
    }
    if (queueOffset != run.nextOffset()) {
      return false;
    }
    run.add(positionInSegment, sizeBytes, tagHash, timestampMs);
    run.publish();
    return true;
  }

  /** What was collected, once the whole segment was read. */
  public FrozenIndex freeze(LogMarks marks) {
    QueueKey[] keys = index.keys(queueCount);
    long[] nextOffsets = new long[queueCount];
    long[] lastTimes = new long[queueCount];
    @Nullable QueueRun[] ofQueues = new @Nullable QueueRun[queueCount];
    for (int queue = 0; queue < queueCount; queue++) {
      QueueRun run = runs.get(queue);
      if (run != null) {
        ofQueues[queue] = run;
        nextOffsets[queue] = run.nextOffset();
        lastTimes[queue] = run.lastStoreTimestampMs();
      } else if (before != null) {
        nextOffsets[queue] = before.nextOffset(queue);
        lastTimes[queue] = before.lastStoreTimestampMs(queue);
      }
    }
    return new FrozenIndex(keys, nextOffsets, lastTimes, ofQueues, marks);
  }
}
