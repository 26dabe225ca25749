package io.sampo.storage.index;

import io.sampo.storage.log.QueueView.EntryVisitor;
import java.util.Arrays;

/**
 * The entries of one queue in one segment, in memory: what the log appended to the queue while the
 * segment was the active one. One writer adds; any thread reads what was {@link #publish}ed,
 * without a lock.
 *
 * <p>An entry takes 12 bytes (position within the segment, size, tag hash). The first chunk starts
 * small and doubles, so that many nearly empty queues cost little; from then on chunks of {@value
 * #CHUNK_ENTRIES} entries are added and nothing is copied any more.
 */
public final class QueueRun {
  private static final int CHUNK_BITS = 10;
  private static final int CHUNK_ENTRIES = 1 << CHUNK_BITS;
  private static final int FIRST_CHUNK_ENTRIES = 4;
  private static final int ENTRY_INTS = 3;

  private final long segmentBase;
  private final long firstOffset;

  // Replaced when the first chunk or the outer array grows; what a reader finds in either version
  // below its published count is the same.
  private volatile int[][] chunks = {new int[FIRST_CHUNK_ENTRIES * ENTRY_INTS]};
  private volatile int published;

  private int added; // writer only
  private long lastStoreTimestampMs; // writer only until the segment is sealed

  QueueRun(long segmentBase, long firstOffset) {
    this.segmentBase = segmentBase;
    this.firstOffset = firstOffset;
  }

  void add(int positionInSegment, int sizeBytes, int tagHash, long storeTimestampMs) {
    int[] chunk = chunkFor(added);
    int at = (added & (CHUNK_ENTRIES - 1)) * ENTRY_INTS;
    chunk[at] = positionInSegment;
    chunk[at + 1] = sizeBytes;
    chunk[at + 2] = tagHash;
    lastStoreTimestampMs = storeTimestampMs;
    added++;
  }

  private int[] chunkFor(int entry) {
    int[][] now = chunks;
    int index = entry >>> CHUNK_BITS;
    int within = (entry & (CHUNK_ENTRIES - 1)) * ENTRY_INTS;
    if (index == 0) {
      if (within == now[0].length) {
        int[][] grown = {Arrays.copyOf(now[0], Math.min(2 * within, CHUNK_ENTRIES * ENTRY_INTS))};
        chunks = grown;
        return grown[0];
      }
      return now[0];
    }
    if (within == 0) {
      if (index == now.length) {
        now = Arrays.copyOf(now, 2 * index);
      }
      now[index] = new int[CHUNK_ENTRIES * ENTRY_INTS];
      chunks = now;
    }
    return now[index];
  }

  /** Shows readers all that was added. */
  void publish() {
    published = added;
  }

  long firstOffset() {
    return firstOffset;
  }

  long nextOffset() {
    return firstOffset + published;
  }

  int count() {
    return published;
  }

  /** Writer: says the store time of the last entry, which was added without. */
  void lastStoreTimestampMs(long timestampMs) {
    lastStoreTimestampMs = timestampMs;
  }

  /** The store time of the last entry; meant for sealed runs. */
  long lastStoreTimestampMs() {
    return lastStoreTimestampMs;
  }

  /** The log position of the entry of an offset, which must be in the run. */
  long position(long offset) {
    int entry = (int) (offset - firstOffset);
    return segmentBase + chunks[entry >>> CHUNK_BITS][(entry & (CHUNK_ENTRIES - 1)) * ENTRY_INTS];
  }

  /** One number of an entry: 0 its position within the segment, 1 its size, 2 its tag hash. */
  int field(int entry, int field) {
    return chunks[entry >>> CHUNK_BITS][(entry & (CHUNK_ENTRIES - 1)) * ENTRY_INTS + field];
  }

  /**
   * Walks published entries.
   *
   * @param from within the run
   * @return the offset after the last one visited
   */
  long scan(long from, long end, EntryVisitor visitor) {
    long last = Math.min(end, nextOffset());
    int[][] entries = chunks;
    long offset = from;
    while (offset < last) {
      int entry = (int) (offset - firstOffset);
      int[] chunk = entries[entry >>> CHUNK_BITS];
      int at = (entry & (CHUNK_ENTRIES - 1)) * ENTRY_INTS;
      if (!visitor.visit(offset, segmentBase + chunk[at], chunk[at + 1], chunk[at + 2])) {
        break;
      }
      offset++;
    }
    return offset;
  }
}
