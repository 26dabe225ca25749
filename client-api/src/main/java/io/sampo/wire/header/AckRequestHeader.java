package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * The acknowledgement of a popped message (200051).
 *
 * @param handle see {@link PopHandle}
 * @param offset of the message in its queue
 */
public record AckRequestHeader(
    String consumerGroup, String topic, int queueId, String handle, long offset)
    implements CommandHeader {
  public static AckRequestHeader read(HeaderFields fields) {
    return new AckRequestHeader(
        fields.name("consumerGroup"),
        fields.name("topic"),
        fields.int32("queueId"),
        fields.text("extraInfo"),
        fields.int64("offset"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("consumerGroup", consumerGroup)
        .field("topic", topic)
        .field("queueId", queueId)
        .field("extraInfo", handle)
        .field("offset", offset);
  }
}
