package io.sampo.actors.transaction;

import java.nio.ByteBuffer;

/**
 * An undecided half message, as the log keeps it.
 *
 * @param offset its number in the queue of half messages
 * @param position its place in the log
 * @param dueMs when its producers are asked next, milliseconds since the epoch
 * @param checks how often they were asked
 * @param parked whether they are not asked any more until an operator says so
 */
public record HalfState(long offset, long position, long dueMs, int checks, boolean parked) {
  static final int BYTES = 8 + 8 + 8 + 4 + 1;

  void encode(ByteBuffer out) {
    out.putLong(offset)
        .putLong(position)
        .putLong(dueMs)
        .putInt(checks)
        .put((byte) (parked ? 1 : 0));
  }

  static HalfState decode(ByteBuffer in) {
    return new HalfState(in.getLong(), in.getLong(), in.getLong(), in.getInt(), in.get() != 0);
  }
}
