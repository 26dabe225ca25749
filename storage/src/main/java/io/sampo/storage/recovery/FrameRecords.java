package io.sampo.storage.recovery;

import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.BatchFrame;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Reads the records of a frame that is whole by its checksum. Stateless. */
public final class FrameRecords {
  /** Told the records of a frame, in order. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * @param at where it starts, from the segment's start
     * @return false when its queue offset contradicts the log
     */
    boolean record(
        QueueKey queue, long queueOffset, int at, int sizeBytes, int tagHash, long timestampMs);
  }

  private FrameRecords() {}

  /**
   * Reads a frame's records.
   *
   * @param segment a buffer in which the frame's records are in place
   * @param frameAt where the frame starts
   * @param length of the frame
   * @param count of its records
   * @param segmentBase the log position of the buffer's first byte
   * @return what contradicts the log, as "position …: expected …, found …"; null when nothing does
   */
  public static @Nullable String read(
      ByteBuffer segment, int frameAt, int length, int count, long segmentBase, Visitor visitor) {
    int frameEnd = frameAt + length;
    int at = frameAt + BatchFrame.HEADER_BYTES;
    for (int i = 0; i < count; i++) {
      if (!MessageRecord.isWhole(segment, at, frameEnd)) {
        return contradiction(segmentBase + at, "a whole record", "none, though its batch is whole");
      }
      long position = segmentBase + at;
      long storedPosition = MessageRecord.physicalOffset(segment, at);
      if (storedPosition != position) {
        return contradiction(position, "a record of that position", "one of " + storedPosition);
      }
      QueueKey queue =
          new QueueKey(MessageRecord.topic(segment, at), MessageRecord.queueId(segment, at));
      long queueOffset = MessageRecord.queueOffset(segment, at);
      int sizeBytes = MessageRecord.totalSize(segment, at);
      int tagHash = MessageProperties.tagHash(MessageRecord.properties(segment, at));
      long timestampMs = MessageRecord.storeTimestamp(segment, at);
      if (!visitor.record(queue, queueOffset, at, sizeBytes, tagHash, timestampMs)) {
        return contradiction(position, "the next offset of " + queue, "offset " + queueOffset);
      }
      at += sizeBytes;
    }
    if (at != frameEnd) {
      return contradiction(
          segmentBase + at, "the end of " + count + " records", (frameEnd - at) + " bytes more");
    }
    return null;
  }

  private static String contradiction(long position, String expected, String found) {
    return "position %d: expected %s, found %s".formatted(position, expected, found);
  }
}
