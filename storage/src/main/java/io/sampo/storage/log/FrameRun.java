package io.sampo.storage.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A run of whole frames of one segment on its way from one copy of a log to another, every checksum
 * checked. It owns its bytes, which never change. Safe from any thread.
 *
 * <p>Of a segment's end, with which a run may end, only the header is in the bytes: so they may be
 * shorter than the stretch of the log that they are.
 */
public final class FrameRun {
  /** Told what a run marks, in order. */
  public interface Marks {
    /** An epoch begins here. */
    void epoch(long epoch, long position);

    /**
     * A membership frame ends here.
     *
     * @param content what it says, the visitor's own
     */
    void membership(long endPosition, ByteBuffer content);
  }

  private final long position;
  private final long endPosition;
  private final ByteBuffer bytes;

  private FrameRun(long position, long endPosition, ByteBuffer bytes) {
    this.position = position;
    this.endPosition = endPosition;
    this.bytes = bytes;
  }

  /** A run of nothing. */
  static FrameRun empty(long position) {
    return new FrameRun(position, position, ByteBuffer.allocate(0));
  }

  /**
   * Copies frames out of a segment, which the caller holds.
   *
   * @param end at or behind the position, within the log
   * @throws CorruptLogException when one is damaged
   */
  static FrameRun copyOf(LogSegment segment, long position, long end, int bytesMax)
      throws CorruptLogException {
    ByteBuffer source = segment.view();
    CRC32C crc = new CRC32C();
    int from = (int) (position - segment.basePosition());
    long stop = Math.min(end, segment.endPosition()) - segment.basePosition();
    int at = from; // in the log
    int copied = 0;
    while (at < stop) {
      String defect = BatchFrame.defect(source, at, segment.basePosition() + at, crc);
      if (defect != null) {
        if (copied > 0) {
          break; // what is whole can be had
        }
        throw new CorruptLogException(
            segment.basePosition() + at,
            "%s: position %d: %s".formatted(segment.path(), segment.basePosition() + at, defect));
      }
      int sizeBytes = sizeBytes(source, at);
      int frameEnd = at + BatchFrame.align(BatchFrame.length(source, at));
      if (frameEnd > stop || (copied > 0 && copied + sizeBytes > bytesMax)) {
        break;
      }
      copied += sizeBytes;
      at = frameEnd;
    }
    ByteBuffer bytes = ByteBuffer.allocate(copied).put(source.limit(from + copied).position(from));
    return new FrameRun(position, segment.basePosition() + at, bytes.flip());
  }

  /**
   * Checks what came from another copy.
   *
   * @param position where it lies in the log
   * @param received the frames, from its position to its limit; must not be changed any more
   * @throws CorruptLogException when it isn't a run of whole frames of that position
   */
  public static FrameRun check(long position, ByteBuffer received) throws CorruptLogException {
    ByteBuffer bytes = received.slice();
    CRC32C crc = new CRC32C();
    long framePosition = position;
    long epoch = 0;
    int at = 0;
    while (at < bytes.capacity()) {
      String defect = BatchFrame.defectInRun(bytes, at, framePosition, crc);
      if (defect == null && BatchFrame.epoch(bytes, at) < epoch) {
        defect =
            "expected epoch %d or newer, found %d".formatted(epoch, BatchFrame.epoch(bytes, at));
      }
      int sizeBytes = defect == null ? sizeBytes(bytes, at) : 0;
      if (defect == null && at + sizeBytes > bytes.capacity()) {
        defect = "expected a frame of " + sizeBytes + " bytes, found fewer";
      }
      boolean ends = defect == null && BatchFrame.kind(bytes, at) == BatchFrame.KIND_SEGMENT_END;
      if (ends && at + sizeBytes < bytes.capacity()) {
        defect = "expected nothing behind a segment's end, found more";
      }
      if (defect != null) {
        throw new CorruptLogException(
            framePosition, "frames of position %d: %s".formatted(framePosition, defect));
      }
      epoch = BatchFrame.epoch(bytes, at);
      framePosition += BatchFrame.align(BatchFrame.length(bytes, at));
      at += sizeBytes;
    }
    return new FrameRun(position, framePosition, bytes);
  }

  /** How much of a frame goes from one copy to another: all, but of a segment's end the header. */
  static int sizeBytes(ByteBuffer bytes, int at) {
    return BatchFrame.kind(bytes, at) == BatchFrame.KIND_SEGMENT_END
        ? BatchFrame.HEADER_BYTES
        : BatchFrame.align(BatchFrame.length(bytes, at));
  }

  /** The log position of the first byte. */
  public long position() {
    return position;
  }

  /** The log position behind the last frame. */
  public long endPosition() {
    return endPosition;
  }

  public boolean isEmpty() {
    return position == endPosition;
  }

  /** The bytes, in a view of the caller's own; they must not be changed. */
  public ByteBuffer bytes() {
    return bytes.duplicate();
  }

  /** The length of the segment that the run belongs to, 0 when it doesn't say so. */
  int segmentBytes() {
    return isEmpty() ? 0 : BatchFrame.segmentBytes(bytes, 0);
  }

  /** The epoch of the first frame. */
  long firstEpoch() {
    return BatchFrame.epoch(bytes, 0);
  }

  /** True when the segment ends with the run. */
  boolean endsSegment() {
    int header = bytes.capacity() - BatchFrame.HEADER_BYTES;
    return endPosition - position != bytes.capacity()
        || (header >= 0 && lastKind() == BatchFrame.KIND_SEGMENT_END);
  }

  private int lastKind() {
    int kind = 0;
    for (int at = 0; at < bytes.capacity(); at += sizeBytes(bytes, at)) {
      kind = BatchFrame.kind(bytes, at);
    }
    return kind;
  }

  /** Tells the epochs and memberships in the run. */
  public void forEachMark(Marks marks) {
    long framePosition = position;
    for (int at = 0; at < bytes.capacity(); at += sizeBytes(bytes, at)) {
      long end = framePosition + BatchFrame.align(BatchFrame.length(bytes, at));
      if (BatchFrame.beginsEpoch(bytes, at)) {
        marks.epoch(BatchFrame.epoch(bytes, at), framePosition);
      } else if (BatchFrame.kind(bytes, at) == BatchFrame.KIND_MEMBERSHIP) {
        marks.membership(end, BatchFrame.content(bytes, at));
      }
      framePosition = end;
    }
  }
}
