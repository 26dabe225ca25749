package io.sampo.storage.index;

import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogDirectory;
import io.sampo.storage.log.LogSegment;
import io.sampo.storage.log.QueueView;
import io.sampo.storage.recovery.EpochTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the records of every queue of a log are: the runs of the active segment in memory, and one
 * {@link SealedIndex} per sealed segment.
 *
 * <p>The log's writer adds entries, publishes them when their batch is closed and seals a segment's
 * entries when the segment is full; any thread reads. Queues are numbered in the order in which
 * they first appear in the log, so that a sealed segment's directory is an array.
 *
 * <p>Cost, whatever the length of the log: about 300 bytes of heap per queue, and 12 bytes per
 * record of the active segment (12 MB for 1 GiB of 1 KB records), twice that while the file of the
 * segment before is being written. Sealing visits every queue once, about 2 ms for 100 000 of them.
 * Finding an offset in a sealed segment takes log2(segments) directory look-ups, 10 for 1 000
 * segments, each in a mapped file of which at most {@value #OPEN_FILES_MAX} are open; opening one
 * reads all of it (12 MB in this example) to check it. A queue that reads at the end of the log
 * opens none.
 */
public final class LogIndex {
  private static final int OPEN_FILES_MAX = 64;

  /** What the index needs of the log it belongs to. */
  public interface Source extends IndexRebuild {
    /** Reads the store time that the record at a log position carries. */
    long storeTimestampMs(long position);
  }

  private final LogDirectory directory;
  private final Source source;
  private final OpenIndexes openIndexes = new OpenIndexes(OPEN_FILES_MAX);
  private final ConcurrentHashMap<QueueKey, IndexedQueue> queues = new ConcurrentHashMap<>();
  private volatile SealedIndex[] sealed = {};

  /** By number. Replaced when it grows; what it holds below {@link #queueCount} stays. */
  private volatile IndexedQueue[] byNumber = new IndexedQueue[64];

  // Writer only.
  private int queueCount;
  private IndexedQueue[] touched = new IndexedQueue[64];
  private int touchedCount;

  public LogIndex(LogDirectory directory, Source source) {
    this.directory = directory;
    this.source = source;
  }

  /**
   * Recovery: takes over from the newest sealed segment whose index file is whole what every queue
   * and every epoch had come to by its end. The files before it are looked at when they are needed.
   *
   * @param segments of the log, oldest first
   * @param epochs filled in
   * @return how many segments, from the oldest on, are indexed by that
   */
  public int restore(List<LogSegment> segments, EpochTable epochs) throws IOException {
    for (int newest = segments.size() - 1; newest >= 0; newest--) {
      IndexFile file = fileOf(segments.get(newest));
      MappedIndex found = file.exists() ? file.map() : null;
      if (found != null) {
        found.forEachQueue(
            (key, number) ->
                register(key)
                    .continueAt(found.nextOffset(number), found.lastStoreTimestampMs(number)));
        for (int i = 0; i < found.epochCount(); i++) {
          epochs.begin(found.epoch(i), found.epochStart(i));
        }
        SealedIndex[] restored = new SealedIndex[newest + 1];
        for (int i = 0; i <= newest; i++) {
          restored[i] = new SealedIndex(fileOf(segments.get(i)), openIndexes, source, null);
        }
        sealed = restored;
        return restored.length;
      }
    }
    return 0;
  }

  private IndexFile fileOf(LogSegment segment) {
    return new IndexFile(
        directory.indexFile(segment.basePosition()), segment.basePosition(), segment.endPosition());
  }

  /** The queue, null when it has no record yet, not even in the open batch. */
  public @Nullable IndexedQueue find(QueueKey key) {
    return queues.get(key);
  }

  /**
   * Writer: gives a queue its number. Only for a queue that is about to get its first record: an
   * index that is built anew from its segment must come to the same numbers.
   */
  public IndexedQueue register(QueueKey key) {
    IndexedQueue queue = new IndexedQueue(key, queueCount, this);
    IndexedQueue[] numbered = byNumber;
    if (queueCount == numbered.length) {
      numbered = Arrays.copyOf(numbered, 2 * queueCount);
    }
    numbered[queueCount++] = queue;
    byNumber = numbered;
    queues.put(key, queue);
    return queue;
  }

  /** Writer: adds the entry of a record of the open batch, at the queue's next offset. */
  public void add(
      IndexedQueue queue,
      long segmentBase,
      int positionInSegment,
      int sizeBytes,
      int tagHash,
      long storeTimestampMs) {
    if (queue.add(segmentBase, positionInSegment, sizeBytes, tagHash, storeTimestampMs)) {
      if (touchedCount == touched.length) {
        touched = Arrays.copyOf(touched, 2 * touchedCount);
      }
      touched[touchedCount++] = queue;
    }
  }

  /** Writer: the batch is closed, its entries may be seen. */
  public void publish() {
    for (int i = 0; i < touchedCount; i++) {
      touched[i].publish();
    }
    touchedCount = 0;
  }

  /**
   * Writer: the active segment is full; what it holds becomes a sealed segment's index.
   *
   * @param epochs of the log so far
   * @return the index, whose file is still to be written
   */
  public SealedIndex seal(LogSegment segment, EpochTable epochs) {
    int count = queueCount;
    IndexedQueue[] numbered = byNumber;
    long[] nextOffsets = new long[count];
    long[] lastTimes = new long[count];
    @Nullable QueueRun[] runs = new @Nullable QueueRun[count];
    for (int i = 0; i < count; i++) {
      nextOffsets[i] = numbered[i].offsetToAppend();
      lastTimes[i] = numbered[i].lastStoreTimestampMs();
      runs[i] = numbered[i].run();
    }
    FrozenIndex frozen = new FrozenIndex(keys(count), nextOffsets, lastTimes, runs, epochs.copy());
    SealedIndex[] longer = Arrays.copyOf(sealed, sealed.length + 1);
    SealedIndex added = new SealedIndex(fileOf(segment), openIndexes, source, frozen);
    longer[sealed.length] = added;
    // Readers that miss the run look here, so this comes first.
    sealed = longer;
    for (int i = 0; i < count; i++) {
      if (runs[i] != null) {
        numbered[i].detachRun();
      }
    }
    return added;
  }

  /** The names of the first so many queues. */
  QueueKey[] keys(int count) {
    IndexedQueue[] numbered = byNumber;
    QueueKey[] keys = new QueueKey[count];
    for (int i = 0; i < count; i++) {
      keys[i] = numbered[i].key();
    }
    return keys;
  }

  /** The indexes of the sealed segments, oldest first; not to be changed. */
  SealedIndex[] sealed() {
    return sealed;
  }

  /** The index of the segment before the one that starts at a position; null when it is first. */
  @Nullable SegmentIndex sealedBefore(long segmentBase) {
    SegmentIndex before = null;
    for (SealedIndex index : sealed) {
      if (index.segmentBase() >= segmentBase) {
        break;
      }
      before = index;
    }
    return before;
  }

  /** How many index files are mapped. */
  int openFiles() {
    return openIndexes.count();
  }

  long storeTimestampMs(long position) {
    return source.storeTimestampMs(position);
  }

  /** The view of a queue, which follows the queue once it comes to exist. */
  public QueueView queue(QueueKey key) {
    IndexedQueue queue = queues.get(key);
    return queue == null ? new UnseenQueue(key, this) : queue;
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
