package io.sampo.storage.recovery;

import io.sampo.storage.log.BatchFrame;
import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.log.LogSegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads a segment batch by batch and checks every checksum; what is whole goes to a {@link
 * Visitor}. One thread; the caller holds the segment.
 */
final class SegmentScan {
  /** Told what a segment holds, in order. */
  interface Visitor extends FrameRecords.Visitor {
    /** A whole batch of this epoch starts here. */
    void batch(long epoch, long position);

    /**
     * The batch is a membership frame.
     *
     * @param content a view of the segment
     */
    void membership(long endPosition, ByteBuffer content);

    /** All records of the batch were told. */
    void batchEnd();
  }

  /**
   * How a scan ended.
   *
   * @param endBytes where the last whole batch ends, from the segment's start
   * @param defect what was found there instead of a whole batch; null when it is the segment's end
   */
  record Result(int endBytes, @Nullable String defect) {
    boolean sealed() {
      return defect == null;
    }
  }

  private final LogSegment segment;
  private final ByteBuffer bytes;
  private final CRC32C crc = new CRC32C();

  SegmentScan(LogSegment segment) {
    this.segment = segment;
    this.bytes = segment.view();
  }

  /**
   * Reads to the end of the last whole batch.
   *
   * @param epoch the newest one before the segment
   * @throws CorruptLogException when a batch is whole by its checksum but contradicts the log
   */
  Result run(long epoch, Visitor visitor) throws CorruptLogException {
    long newest = epoch;
    int at = 0;
    while (true) {
      long position = segment.basePosition() + at;
      String defect = BatchFrame.defect(bytes, at, position, crc);
      if (defect != null) {
        return new Result(at, defect);
      }
      long found = BatchFrame.epoch(bytes, at);
      if (found < newest) {
        return new Result(at, "expected epoch %d or newer, found %d".formatted(newest, found));
      }
      newest = found;
      visitor.batch(found, position);
      if (BatchFrame.kind(bytes, at) == BatchFrame.KIND_SEGMENT_END) {
        return new Result(segment.lengthBytes(), null);
      }
      int end = BatchFrame.align(at + BatchFrame.length(bytes, at));
      if (BatchFrame.kind(bytes, at) == BatchFrame.KIND_MEMBERSHIP) {
        visitor.membership(segment.basePosition() + end, BatchFrame.content(bytes, at));
      } else {
        readRecords(at, visitor);
      }
      visitor.batchEnd();
      at = end;
    }
  }

  private void readRecords(int batchAt, Visitor visitor) throws CorruptLogException {
    String contradiction =
        FrameRecords.read(
            bytes,
            batchAt,
            BatchFrame.length(bytes, batchAt),
            BatchFrame.count(bytes, batchAt),
            segment.basePosition(),
            visitor);
    if (contradiction != null) {
      throw new CorruptLogException(
          segment.basePosition() + batchAt, segment.path() + ": " + contradiction);
    }
  }

  /**
   * Looks behind a place for a whole batch that was closed when the log was flushed beyond a
   * position.
   *
   * @param fromBytes where to begin, from the segment's start
   * @param flushedBeyond the position that the batch's stamp must exceed; -1 for any batch
   * @return where it starts, or -1
   */
  int findWholeBatch(int fromBytes, long flushedBeyond) {
    for (int[] range : segment.dataRanges(fromBytes)) {
      int last = Math.min(range[1], segment.lengthBytes() - BatchFrame.HEADER_BYTES);
      for (int at = BatchFrame.align(range[0]); at <= last; at += BatchFrame.ALIGNMENT) {
        if (BatchFrame.mayStartAt(bytes, at)
            && BatchFrame.defect(bytes, at, segment.basePosition() + at, crc) == null
            && BatchFrame.flushedStamp(bytes, at) > flushedBeyond) {
          return at;
        }
      }
    }
    return -1;
  }
}
