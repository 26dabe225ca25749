package io.sampo.storage.log;

import java.nio.ByteBuffer;

/**
 * Whole records as they lie in a segment, next to each other, without a copy. The segment stays
 * mapped until {@link #close()}; whoever holds the slice last closes it exactly once, on any
 * thread.
 */
public interface LogSlice extends AutoCloseable {
  /** Read-only view of the bytes, from position to limit. */
  ByteBuffer bytes();

  /** The length in bytes. */
  int sizeBytes();

  /** True when the bytes were copied and take memory of their own. */
  default boolean isCopy() {
    return false;
  }

  @Override
  void close();
}
