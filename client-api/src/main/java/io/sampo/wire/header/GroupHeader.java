package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/** Names a subscription group (352 and others that say nothing else). */
public record GroupHeader(String group) implements CommandHeader {
  public static GroupHeader read(HeaderFields fields) {
    return new GroupHeader(fields.text("group"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("group", group);
  }
}
