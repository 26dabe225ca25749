package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/** An offset, the answer to 14, 29, 30 and 31. */
public record OffsetResponseHeader(long offset) implements CommandHeader {
  public static OffsetResponseHeader read(HeaderFields fields) {
    return new OffsetResponseHeader(fields.int64("offset"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("offset", offset);
  }
}
