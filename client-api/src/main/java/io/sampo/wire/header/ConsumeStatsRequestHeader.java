package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * Asks how far a group is (208).
 *
 * @param topic empty for all that the group consumes
 */
public record ConsumeStatsRequestHeader(String consumerGroup, String topic)
    implements CommandHeader {
  public static ConsumeStatsRequestHeader read(HeaderFields fields) {
    String topic = fields.find("topic");
    return new ConsumeStatsRequestHeader(fields.text("consumerGroup"), topic == null ? "" : topic);
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("consumerGroup", consumerGroup).field("topic", topic);
  }
}
