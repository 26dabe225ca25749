package io.sampo.storage.keys;

import io.sampo.record.MessageRecord;
import io.sampo.storage.log.LogSegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/**
 * One query on its way through the segments: compares the records that may be meant with what is
 * looked for, and collects those that are. One thread.
 */
final class KeySearch {
  private static final int EXPECTED_MAX = 64;

  private final KeyQuery query;
  private final byte[] topic;
  private final int hash;
  private final long endPosition;
  private final BooleanSupplier expired;
  private final KeyMatches matches;

  /**
   * @param endPosition where to end, exclusive
   * @param expired true once it has taken too long; asked often
   */
  KeySearch(KeyQuery query, long endPosition, BooleanSupplier expired) {
    this.query = query;
    this.topic = query.topic().getBytes(StandardCharsets.UTF_8);
    this.hash = RecordKeys.hash(topic, query.key().getBytes(StandardCharsets.UTF_8));
    this.endPosition = endPosition;
    this.expired = expired;
    this.matches = new KeyMatches(Math.min(query.max(), EXPECTED_MAX));
  }

  int hash() {
    return hash;
  }

  long endPosition() {
    return endPosition;
  }

  KeyMatches matches() {
    return matches;
  }

  /** True when messages stored between these times may be wanted. */
  boolean overlaps(long firstMs, long lastMs) {
    return firstMs <= query.toMs() && lastMs >= query.fromMs();
  }

  /** True when there is nothing more to be done: all is found, or the time is over. */
  boolean isOver() {
    if (matches.count() >= query.max()) {
      return true;
    }
    if (matches.isComplete() && expired.getAsBoolean()) {
      matches.cutShort();
    }
    return !matches.isComplete();
  }

  /**
   * Looks at a record whose hash is right.
   *
   * @param bytes the whole segment
   * @return false when the search is over
   */
  boolean offer(LogSegment segment, ByteBuffer bytes, int at) {
    if (isOver()) {
      return false;
    }
    long position = segment.basePosition() + at;
    if (position < endPosition && MessageRecord.isWhole(bytes, at, segment.lengthBytes())) {
      long storedMs = MessageRecord.storeTimestamp(bytes, at);
      if (overlaps(storedMs, storedMs) && RecordKeys.matches(bytes, at, topic, query)) {
        matches.add(position, MessageRecord.totalSize(bytes, at));
      }
    }
    return true;
  }
}
