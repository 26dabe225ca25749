package io.sampo.cluster.replication;

import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogReader;
import org.jspecify.annotations.Nullable;

/**
 * How far each queue gets with the open batch, so that it is told once per batch and not once per
 * append. A hash table of its own: keyed by the identity of whom to tell, everything in it reused,
 * and emptied in the time that its entries take, not its capacity. The commit log's thread only.
 */
final class BatchProgress {
  private static final long NOTHING_APPENDED = -1;

  private final Entry[] entries;

  /** Number of an entry plus 1 by hash, probed linearly; 0 is free. At most half full. */
  private final int[] table;

  private int size;

  /**
   * @param queuesMax the most queues that one batch can have
   */
  BatchProgress(int queuesMax) {
    entries = new Entry[queuesMax];
    table = new int[Integer.highestOneBit(queuesMax) * 4];
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Messages of the queue were appended, the next one would get {@code nextOffset}. */
  void appended(ReplyTo<QueueCommitted> progress, QueueKey queue, long nextOffset) {
    Entry entry = entryOf(progress, queue);
    entry.nextOffset = nextOffset;
    entry.answered++;
  }

  /** An append of the queue was refused, the queue stays where it is. */
  void refused(ReplyTo<QueueCommitted> progress, QueueKey queue) {
    entryOf(progress, queue).answered++;
  }

  /** Tells every queue how far it got, and starts anew. All that the log holds is committed. */
  void tellCommitted(LogReader log) {
    for (int i = 0; i < size; i++) {
      Entry entry = entries[i];
      ReplyTo<QueueCommitted> progress = entry.progress;
      QueueKey queue = entry.queue;
      if (progress == null || queue == null) {
        throw new IllegalStateException("entry " + i + " of " + size + " is empty");
      }
      long nextOffset =
          entry.nextOffset == NOTHING_APPENDED ? log.queue(queue).nextOffset() : entry.nextOffset;
      Answers.tell(progress, new QueueCommitted(nextOffset, entry.answered));
    }
    clear();
  }

  /** Forgets everything without telling anybody. */
  void clear() {
    for (int i = 0; i < size; i++) {
      table[entries[i].slot] = 0;
      entries[i].progress = null;
      entries[i].queue = null;
    }
    size = 0;
  }

  private Entry entryOf(ReplyTo<QueueCommitted> progress, QueueKey queue) {
    int mask = table.length - 1;
    int slot = System.identityHashCode(progress) & mask;
    while (table[slot] != 0) {
      Entry entry = entries[table[slot] - 1];
      if (entry.progress == progress) {
        return entry;
      }
      slot = (slot + 1) & mask;
    }
    if (entries[size] == null) {
      entries[size] = new Entry();
    }
    Entry entry = entries[size++];
    table[slot] = size;
    entry.slot = slot;
    entry.progress = progress;
    entry.queue = queue;
    entry.nextOffset = NOTHING_APPENDED;
    entry.answered = 0;
    return entry;
  }

  private static final class Entry {
    int slot;
    @Nullable ReplyTo<QueueCommitted> progress;
    @Nullable QueueKey queue;
    long nextOffset;
    int answered;
  }
}
