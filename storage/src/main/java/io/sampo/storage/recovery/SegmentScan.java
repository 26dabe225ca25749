package io.sampo.storage.recovery;

import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.storage.index.LogIndex;
import io.sampo.storage.log.BatchFrame;
import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.log.LogSegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads a segment batch by batch, checks every checksum, and fills the index and the epoch table
 * with what it finds. One thread, before the log is open.
 */
final class SegmentScan {
  /**
   * How a scan ended.
   *
   * @param endBytes where the last whole batch ends, from the segment's start
   * @param sealed the segment's end was found; then {@code endBytes} is its length
   * @param defect what was found at {@code endBytes} instead of a whole batch; null when sealed
   */
  record Result(int endBytes, boolean sealed, @Nullable String defect) {}

  private final LogIndex index;
  private final EpochTable epochs;
  private final CRC32C crc = new CRC32C();

  SegmentScan(LogIndex index, EpochTable epochs) {
    this.index = index;
    this.epochs = epochs;
  }

  /**
   * Reads to the end of the last whole batch.
   *
   * @throws CorruptLogException when a batch is whole by its checksum but contradicts the log
   */
  Result scan(LogSegment segment) throws CorruptLogException {
    ByteBuffer bytes = segment.view();
    int at = 0;
    while (true) {
      long position = segment.basePosition() + at;
      String defect = BatchFrame.defect(bytes, at, position, crc);
      if (defect == null && BatchFrame.epoch(bytes, at) < epochs.newest()) {
        defect =
            "expected epoch %d or newer, found %d"
                .formatted(epochs.newest(), BatchFrame.epoch(bytes, at));
      }
      if (defect != null) {
        return new Result(at, false, defect);
      }
      epochs.begin(BatchFrame.epoch(bytes, at), position);
      int length = BatchFrame.length(bytes, at);
      if (BatchFrame.kind(bytes, at) == BatchFrame.KIND_SEGMENT_END) {
        return new Result(segment.lengthBytes(), true, null);
      }
      readRecords(segment, bytes, at, at + length);
      at = BatchFrame.align(at + length);
    }
  }

  private void readRecords(LogSegment segment, ByteBuffer bytes, int batchAt, int batchEnd)
      throws CorruptLogException {
    int count = BatchFrame.count(bytes, batchAt);
    int at = batchAt + BatchFrame.HEADER_BYTES;
    for (int i = 0; i < count; i++) {
      if (!MessageRecord.isWhole(bytes, at, batchEnd)) {
        throw contradiction(segment, at, "a whole record", "none, though its batch is whole");
      }
      long position = segment.basePosition() + at;
      if (MessageRecord.physicalOffset(bytes, at) != position) {
        throw contradiction(
            segment,
            at,
            "a record of position " + position,
            String.valueOf(MessageRecord.physicalOffset(bytes, at)));
      }
      addToIndex(segment, bytes, at);
      at += MessageRecord.totalSize(bytes, at);
    }
    if (at != batchEnd) {
      throw contradiction(
          segment, at, "the end of " + count + " records", (batchEnd - at) + " bytes more");
    }
    index.publish();
  }

  private void addToIndex(LogSegment segment, ByteBuffer bytes, int at) throws CorruptLogException {
    QueueKey queue = new QueueKey(MessageRecord.topic(bytes, at), MessageRecord.queueId(bytes, at));
    long expectedOffset = index.offsetToAppend(queue);
    long offset = MessageRecord.queueOffset(bytes, at);
    if (offset != expectedOffset) {
      throw contradiction(
          segment, at, "offset %d of %s".formatted(expectedOffset, queue), String.valueOf(offset));
    }
    index.add(
        queue,
        segment.basePosition(),
        at,
        MessageRecord.totalSize(bytes, at),
        MessageProperties.tagHash(MessageRecord.properties(bytes, at)),
        MessageRecord.storeTimestamp(bytes, at));
  }

  private static CorruptLogException contradiction(
      LogSegment segment, int at, String expected, String found) {
    return new CorruptLogException(
        "%s: position %d: expected %s, found %s"
            .formatted(segment.path(), segment.basePosition() + at, expected, found));
  }

  /**
   * Looks behind a place for a whole batch that was closed when the log was flushed beyond a
   * position.
   *
   * @param fromBytes where to begin, from the segment's start
   * @param flushedBeyond the position that the batch's stamp must exceed
   * @return where it starts, or -1
   */
  int findWholeBatch(LogSegment segment, int fromBytes, long flushedBeyond) {
    ByteBuffer bytes = segment.view();
    int last = segment.lengthBytes() - BatchFrame.HEADER_BYTES;
    for (int at = BatchFrame.align(fromBytes); at <= last; at += BatchFrame.ALIGNMENT) {
      if (BatchFrame.mayStartAt(bytes, at)
          && BatchFrame.defect(bytes, at, segment.basePosition() + at, crc) == null
          && BatchFrame.flushedStamp(bytes, at) > flushedBeyond) {
        return at;
      }
    }
    return -1;
  }
}
