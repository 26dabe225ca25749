package io.sampo.record;

import java.nio.ByteBuffer;

/**
 * What tells the copy of a message that a consumer group returned, for its next try or as a dead
 * letter, so that the same return is recognised when it comes again. It is kept in the field of the
 * prepared transaction's offset, which such a copy has no other use for:
 *
 * <pre>
 *  63     62 .. 47   46 .. 24        23 .. 0
 *  +---+------------+---------------+------------------------------------------+
 *  | 1 | port       | hash of group | hash of the failed record's position, or 0 |
 *  +---+------------+---------------+------------------------------------------+
 * </pre>
 *
 * <p>The first bit makes it negative, which no offset is. The port is that of the connection that
 * it was returned over. A message that its client sent to the retry topic by itself says nothing of
 * the position. Immutable.
 *
 * @param mark as above
 * @param dueIndex where in the copy's properties the time lies that it waits for, in milliseconds
 *     since the epoch; negative when it doesn't wait
 * @param target of a copy that waits: which of its properties' bytes name the topic that it goes to
 */
public record Returned(long mark, int dueIndex, Span target) {
  private static final Span NO_TARGET = new Span(0, 0);

  /**
   * A part of a copy's properties.
   *
   * @param from index of its first byte
   * @param bytes its length
   */
  public record Span(int from, int bytes) {}

  private static final int NOT_WAITING = -1;
  private static final long PRESENT = 1L << 63;
  private static final int PORT_SHIFT = 47;
  private static final long PORT_MASK = 0xFFFF;
  private static final int GROUP_SHIFT = 24;
  private static final int GROUP_MASK = 0x7F_FFFF;
  private static final int PLACE_MASK = 0xFF_FFFF;
  private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

  /**
   * Of a message that is in the log.
   *
   * @param position of the record that the group failed
   * @param port of the connection that it was returned over, 0 for none
   */
  public static Returned from(String group, long position, int port) {
    long spread = (position + 1) * SPREAD;
    int place = (int) (spread >>> 32) & PLACE_MASK;
    return new Returned(mark(group, port) | (place == 0 ? 1 : place), NOT_WAITING, NO_TARGET);
  }

  /** Of a message that the client sent itself. */
  public static Returned sent(String group, int port) {
    return new Returned(mark(group, port), NOT_WAITING, NO_TARGET);
  }

  private static long mark(String group, int port) {
    int hash = group.hashCode() * 0x9E37_79B1;
    return PRESENT
        | (port & PORT_MASK) << PORT_SHIFT
        | (long) (hash >>> 9 & GROUP_MASK) << GROUP_SHIFT;
  }

  /** The same for a copy that waits. */
  public Returned waiting(int timeIndex, Span target) {
    return new Returned(mark, timeIndex, target);
  }

  /** True when it names the record that was failed. */
  public boolean isPlaced() {
    return isPlaced(mark);
  }

  /** True for a stored record that has a mark. */
  public static boolean isReturned(ByteBuffer records, int index) {
    return MessageRecord.preparedTransactionOffset(records, index) < 0;
  }

  /** The group's part of a mark. */
  public static int group(long mark) {
    return (int) (mark >>> GROUP_SHIFT) & GROUP_MASK;
  }

  /** The port in a mark. */
  public static int port(long mark) {
    return (int) (mark >>> PORT_SHIFT & PORT_MASK);
  }

  /** True when both name the same failed record. */
  public static boolean isSamePlace(long mark, long other) {
    return isPlaced(mark) && (mark & PLACE_MASK) == (other & PLACE_MASK);
  }

  /** False when they name different ones. */
  public static boolean mayBeSamePlace(long mark, long other) {
    return !isPlaced(mark) || !isPlaced(other) || isSamePlace(mark, other);
  }

  /** True when the mark names the record that was failed. */
  public static boolean isPlaced(long mark) {
    return (mark & PLACE_MASK) != 0;
  }
}
