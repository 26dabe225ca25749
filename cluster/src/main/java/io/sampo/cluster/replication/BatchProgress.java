package io.sampo.cluster.replication;

import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import org.jspecify.annotations.Nullable;

/**
 * How far each queue gets when the commit position moves, so that it is told once and not once per
 * append. A hash table of its own: keyed by the identity of whom to tell, everything in it reused,
 * and emptied in the time that its entries take, not its capacity. The commit log's thread only.
 */
final class BatchProgress {
  private final Entry[] entries;

  /** Number of an entry plus 1 by hash, probed linearly; 0 is free. At most half full. */
  private final int[] table;

  private int size;

  /**
   * @param queuesMax the most queues that it holds; when it has them it is told before the next one
   */
  BatchProgress(int queuesMax) {
    entries = new Entry[queuesMax];
    table = new int[Integer.highestOneBit(queuesMax) * 4];
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** An append of the queue is done with, and all below {@code nextOffset} is committed. */
  void committed(ReplyTo<QueueCommitted> progress, long nextOffset) {
    Entry entry = entryOf(progress);
    entry.nextOffset = Math.max(entry.nextOffset, nextOffset);
    entry.answered++;
  }

  /** Tells every queue how far it got, and starts anew. */
  void tell() {
    for (int i = 0; i < size; i++) {
      Entry entry = entries[i];
      ReplyTo<QueueCommitted> progress = entry.progress;
      if (progress == null) {
        throw new IllegalStateException("entry " + i + " of " + size + " is empty");
      }
      table[entry.slot] = 0;
      entry.progress = null;
      Answers.tell(progress, new QueueCommitted(entry.nextOffset, entry.answered));
    }
    size = 0;
  }

  private Entry entryOf(ReplyTo<QueueCommitted> progress) {
    int mask = table.length - 1;
    int hash = System.identityHashCode(progress);
    int slot = hash & mask;
    while (table[slot] != 0) {
      Entry entry = entries[table[slot] - 1];
      if (entry.progress == progress) {
        return entry;
      }
      slot = (slot + 1) & mask;
    }
    if (size == entries.length) {
      tell();
      slot = hash & mask;
    }
    return enter(progress, slot);
  }

  private Entry enter(ReplyTo<QueueCommitted> progress, int slot) {
    if (entries[size] == null) {
      entries[size] = new Entry();
    }
    Entry entry = entries[size++];
    table[slot] = size;
    entry.slot = slot;
    entry.progress = progress;
    entry.nextOffset = 0;
    entry.answered = 0;
    return entry;
  }

  private static final class Entry {
    int slot;
    @Nullable ReplyTo<QueueCommitted> progress;
    long nextOffset;
    int answered;
  }
}
