package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * Has a broker reset the offsets of a group (222).
 *
 * @param timestampMs to the first message stored at or after that time, milliseconds since the
 *     epoch; negative: behind the last message
 * @param queueId only that queue; {@link #ALL_QUEUES}: all of the topic
 * @param offset of one queue, in the place of the time; {@link #NO_OFFSET}: by the time
 */
public record ResetOffsetRequestHeader(
    String topic, String group, long timestampMs, int queueId, long offset)
    implements CommandHeader {
  public static final int ALL_QUEUES = -1;
  public static final long NO_OFFSET = -1;

  public static ResetOffsetRequestHeader read(HeaderFields fields) {
    return new ResetOffsetRequestHeader(
        fields.text("topic"),
        fields.text("group"),
        fields.int64("timestamp"),
        fields.int32("queueId", ALL_QUEUES),
        fields.int64("offset", NO_OFFSET));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("topic", topic)
        .field("group", group)
        .field("timestamp", timestampMs)
        .field("isForce", true)
        .field("queueId", queueId);
    if (offset != NO_OFFSET) {
      out.field("offset", offset);
    }
  }
}
