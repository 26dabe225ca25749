package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * Another invisible time for a popped message (200053).
 *
 * @param handle see {@link PopHandle}
 * @param offset of the message in its queue
 * @param invisibleMs counted from now
 */
public record ChangeInvisibleRequestHeader(
    String consumerGroup, String topic, int queueId, String handle, long offset, long invisibleMs)
    implements CommandHeader {
  public static ChangeInvisibleRequestHeader read(HeaderFields fields) {
    return new ChangeInvisibleRequestHeader(
        fields.name("consumerGroup"),
        fields.name("topic"),
        fields.int32("queueId"),
        fields.text("extraInfo"),
        fields.int64("offset"),
        fields.int64("invisibleTime"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("consumerGroup", consumerGroup)
        .field("topic", topic)
        .field("queueId", queueId)
        .field("extraInfo", handle)
        .field("offset", offset)
        .field("invisibleTime", invisibleMs);
  }
}
