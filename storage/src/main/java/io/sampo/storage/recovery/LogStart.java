package io.sampo.storage.recovery;

import java.nio.ByteBuffer;

/**
 * What must be known at a log's first byte of everything before it.
 *
 * @param position of the first byte
 * @param epoch of the byte before it, 0 when there never was one
 * @param membership who replicates the log there, in the words of the replicas' protocol, which the
 *     log doesn't look at; empty when nobody said so
 */
public record LogStart(long position, long epoch, ByteBuffer membership) {
  /** Of a log that begins with nothing and is nobody's copy. */
  public static final LogStart NOTHING = new LogStart(0, 0, ByteBuffer.allocate(0));

  public LogStart {
    if (position < 0 || epoch < 0) {
      throw new IllegalArgumentException(
          "a log can't begin at position " + position + " in epoch " + epoch);
    }
    membership = membership.asReadOnlyBuffer();
  }

  /** A view of the caller's own. */
  @Override
  public ByteBuffer membership() {
    return membership.duplicate();
  }
}
