package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * Asks what a consumer says of itself (307), from a tool to a broker and on to the consumer.
 *
 * @param stacks whether the answer is to have the stacks of the consumer's threads
 */
public record RunningInfoRequestHeader(String consumerGroup, String clientId, boolean stacks)
    implements CommandHeader {
  public static RunningInfoRequestHeader read(HeaderFields fields) {
    return new RunningInfoRequestHeader(
        fields.text("consumerGroup"), fields.text("clientId"), fields.bool("jstackEnable", false));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("consumerGroup", consumerGroup)
        .field("clientId", clientId)
        .field("jstackEnable", stacks);
  }
}
