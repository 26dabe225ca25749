package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;
import org.jspecify.annotations.Nullable;

/**
 * The question whether there is something to pop (200054); the fields as in {@link
 * PopRequestHeader}.
 */
public record NotificationRequestHeader(
    String consumerGroup,
    String topic,
    int queueId,
    long pollMs,
    long bornTimestampMs,
    boolean inOrder,
    @Nullable String attemptId,
    @Nullable String expressionType,
    @Nullable String expression)
    implements CommandHeader {
  public static NotificationRequestHeader read(HeaderFields fields) {
    return new NotificationRequestHeader(
        fields.name("consumerGroup"),
        fields.name("topic"),
        fields.int32("queueId"),
        fields.int64("pollTime"),
        fields.int64("bornTime", 0),
        fields.bool("order", false),
        fields.find("attemptId"),
        fields.find("expType"),
        fields.find("exp"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("consumerGroup", consumerGroup)
        .field("topic", topic)
        .field("queueId", queueId)
        .field("pollTime", pollMs)
        .field("bornTime", bornTimestampMs)
        .field("order", inOrder)
        .field("attemptId", attemptId)
        .field("expType", expressionType)
        .field("exp", expression);
  }
}
