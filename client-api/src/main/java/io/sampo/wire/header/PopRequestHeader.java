package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;
import org.jspecify.annotations.Nullable;

/**
 * A pop (200050).
 *
 * @param queueId -1 for all queues of the broker
 * @param messagesMax at most so many messages
 * @param invisibleMs how long nobody else gets what is popped
 * @param pollMs how long it may wait for a message
 * @param bornTimestampMs when the client made the request
 * @param initMode where a group begins that never consumed the queue, {@link #FROM_MIN} or {@link
 *     #FROM_MAX}
 * @param expressionType TAG or SQL92; null is TAG
 * @param expression the filter; null for all messages
 * @param inOrder whether a queue's next messages must wait for those popped before
 * @param attemptId names an orderly pop and its repetitions; null when it has no name
 */
public record PopRequestHeader(
    String consumerGroup,
    String topic,
    int queueId,
    int messagesMax,
    long invisibleMs,
    long pollMs,
    long bornTimestampMs,
    int initMode,
    @Nullable String expressionType,
    @Nullable String expression,
    boolean inOrder,
    @Nullable String attemptId)
    implements CommandHeader {
  /** At the oldest message. */
  public static final int FROM_MIN = 0;

  /** After the newest message. */
  public static final int FROM_MAX = 1;

  public static PopRequestHeader read(HeaderFields fields) {
    return new PopRequestHeader(
        fields.name("consumerGroup"),
        fields.name("topic"),
        fields.int32("queueId"),
        fields.int32("maxMsgNums"),
        fields.int64("invisibleTime"),
        fields.int64("pollTime"),
        fields.int64("bornTime", 0),
        fields.int32("initMode", FROM_MIN),
        fields.find("expType"),
        fields.find("exp"),
        fields.bool("order", false),
        fields.find("attemptId"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("consumerGroup", consumerGroup)
        .field("topic", topic)
        .field("queueId", queueId)
        .field("maxMsgNums", messagesMax)
        .field("invisibleTime", invisibleMs)
        .field("pollTime", pollMs)
        .field("bornTime", bornTimestampMs)
        .field("initMode", initMode)
        .field("expType", expressionType)
        .field("exp", expression)
        .field("order", inOrder)
        .field("attemptId", attemptId);
  }
}
