package io.sampo.storage.index;

import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogDirectory;
import io.sampo.storage.log.LogSegment;
import io.sampo.storage.log.QueueView;
import io.sampo.storage.recovery.LogMarks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  private final Source source;
  private final SealedIndexes sealed;
  private final ConcurrentHashMap<QueueKey, IndexedQueue> queues = new ConcurrentHashMap<>();
  private final Map<QueueKey, IndexedQueue> forgotten = new HashMap<>(); // writer only

  /**
   * How far queues had come that may have no record in this log, as it says itself. What it says
   * was committed, so it stays true when the log is cut. Put by the writer.
   */
  private final ConcurrentHashMap<QueueKey, QueueEnd> silent = new ConcurrentHashMap<>();

  /** By number. Replaced when it grows; what it holds below {@link #queueCount} stays. */
  private volatile IndexedQueue[] byNumber = new IndexedQueue[64];

  // Writer only.
  private int queueCount;
  private IndexedQueue[] touched = new IndexedQueue[64];
  private int touchedCount;

  public LogIndex(LogDirectory directory, Source source) {
    this.source = source;
    this.sealed = new SealedIndexes(directory, source, OPEN_FILES_MAX);
  }

  /**
   * Recovery: takes over from the newest sealed segment whose index file is whole what every queue
   * and every epoch had come to by its end. The files before it are looked at when they are needed.
   *
   * @param segments of the log, oldest first
   * @param marks filled in
   * @return how many segments, from the oldest on, are indexed by that
   */
  public int restore(List<LogSegment> segments, LogMarks marks) throws IOException {
    for (int newest = segments.size() - 1; newest >= 0; newest--) {
      MappedIndex found = sealed.map(segments.get(newest));
      if (found != null) {
        takeOver(found, marks);
        sealed.restore(segments.subList(0, newest + 1));
        return newest + 1;
      }
    }
    MappedIndex before = sealed.mapBefore(marks.start().position());
    if (before != null) {
      takeOver(before, marks);
    }
    return 0;
  }

  private void takeOver(MappedIndex found, LogMarks marks) {
    found.forEachQueue(
        (key, number) ->
            register(key).continueAt(found.nextOffset(number), found.lastStoreTimestampMs(number)));
    marks.clear();
    found.restore(marks);
    marks.restored();
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
    IndexedQueue queue = forgotten.remove(key);
    if (queue == null) {
      queue = new IndexedQueue(key, queueCount, this);
    } else { // readers may still have it
      queue.beginAnew(queueCount);
    }
    QueueEnd end = silent.get(key);
    if (end != null) {
      queue.continueAt(end.nextOffset(), end.lastStoreTimestampMs());
    }
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

  /**
   * Writer: adds the entry of a record that another log, or this one before a restart, gave its
   * offset.
   *
   * @return false when the offset isn't the queue's next one
   */
  public boolean addCopy(
      QueueKey key,
      long queueOffset,
      long segmentBase,
      int positionInSegment,
      int sizeBytes,
      int tagHash,
      long storeTimestampMs) {
    IndexedQueue queue = find(key);
    if (queue == null) {
      if (queueOffset != 0 && !sealed.beginsLate()) {
        return false;
      }
      queue = register(key);
      queue.beginAt(queueOffset);
    } else if (queueOffset != queue.offsetToAppend()) {
      return false;
    }
    add(queue, segmentBase, positionInSegment, sizeBytes, tagHash, storeTimestampMs);
    return true;
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
   * @param marks of the log so far
   * @return the index, whose file is still to be written
   */
  public SealedIndex seal(LogSegment segment, LogMarks marks) {
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
    FrozenIndex frozen = new FrozenIndex(keys(count), nextOffsets, lastTimes, runs, marks.copy());
    // Readers that miss the run look here, so this comes first.
    SealedIndex added = sealed.add(segment, frozen);
    for (int i = 0; i < count; i++) {
      if (runs[i] != null) {
        numbered[i].detachRun();
      }
    }
    return added;
  }

  /**
   * Writer: where the log begins.
   *
   * @param logStart the position of its first byte
   */
  public void beginAt(long logStart) throws IOException {
    sealed.beginAt(logStart);
  }

  /**
   * Writer: the log is about to begin at a later segment; keeps what the index of the one before it
   * says. Nothing changes yet.
   *
   * @throws io.sampo.storage.log.LogFullException when that index isn't written yet
   */
  public void keepBefore(long position) throws IOException {
    sealed.keepBefore(position);
  }

  /**
   * Writer: the log begins at a later segment. What {@link #keepBefore} kept is used from now on.
   */
  public void dropBelow(long position) {
    sealed.dropBelow(position);
  }

  /**
   * Writer: the log is about to be cut. The segment that the position lies in becomes the active
   * one, if it isn't. Its bytes and those before it must still be there. Readers who keep below the
   * cut notice nothing.
   *
   * @param segmentBase where that segment starts
   */
  public void cutTo(long position, long segmentBase) {
    IndexCut cut =
        new IndexCut(
            this, sealed.before(segmentBase), sealed.of(segmentBase), position, segmentBase);
    int left = 0;
    while (left < queueCount && cut.leaves(byNumber[left])) {
      left++;
    }
    for (int i = left; i < queueCount; i++) {
      if (cut.leaves(byNumber[i])) {
        throw new IllegalStateException(
            byNumber[i].key() + " begins before " + byNumber[left].key() + " and has its number");
      }
    }
    forgetFrom(left);
    // Readers that miss the sealed index look for the run, which is there by now.
    sealed.cutFrom(segmentBase);
  }

  /** Writer: the log is dropped, and begins anew. */
  public void reset(long logStart) {
    forgetFrom(0);
    sealed.reset(logStart);
    silent.clear(); // a log that begins later says it again
  }

  private void forgetFrom(int left) {
    for (int i = left; i < queueCount; i++) {
      IndexedQueue queue = byNumber[i];
      queues.remove(queue.key());
      queue.forget();
      forgotten.put(queue.key(), queue);
    }
    byNumber = Arrays.copyOf(byNumber, Math.max(64, left));
    Arrays.fill(byNumber, left, Math.min(queueCount, byNumber.length), null);
    queueCount = left;
    touchedCount = 0;
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

  /** The indexes of the sealed segments. */
  SealedIndexes sealed() {
    return sealed;
  }

  long storeTimestampMs(long position) {
    return source.storeTimestampMs(position);
  }

  /** The view of a queue, which follows the queue once it comes to exist. */
  public QueueView queue(QueueKey key) {
    IndexedQueue queue = queues.get(key);
    return queue == null ? new UnseenQueue(key, this) : queue;
  }

  /** Writer: the log says how far queues had come. Of those that it has the index knows better. */
  public void addSilent(List<QueueEnd> ends) {
    for (QueueEnd end : ends) {
      QueueEnd known = silent.get(end.queue());
      if (find(end.queue()) == null && (known == null || known.nextOffset() < end.nextOffset())) {
        silent.put(end.queue(), end);
      }
    }
  }

  /** How far a queue without a record in this log had come, null for one that never had any. */
  public @Nullable QueueEnd silentEnd(QueueKey key) {
    return silent.get(key);
  }

  /**
   * How far the queues had come that have no record at or behind a segment's start, unless it is
   * written right now.
   */
  public List<QueueEnd> silentFrom(long position) {
    SegmentIndex last = sealed.before(position);
    List<QueueEnd> ends = new ArrayList<>();
    if (last != null) {
      IndexedQueue[] numbered = byNumber;
      for (int i = 0; i < last.queueCount(); i++) {
        long next = last.nextOffset(i);
        if (numbered[i].nextOffset() == next) {
          ends.add(new QueueEnd(numbered[i].key(), next, last.lastStoreTimestampMs(i)));
        }
      }
    }
    for (QueueEnd end : silent.values()) {
      if (find(end.queue()) == null) {
        ends.add(end);
      }
    }
    return ends;
  }

  /** The queues that hold or held a record. */
  public Collection<QueueKey> queues() {
    List<QueueKey> keys = new ArrayList<>(queues.size());
    for (QueueKey key : silent.keySet()) {
      if (!queues.containsKey(key)) {
        keys.add(key);
      }
    }
    for (IndexedQueue queue : queues.values()) {
      if (queue.nextOffset() > 0) { // else its first batch is still open
        keys.add(queue.key());
      }
    }
    return keys;
  }
}
