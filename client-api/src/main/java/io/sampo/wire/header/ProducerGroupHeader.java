package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/** Names a producer group: whose producers are asked for (204). */
public record ProducerGroupHeader(String producerGroup) implements CommandHeader {
  public static ProducerGroupHeader read(HeaderFields fields) {
    return new ProducerGroupHeader(fields.text("producerGroup"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("producerGroup", producerGroup);
  }
}
