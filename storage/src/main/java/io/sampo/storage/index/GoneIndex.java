package io.sampo.storage.index;

import io.sampo.storage.log.QueueView.EntryVisitor;

/**
 * What readers find who come too late: the index of a segment that was dropped since they looked
 * for it. It knows no queue and ends in front of every offset, so they look further and find
 * nothing.
 */
enum GoneIndex implements SegmentIndex {
  INSTANCE;

  @Override
  public int queueCount() {
    return 0;
  }

  @Override
  public long firstOffset(int queue) {
    return 0;
  }

  @Override
  public long nextOffset(int queue) {
    return 0;
  }

  @Override
  public long lastStoreTimestampMs(int queue) {
    return Long.MIN_VALUE;
  }

  @Override
  public long position(int queue, long offset) {
    return NO_POSITION;
  }

  @Override
  public long scan(int queue, long from, long end, EntryVisitor visitor) {
    return from;
  }
}
