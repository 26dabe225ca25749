package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/** Names a consumer group: whose members are asked for (38), or have changed (40). */
public record ConsumerGroupHeader(String consumerGroup) implements CommandHeader {
  public static ConsumerGroupHeader read(HeaderFields fields) {
    return new ConsumerGroupHeader(fields.name("consumerGroup"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("consumerGroup", consumerGroup);
  }
}
