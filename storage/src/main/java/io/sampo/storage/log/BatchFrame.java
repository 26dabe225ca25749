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
 *   <li>A frame of kind <b>segment end</b> has the length of all that is left of the segment; its
 *       checksum covers the header alone, what follows is never written.
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

  static final int MAGIC = 0x534D5031; // "SMP1"

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
    segment.putInt(at + KIND_AT, kind);
    segment.putLong(at + POSITION_AT, position);
    segment.putLong(at + EPOCH_AT, epoch);
    segment.putInt(at + LENGTH_AT, length);
    segment.putInt(at + COUNT_AT, count);
    segment.putInt(at + STAMP_CRC_AT, crcOf(segment, at + STAMP_AT, at + CRC_AT, crc));
    segment.putInt(at + CRC_AT, crcOf(segment, at + KIND_AT, at + checkedBytes(kind, length), crc));
    segment.putInt(at + MAGIC_AT, MAGIC);
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
    int kind = segment.getInt(at + KIND_AT);
    if (kind != KIND_RECORDS && kind != KIND_SEGMENT_END) {
      return "expected a known kind of batch, found " + kind;
    }
    int length = segment.getInt(at + LENGTH_AT);
    if (length < HEADER_BYTES || length > room) {
      return "expected a batch length of " + HEADER_BYTES + " to " + room + ", found " + length;
    }
    if (kind == KIND_SEGMENT_END && length != room) {
      return "expected the segment's end to cover " + room + " bytes, found " + length;
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

  /** True when a frame may start here; {@link #defect} tells whether it is one. */
  public static boolean mayStartAt(ByteBuffer segment, int at) {
    return segment.getInt(at + MAGIC_AT) == MAGIC;
  }

  public static int kind(ByteBuffer segment, int at) {
    return segment.getInt(at + KIND_AT);
  }

  public static long epoch(ByteBuffer segment, int at) {
    return segment.getLong(at + EPOCH_AT);
  }

  /** The length of header and records, without the gap up to the next frame. */
  public static int length(ByteBuffer segment, int at) {
    return segment.getInt(at + LENGTH_AT);
  }

  public static int count(ByteBuffer segment, int at) {
    return segment.getInt(at + COUNT_AT);
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
