package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/** Names a topic (215, 216, 351 and others that say nothing else). */
public record TopicHeader(String topic) implements CommandHeader {
  public static TopicHeader read(HeaderFields fields) {
    return new TopicHeader(fields.text("topic"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("topic", topic);
  }
}
