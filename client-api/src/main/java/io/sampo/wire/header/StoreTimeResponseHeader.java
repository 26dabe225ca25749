package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * A store time, the answer to 32.
 *
 * @param timestampMs milliseconds since the epoch, -1 when the queue is empty
 */
public record StoreTimeResponseHeader(long timestampMs) implements CommandHeader {
  public static StoreTimeResponseHeader read(HeaderFields fields) {
    return new StoreTimeResponseHeader(fields.int64("timestamp"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("timestamp", timestampMs);
  }
}
