package io.sampo.storage.index;

import io.sampo.record.QueueKey;
import io.sampo.storage.log.QueueView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the records of every queue of a log are: the runs of the active segment in memory, and one
 * {@link SegmentIndex} per sealed segment.
 *
 * <p>The log's writer adds entries, publishes them when their batch is closed and seals a segment's
 * entries when the segment is full; any thread reads. Queues are numbered in the order in which
 * they first appear in the log, so that a sealed segment's directory is an array.
 *
 * <p>Cost: about 200 bytes of heap per queue of the log plus 12 to 24 bytes per record of the
 * active segment (12 MB for a 1 GiB segment of 1 KB records), whatever the length of the log.
 * Sealing visits every queue once (about 2 ms for 100 000 of them). Finding an offset in an old
 * segment takes log2(segments) directory look-ups, 10 for 1 000 segments.
 */
public final class LogIndex {
  /** Reads the store time that the record at a log position carries. */
  @FunctionalInterface
  public interface StoreTimes {
    long storeTimestampMs(long position);
  }

  private final ConcurrentHashMap<QueueKey, IndexedQueue> queues = new ConcurrentHashMap<>();
  private volatile SegmentIndex[] sealed = {};
  private volatile StoreTimes storeTimes =
      position -> {
        throw new IllegalStateException("the log isn't open yet");
      };

  // Writer only.
  private final List<IndexedQueue> byNumber = new ArrayList<>();
  private IndexedQueue[] touched = new IndexedQueue[64];
  private int touchedCount;

  /** Where to read store times from. */
  public void readTimesFrom(StoreTimes source) {
    storeTimes = source;
  }

  /** Writer: the offset that the next record of a queue gets, counting the open batch. */
  public long offsetToAppend(QueueKey key) {
    IndexedQueue queue = queues.get(key);
    return queue == null ? 0 : queue.offsetToAppend();
  }

  /** Writer: adds the entry of a record of the open batch, at the queue's next offset. */
  public void add(
      QueueKey key,
      long segmentBase,
      int positionInSegment,
      int sizeBytes,
      int tagHash,
      long storeTimestampMs) {
    IndexedQueue known = queues.get(key);
    // Only a queue with a record gets a number: an index that is built anew from its segment must
    // come to the same numbers.
    IndexedQueue queue = known == null ? register(key) : known;
    if (queue.add(segmentBase, positionInSegment, sizeBytes, tagHash, storeTimestampMs)) {
      if (touchedCount == touched.length) {
        touched = Arrays.copyOf(touched, 2 * touchedCount);
      }
      touched[touchedCount++] = queue;
    }
  }

  private IndexedQueue register(QueueKey key) {
    IndexedQueue queue = new IndexedQueue(key, byNumber.size(), this);
    byNumber.add(queue);
    queues.put(key, queue);
    return queue;
  }

  /** Writer: the batch is closed, its entries may be seen. */
  public void publish() {
    for (int i = 0; i < touchedCount; i++) {
      touched[i].publish();
    }
    touchedCount = 0;
  }

  /** Writer: the active segment is full; what it holds becomes a sealed segment's index. */
  public void seal() {
    int count = byNumber.size();
    long[] nextOffsets = new long[count];
    long[] lastTimes = new long[count];
    @Nullable QueueRun[] runs = new @Nullable QueueRun[count];
    for (int i = 0; i < count; i++) {
      IndexedQueue queue = byNumber.get(i);
      nextOffsets[i] = queue.offsetToAppend();
      lastTimes[i] = queue.lastStoreTimestampMs();
      runs[i] = queue.run();
    }
    SegmentIndex[] longer = Arrays.copyOf(sealed, sealed.length + 1);
    longer[sealed.length] = new FrozenIndex(nextOffsets, lastTimes, runs);
    // Readers that miss the run look here, so this comes first.
    sealed = longer;
    for (int i = 0; i < count; i++) {
      if (runs[i] != null) {
        byNumber.get(i).detachRun();
      }
    }
  }

  /** The indexes of the sealed segments, oldest first; not to be changed. */
  SegmentIndex[] sealed() {
    return sealed;
  }

  long storeTimestampMs(long position) {
    return storeTimes.storeTimestampMs(position);
  }

  /** The view of a queue, which follows the queue once it comes to exist. */
  public QueueView queue(QueueKey key) {
    IndexedQueue queue = queues.get(key);
    return queue == null ? new UnseenQueue(key, this) : queue;
  }

  /** The queue, null when it has no record yet, not even in the open batch. */
  public @Nullable IndexedQueue find(QueueKey key) {
    return queues.get(key);
  }

  /** The queues that hold or held a record. */
  public Collection<QueueKey> queues() {
    List<QueueKey> keys = new ArrayList<>(queues.size());
    for (IndexedQueue queue : queues.values()) {
      if (queue.nextOffset() > 0) { // else its first batch is still open
        keys.add(queue.key());
      }
    }
    return keys;
  }
}
