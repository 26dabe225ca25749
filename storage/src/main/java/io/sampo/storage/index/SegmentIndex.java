package io.sampo.storage.index;

import io.sampo.storage.log.QueueView.EntryVisitor;

/**
 * Where the records of one sealed segment are. Queues are named by their number: the order in which
 * they first appeared in the log, the same in every index of it. An index knows every queue that
 * existed when its segment was sealed, also those without a record in it. Any thread may read.
 */
public interface SegmentIndex {
  /** Instead of a position: the record went with its segment. */
  long NO_POSITION = -1;

  /** How many queues it knows; for a queue with a higher number all offsets are 0. */
  int queueCount();

  /** The offset of the queue's first record in this segment, or its next one when it has none. */
  long firstOffset(int queue);

  /** The offset after the queue's last record up to the end of this segment. */
  long nextOffset(int queue);

  /** The store time of the queue's last record up to the end of this segment, 0 without any. */
  long lastStoreTimestampMs(int queue);

  /** The log position of a record that must be in this segment. */
  long position(int queue, long offset);

  /**
   * Walks the queue's entries in this segment.
   *
   * @param from within the run
   * @return the offset after the last one visited
   */
  long scan(int queue, long from, long end, EntryVisitor visitor);
}
