package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/** Names a group and a topic: what the group wants of it (345). */
public record GroupTopicHeader(String group, String topic) implements CommandHeader {
  public static GroupTopicHeader read(HeaderFields fields) {
    return new GroupTopicHeader(fields.text("group"), fields.text("topic"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("group", group).field("topic", topic);
  }
}
