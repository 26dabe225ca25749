package io.sampo.storage.index;

import io.sampo.record.QueueKey;
import io.sampo.storage.log.QueueView.EntryVisitor;
import io.sampo.storage.recovery.LogMarks;
import io.sampo.storage.recovery.MembershipEntry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.ObjIntConsumer;

/**
 * An {@link IndexFile} as it is mapped: checked as a whole when it was opened, read in place. Any
 * thread.
 */
final class MappedIndex implements SegmentIndex {
  private final ByteBuffer bytes;
  private final long segmentBase;
  private final int queueCount;
  private final int entriesAt;
  private final int epochCount;
  private final int epochsAt;

  MappedIndex(ByteBuffer bytes) {
    this.bytes = bytes;
    this.segmentBase = bytes.getLong(IndexFile.SEGMENT_BASE_AT);
    this.queueCount = bytes.getInt(IndexFile.QUEUES_AT);
    this.entriesAt = IndexFile.HEADER_BYTES + queueCount * IndexFile.QUEUE_BYTES;
    this.epochsAt = entriesAt + bytes.getInt(IndexFile.ENTRIES_AT) * IndexFile.ENTRY_BYTES;
    this.epochCount = bytes.getInt(IndexFile.EPOCHS_AT);
  }

  @Override
  public int queueCount() {
    return queueCount;
  }

  @Override
  public long firstOffset(int queue) {
    return queue < queueCount ? nextOffset(queue) - count(queue) : 0;
  }

  @Override
  public long nextOffset(int queue) {
    return queue < queueCount ? bytes.getLong(queueAt(queue)) : 0;
  }

  @Override
  public long lastStoreTimestampMs(int queue) {
    return queue < queueCount ? bytes.getLong(queueAt(queue) + IndexFile.QUEUE_LAST_TIME_AT) : 0;
  }

  @Override
  public long position(int queue, long offset) {
    return segmentBase + bytes.getInt(entryAt(queue, offset));
  }

  @Override
  public long scan(int queue, long from, long end, EntryVisitor visitor) {
    long last = Math.min(end, nextOffset(queue));
    long offset = from;
    int at = entryAt(queue, offset);
    while (offset < last
        && visitor.visit(
            offset, segmentBase + bytes.getInt(at), bytes.getInt(at + 4), bytes.getInt(at + 8))) {
      offset++;
      at += IndexFile.ENTRY_BYTES;
    }
    return offset;
  }

  /** Adds the epochs and memberships of the log up to the end of the segment. */
  void restore(LogMarks marks) {
    for (int i = 0; i < epochCount; i++) {
      int at = epochsAt + i * IndexFile.EPOCH_BYTES;
      marks.epochs().begin(bytes.getLong(at), bytes.getLong(at + 8));
    }
    int at = epochsAt + epochCount * IndexFile.EPOCH_BYTES + bytes.getInt(IndexFile.NAMES_AT);
    int end = bytes.capacity() - IndexFile.CRC_BYTES; // reached at once in files of older versions
    while (at < end) {
      int contentAt = at + IndexFile.MEMBERSHIP_HEADER_BYTES;
      int sizeBytes = bytes.getInt(at + 8);
      marks.addMembership(
          bytes.getLong(at), MembershipEntry.copyOf(bytes.slice(contentAt, sizeBytes)));
      at = contentAt + sizeBytes;
    }
  }

  /** Hands out the queues' names by number. */
  void forEachQueue(ObjIntConsumer<QueueKey> visitor) {
    int at = epochsAt + epochCount * IndexFile.EPOCH_BYTES;
    for (int queue = 0; queue < queueCount; queue++) {
      byte[] topic = new byte[bytes.getShort(at + 4)];
      bytes.get(at + 6, topic);
      visitor.accept(
          new QueueKey(new String(topic, StandardCharsets.UTF_8), bytes.getInt(at)), queue);
      at += 6 + topic.length;
    }
  }

  private int count(int queue) {
    return bytes.getInt(queueAt(queue) + IndexFile.QUEUE_COUNT_AT);
  }

  private int queueAt(int queue) {
    return IndexFile.HEADER_BYTES + queue * IndexFile.QUEUE_BYTES;
  }

  private int entryAt(int queue, long offset) {
    int entry =
        bytes.getInt(queueAt(queue) + IndexFile.QUEUE_FIRST_ENTRY_AT)
            + (int) (offset - firstOffset(queue));
    return entriesAt + entry * IndexFile.ENTRY_BYTES;
  }
}
