package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * Asks for a committed offset (14); answered by {@link OffsetResponseHeader} or QUERY_NOT_FOUND.
 *
 * @param zeroIfNotFound whether 0 may be answered for a queue that still has its first message;
 *     true when not given
 */
public record QueryOffsetRequestHeader(
    String consumerGroup, String topic, int queueId, boolean zeroIfNotFound)
    implements CommandHeader {
  public static QueryOffsetRequestHeader read(HeaderFields fields) {
    return new QueryOffsetRequestHeader(
        fields.name("consumerGroup"),
        fields.name("topic"),
        fields.int32("queueId"),
        fields.bool("setZeroIfNotFound", true));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("consumerGroup", consumerGroup).field("topic", topic).field("queueId", queueId);
    if (!zeroIfNotFound) {
      out.field("setZeroIfNotFound", false);
    }
  }
}
