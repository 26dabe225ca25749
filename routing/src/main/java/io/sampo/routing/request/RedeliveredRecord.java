package io.sampo.routing.request;

import io.sampo.record.MessageRecord;
import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;

/**
 * A stored record as it is sent again: a copy in the heap that says how often the message was
 * delivered before. Only what comes again pays for the copy.
 */
final class RedeliveredRecord implements LogSlice {
  private final ByteBuffer bytes;

  private RedeliveredRecord(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /** Copies a slice of one record, and closes it. */
  static LogSlice copyOf(LogSlice stored, int reconsumeTimes) {
    try (stored) {
      ByteBuffer copy = ByteBuffer.allocate(stored.sizeBytes());
      copy.put(stored.bytes()).flip();
      MessageRecord.setReconsumeTimes(copy, 0, reconsumeTimes);
      return new RedeliveredRecord(copy.asReadOnlyBuffer());
    }
  }

  @Override
  public ByteBuffer bytes() {
    return bytes.duplicate();
  }

  @Override
  public int sizeBytes() {
    return bytes.remaining();
  }

  @Override
  public boolean isCopy() {
    return true;
  }

  @Override
  public void close() {
    // the heap's
  }
}
