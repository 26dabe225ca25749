package io.sampo.storage.recovery;

import java.nio.ByteBuffer;

/**
 * A membership frame in a log.
 *
 * @param endPosition where the frame ends
 * @param content what it says, which the log doesn't look at
 */
public record MembershipEntry(long endPosition, ByteBuffer content) {
  public MembershipEntry {
    content = content.asReadOnlyBuffer();
  }

  /** Bytes of their own, for an entry to be made of. */
  public static ByteBuffer copyOf(ByteBuffer content) {
    return ByteBuffer.allocate(content.remaining()).put(content.duplicate()).flip();
  }

  /** A view of the caller's own. */
  @Override
  public ByteBuffer content() {
    return content.duplicate();
  }
}
