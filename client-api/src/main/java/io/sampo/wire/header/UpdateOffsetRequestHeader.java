package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * Commits an offset (15); often one-way.
 *
 * @param commitOffset the next offset to consume
 */
public record UpdateOffsetRequestHeader(
    String consumerGroup, String topic, int queueId, long commitOffset) implements CommandHeader {
  public static UpdateOffsetRequestHeader read(HeaderFields fields) {
    return new UpdateOffsetRequestHeader(
        fields.name("consumerGroup"),
        fields.name("topic"),
        fields.int32("queueId"),
        fields.int64("commitOffset"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("consumerGroup", consumerGroup)
        .field("topic", topic)
        .field("queueId", queueId)
        .field("commitOffset", commitOffset);
  }
}
