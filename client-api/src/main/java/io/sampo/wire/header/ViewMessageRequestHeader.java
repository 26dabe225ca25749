package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * Asks for one message by its place (33); the answer's body is its record.
 *
 * @param offset the record's PHYSICALOFFSET, as sent, so perhaps of no record
 */
public record ViewMessageRequestHeader(long offset) implements CommandHeader {
  public static ViewMessageRequestHeader read(HeaderFields fields) {
    return new ViewMessageRequestHeader(fields.int64("offset"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("offset", offset);
  }
}
