package io.sampo.storage.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * How a batch lies in a segment. All numbers are big-endian; every frame starts at a multiple of
 * {@value #ALIGNMENT} bytes, the gap after the last record of a batch is zero.
 *
 * <pre>
 *   0        4            8                  16       20      24         32      40       44      48
 *   +--------+------------+------------------+--------+-------+----------+-------+--------+-------+---------+
 *   | magic  | stamp crc  | flushed stamp    | crc32c | kind  | position | epoch | length | count | records |
 *   +--------+------------+------------------+--------+-------+----------+-------+--------+-------+---------+
 *            '-- of the stamp                 '-- of everything behind it, up to length
 * </pre>
 *
 * <ul>
 *   <li><b>length</b> counts header and records, without the gap.
 *   <li><b>records</b> are byte for byte what a pull sends. A frame of no records begins an epoch.
 *   <li><b>kind</b> is the lowest byte of that field; the next one is the binary logarithm of the
 *       segment's length, so that a copy of the log can begin the segment with the same length. 0
 *       in the frames of before there were copies.
 *   <li>A frame of kind <b>membership</b> has in place of the records what the replicas' protocol
 *       says of their group; the log doesn't look at it.
 *   <li>A frame of kind <b>segment end</b> has the length of all that is left of the segment; its
 *       checksum covers the header alone, what follows is never written. With a count of 1 it
 *       begins an epoch.
 *   <li><b>flushed stamp</b> is how far this copy of the log was known to be on disk when the frame
 *       was closed. It belongs to the copy and not to the batch, so it has a checksum of its own. A
 *       whole frame whose stamp lies beyond a damaged one proves that the damaged one had been
 *       durable, which is what tells corruption from a torn write.
 * </ul>
 *
 * <p>Stateless; the buffers passed in are views that the caller owns, their position and limit are
 * changed.
 */
public final class BatchFrame {
  /** The length of a header, and so of a frame without records. */
  public static final int HEADER_BYTES = 48;

  /** What the start of a frame is a multiple of. */
  public static final int ALIGNMENT = 8;

  /** A frame that holds records, or begins an epoch when it holds none. */
  public static final int KIND_RECORDS = 1;

  /** The frame behind which a segment holds nothing more. */
  public static final int KIND_SEGMENT_END = 2;

  /** A frame that says who replicates the log; its count is 0. */
  public static final int KIND_MEMBERSHIP = 3;

  /** The count of a segment's end that begins an epoch, since there was no room for more. */
  static final int END_BEGINS_EPOCH = 1;

  static final int MAGIC = 0x534D5031; // "SMP1"
  private static final int KIND_MASK = 0xFF;
  private static final int SEGMENT_LOG2_SHIFT = 8;

  private static final int MAGIC_AT = 0;
  private static final int STAMP_CRC_AT = 4;
  private static final int STAMP_AT = 8;
  private static final int CRC_AT = 16;
  private static final int KIND_AT = 20;
  private static final int POSITION_AT = 24;
  private static final int EPOCH_AT = 32;
  private static final int LENGTH_AT = 40;
  private static final int COUNT_AT = 44;

  private BatchFrame() {}

  /** Rounds a length up to where the next frame may start. */
  public static int align(int bytes) {
    return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
  }

  /**
   * Writes the header of a frame whose records are already in place, checksums included.
   *
   * @param length of header and records, in bytes
   */
  static void write(
      ByteBuffer segment,
      int at,
      int kind,
      long position,
      long epoch,
      int length,
      int count,
      long flushedPosition,
      CRC32C crc) {
    segment.putLong(at + STAMP_AT, flushedPosition);
    segment.putInt(at + KIND_AT, kindField(kind, segment.capacity()));
    segment.putLong(at + POSITION_AT, position);
    segment.putLong(at + EPOCH_AT, epoch);
    segment.putInt(at + LENGTH_AT, length);
    segment.putInt(at + COUNT_AT, count);
    segment.putInt(at + STAMP_CRC_AT, crcOf(segment, at + STAMP_AT, at + CRC_AT, crc));
    segment.putInt(at + CRC_AT, crcOf(segment, at + KIND_AT, at + checkedBytes(kind, length), crc));
    segment.putInt(at + MAGIC_AT, MAGIC);
  }

  private static int kindField(int kind, int segmentBytes) {
    boolean powerOfTwo = Integer.bitCount(segmentBytes) == 1;
    int log2 = powerOfTwo ? Integer.numberOfTrailingZeros(segmentBytes) : 0;
    return kind | (log2 << SEGMENT_LOG2_SHIFT);
  }

  /**
   * Copies a whole frame of another copy of the log, with a stamp of this one. First all behind the
   * stamp; {@link #endCopy} makes a frame of it.
   *
   * @param from a buffer with the frame
   * @param fromAt where it starts there
   * @param to this copy's segment
   * @param toAt where it goes
   */
  static void beginCopy(ByteBuffer from, int fromAt, ByteBuffer to, int toAt) {
    int checked = checkedBytes(kind(from, fromAt), length(from, fromAt));
    to.put(toAt + CRC_AT, from, fromAt + CRC_AT, checked - CRC_AT);
  }

  /** Writes what {@link #beginCopy} left out. */
  static void endCopy(ByteBuffer to, int toAt, long flushedPosition, CRC32C crc) {
    to.putLong(toAt + STAMP_AT, flushedPosition);
    to.putInt(toAt + STAMP_CRC_AT, crcOf(to, toAt + STAMP_AT, toAt + CRC_AT, crc));
    to.putInt(toAt + MAGIC_AT, MAGIC);
  }

  /**
   * Checks the frame at a place.
   *
   * @param at where it starts; the buffer ends with the segment
   * @param position the log position of that place
   * @return what is wrong, as "expected …, found …"; null when the frame is whole
   */
  public static @Nullable String defect(ByteBuffer segment, int at, long position, CRC32C crc) {
    int room = segment.capacity() - at;
    String defect = defect(segment, at, room, position, crc);
    if (defect == null && kind(segment, at) == KIND_SEGMENT_END && length(segment, at) != room) {
      return "expected the segment's end to cover %d bytes, found %d"
          .formatted(room, length(segment, at));
    }
    return defect;
  }

  /**
   * The same for a frame on its way from one copy to another, which may end with the header of a
   * segment's end.
   *
   * @param bytes a run of frames
   */
  static @Nullable String defectInRun(ByteBuffer bytes, int at, long position, CRC32C crc) {
    String defect = defect(bytes, at, bytes.capacity() - at, position, crc);
    if (defect == null
        && kind(bytes, at) == KIND_SEGMENT_END
        && length(bytes, at) % ALIGNMENT != 0) {
      return "expected a segment's end, found a length of " + length(bytes, at);
    }
    return defect;
  }

  private static @Nullable String defect(
      ByteBuffer segment, int at, int room, long position, CRC32C crc) {
    if (room < HEADER_BYTES) {
      return "expected a batch header, found " + room + " bytes to the end of the segment";
    }
    int magic = segment.getInt(at + MAGIC_AT);
    if (magic != MAGIC) {
      return mismatch("magic", MAGIC, magic);
    }
    long foundPosition = segment.getLong(at + POSITION_AT);
    if (foundPosition != position) {
      return "expected a batch of position " + position + ", found " + foundPosition;
    }
    int kindField = segment.getInt(at + KIND_AT);
    int kind = kindField & KIND_MASK;
    if (kind < KIND_RECORDS || kind > KIND_MEMBERSHIP || kindField >>> (2 * Byte.SIZE) != 0) {
      return "expected a known kind of batch, found %08x".formatted(kindField);
    }
    int length = segment.getInt(at + LENGTH_AT);
    if (length < HEADER_BYTES || (length > room && kind != KIND_SEGMENT_END)) {
      return "expected a batch length of " + HEADER_BYTES + " to " + room + ", found " + length;
    }
    int stampCrc = crcOf(segment, at + STAMP_AT, at + CRC_AT, crc);
    if (stampCrc != segment.getInt(at + STAMP_CRC_AT)) {
      return mismatch("stamp checksum", segment.getInt(at + STAMP_CRC_AT), stampCrc);
    }
    int batchCrc = crcOf(segment, at + KIND_AT, at + checkedBytes(kind, length), crc);
    if (batchCrc != segment.getInt(at + CRC_AT)) {
      return mismatch("batch checksum", segment.getInt(at + CRC_AT), batchCrc);
    }
    return null;
  }

  /** True when whoever goes from frame to frame, from the segment's start on, comes by here. */
  static boolean isReached(ByteBuffer segment, int place) {
    int at = 0;
    while (at < place && mayStartAt(segment, at) && length(segment, at) >= HEADER_BYTES) {
      at = align(at + length(segment, at));
    }
    return at == place;
  }

  /** True when a frame may start here; {@link #defect} tells whether it is one. */
  public static boolean mayStartAt(ByteBuffer segment, int at) {
    return segment.getInt(at + MAGIC_AT) == MAGIC;
  }

  public static int kind(ByteBuffer segment, int at) {
    return segment.getInt(at + KIND_AT) & KIND_MASK;
  }

  /** The length of the segment that the frame was written for; 0 when it doesn't say so. */
  static int segmentBytes(ByteBuffer segment, int at) {
    int log2 = (segment.getInt(at + KIND_AT) >>> SEGMENT_LOG2_SHIFT) & KIND_MASK;
    return log2 == 0 || log2 > 30 ? 0 : 1 << log2;
  }

  /** True for a frame that begins an epoch: one of no records, or a segment's end that says so. */
  public static boolean beginsEpoch(ByteBuffer segment, int at) {
    int count = count(segment, at);
    return switch (kind(segment, at)) {
      case KIND_RECORDS -> count == 0;
      case KIND_SEGMENT_END -> count == END_BEGINS_EPOCH;
      default -> false;
    };
  }

  public static long epoch(ByteBuffer segment, int at) {
    return segment.getLong(at + EPOCH_AT);
  }

  /** True when a message is in the frame. */
  static boolean hasRecords(ByteBuffer segment, int at) {
    return kind(segment, at) == KIND_RECORDS && count(segment, at) > 0;
  }

  /** The length of header and records, without the gap up to the next frame. */
  public static int length(ByteBuffer segment, int at) {
    return segment.getInt(at + LENGTH_AT);
  }

  public static int count(ByteBuffer segment, int at) {
    return segment.getInt(at + COUNT_AT);
  }

  /** What a frame holds behind its header, without a copy. */
  public static ByteBuffer content(ByteBuffer segment, int at) {
    return segment.slice(at + HEADER_BYTES, length(segment, at) - HEADER_BYTES);
  }

  /** How far the log was on disk when the frame was closed. */
  public static long flushedStamp(ByteBuffer segment, int at) {
    return segment.getLong(at + STAMP_AT);
  }

  private static int checkedBytes(int kind, int length) {
    return kind == KIND_SEGMENT_END ? HEADER_BYTES : length;
  }

  private static int crcOf(ByteBuffer segment, int from, int to, CRC32C crc) {
    crc.reset();
    crc.update(segment.limit(to).position(from));
    segment.clear();
    return (int) crc.getValue();
  }

  private static String mismatch(String what, int expected, int found) {
    return "expected %s %08x, found %08x".formatted(what, expected, found);
  }
}
