package io.sampo.storage.index;

import io.sampo.record.QueueKey;
import io.sampo.storage.log.QueueView.EntryVisitor;
import io.sampo.storage.recovery.LogMarks;
import org.jspecify.annotations.Nullable;

/**
 * The index of a sealed segment in memory: until its file is durable, and what that file is written
 * from. Never changes, apart from runs that are no longer added to.
 */
public final class FrozenIndex implements SegmentIndex {
  private final QueueKey[] keys;
  private final long[] nextOffsets;
  private final long[] lastStoreTimestampsMs;
  private final @Nullable QueueRun[] runs;
  private final LogMarks marks;

  /**
   * Takes over the arrays, which have one element per queue.
   *
   * @param runs null for a queue without a record in the segment
   * @param marks those of the log up to the segment's end
   */
  FrozenIndex(
      QueueKey[] keys,
      long[] nextOffsets,
      long[] lastStoreTimestampsMs,
      @Nullable QueueRun[] runs,
      LogMarks marks) {
    this.keys = keys;
    this.nextOffsets = nextOffsets;
    this.lastStoreTimestampsMs = lastStoreTimestampsMs;
    this.runs = runs;
    this.marks = marks;
  }

  @Override
  public int queueCount() {
    return keys.length;
  }

  @Override
  public long firstOffset(int queue) {
    return queue < keys.length ? nextOffsets[queue] - count(queue) : 0;
  }

  @Override
  public long nextOffset(int queue) {
    return queue < keys.length ? nextOffsets[queue] : 0;
  }

  @Override
  public long lastStoreTimestampMs(int queue) {
    return queue < keys.length ? lastStoreTimestampsMs[queue] : 0;
  }

  @Override
  public long position(int queue, long offset) {
    return present(queue).position(offset);
  }

  @Override
  public long scan(int queue, long from, long end, EntryVisitor visitor) {
    return present(queue).scan(from, end, visitor);
  }

  QueueKey key(int queue) {
    return keys[queue];
  }

  /** The queue's entries, null when it has none in this segment. */
  @Nullable QueueRun run(int queue) {
    return runs[queue];
  }

  int count(int queue) {
    QueueRun run = runs[queue];
    return run == null ? 0 : run.count();
  }

  LogMarks marks() {
    return marks;
  }

  private QueueRun present(int queue) {
    QueueRun run = runs[queue];
    if (run == null) {
      throw new IllegalArgumentException(keys[queue] + " has no record in this segment");
    }
    return run;
  }
}
