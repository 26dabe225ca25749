package io.sampo.storage.index;

import io.sampo.storage.log.QueueView.EntryVisitor;
import org.jspecify.annotations.Nullable;

/** The index of a segment that was just sealed, still in memory until its file is durable. */
final class FrozenIndex implements SegmentIndex {
  private final long[] nextOffsets;
  private final long[] lastStoreTimestampsMs;
  private final @Nullable QueueRun[] runs;

  /** Takes over the arrays, one element per queue; a queue without records here has no run. */
  FrozenIndex(long[] nextOffsets, long[] lastStoreTimestampsMs, @Nullable QueueRun[] runs) {
    this.nextOffsets = nextOffsets;
    this.lastStoreTimestampsMs = lastStoreTimestampsMs;
    this.runs = runs;
  }

  @Override
  public int queueCount() {
    return nextOffsets.length;
  }

  @Override
  public long firstOffset(int queue) {
    QueueRun run = run(queue);
    return run == null ? nextOffset(queue) : run.firstOffset();
  }

  @Override
  public long nextOffset(int queue) {
    return queue < nextOffsets.length ? nextOffsets[queue] : 0;
  }

  @Override
  public long lastStoreTimestampMs(int queue) {
    return queue < nextOffsets.length ? lastStoreTimestampsMs[queue] : 0;
  }

  @Override
  public long position(int queue, long offset) {
    return present(queue).position(offset);
  }

  @Override
  public long scan(int queue, long from, long end, EntryVisitor visitor) {
    return present(queue).scan(from, end, visitor);
  }

  /** The queue's entries, null when it has none in this segment. */
  @Nullable QueueRun run(int queue) {
    return queue < runs.length ? runs[queue] : null;
  }

  private QueueRun present(int queue) {
    QueueRun run = run(queue);
    if (run == null) {
      throw new IllegalArgumentException("queue number " + queue + " has no record here");
    }
    return run;
  }
}
