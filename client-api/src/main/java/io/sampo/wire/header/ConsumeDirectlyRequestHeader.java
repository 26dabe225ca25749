package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;
import org.jspecify.annotations.Nullable;

/**
 * Has one consumer consume one message (309), from a tool to a broker and on to the consumer.
 *
 * @param messageId names the message by its place; on to the consumer as it came
 * @param brokerName what the consumer is told the message comes from; null from a tool
 * @param topic null from clients before 5.0
 */
public record ConsumeDirectlyRequestHeader(
    String consumerGroup,
    String clientId,
    String messageId,
    @Nullable String brokerName,
    @Nullable String topic)
    implements CommandHeader {
  public static ConsumeDirectlyRequestHeader read(HeaderFields fields) {
    return new ConsumeDirectlyRequestHeader(
        fields.text("consumerGroup"),
        fields.text("clientId"),
        fields.text("msgId"),
        fields.find("brokerName"),
        fields.find("topic"));
  }

  /** As it goes on to the consumer. */
  public ConsumeDirectlyRequestHeader from(String broker) {
    return new ConsumeDirectlyRequestHeader(consumerGroup, clientId, messageId, broker, topic);
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("consumerGroup", consumerGroup)
        .field("clientId", clientId)
        .field("msgId", messageId)
        .field("brokerName", brokerName)
        .field("topic", topic);
  }
}
