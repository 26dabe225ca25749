package io.sampo.storage.index;

import io.sampo.record.QueueKey;
import io.sampo.storage.log.QueueView;
import org.jspecify.annotations.Nullable;

/**
 * The view of a queue that had no record when somebody asked for it. It becomes the queue's own
 * view with the first record, so that a caller may keep it; until then it costs the log nothing.
 */
final class UnseenQueue implements QueueView {
  private final QueueKey key;
  private final LogIndex index;
  private volatile @Nullable IndexedQueue found;

  UnseenQueue(QueueKey key, LogIndex index) {
    this.key = key;
    this.index = index;
  }

  private @Nullable IndexedQueue find() {
    IndexedQueue queue = found;
    if (queue == null) {
      queue = index.find(key);
      found = queue;
    }
    return queue;
  }

  private long silentNext() {
    QueueEnd end = index.silentEnd(key);
    return end == null ? 0 : end.nextOffset();
  }

  @Override
  public long firstOffset() {
    IndexedQueue queue = find();
    return queue == null ? silentNext() : queue.firstOffset();
  }

  @Override
  public long nextOffset() {
    IndexedQueue queue = find();
    return queue == null ? silentNext() : queue.nextOffset();
  }

  @Override
  public long scan(long fromOffset, long endOffset, EntryVisitor visitor) {
    IndexedQueue queue = find();
    return queue == null ? fromOffset : queue.scan(fromOffset, endOffset, visitor);
  }

  @Override
  public long offsetAtOrAfter(long timestampMs, long endOffset) {
    IndexedQueue queue = find();
    return queue == null ? endOffset : queue.offsetAtOrAfter(timestampMs, endOffset);
  }
}
