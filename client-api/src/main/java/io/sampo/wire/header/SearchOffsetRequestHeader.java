package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * Asks for the offset of a queue at a time (29); answered by {@link OffsetResponseHeader}.
 *
 * @param timestampMs store time, milliseconds since the epoch
 * @param upper false (the default): the first message stored at or after the time; true: the last
 *     one stored at or before it
 */
public record SearchOffsetRequestHeader(String topic, int queueId, long timestampMs, boolean upper)
    implements CommandHeader {
  private static final String UPPER = "UPPER";

  public static SearchOffsetRequestHeader read(HeaderFields fields) {
    return new SearchOffsetRequestHeader(
        fields.name("topic"),
        fields.int32("queueId"),
        fields.int64("timestamp"),
        UPPER.equalsIgnoreCase(fields.find("boundaryType")));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("topic", topic).field("queueId", queueId).field("timestamp", timestampMs);
    if (upper) {
      out.field("boundaryType", UPPER);
    }
  }
}
