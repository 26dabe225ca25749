package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;
import org.jspecify.annotations.Nullable;

/**
 * A pull (11, 361).
 *
 * @param consumerGroup the group
 * @param topic the topic
 * @param queueId the queue
 * @param queueOffset the first offset wanted
 * @param messagesMax at most so many messages
 * @param sysFlag the bits below
 * @param commitOffset to commit for this queue, if {@link #COMMIT_OFFSET}
 * @param suspendMaxMs how long it may wait for a message, if {@link #MAY_SUSPEND}
 * @param subscription the filter expression, if {@link #HAS_SUBSCRIPTION}; else null
 * @param subscriptionVersion of the subscription that the client believes in; 0 for pull consumers
 * @param expressionType TAG or SQL92; null is TAG
 * @param bodyBytesMax at most so many bytes of records, though at least one record
 */
public record PullRequestHeader(
    String consumerGroup,
    String topic,
    int queueId,
    long queueOffset,
    int messagesMax,
    int sysFlag,
    long commitOffset,
    long suspendMaxMs,
    @Nullable String subscription,
    long subscriptionVersion,
    @Nullable String expressionType,
    int bodyBytesMax)
    implements CommandHeader {
  /** {@link #commitOffset} is valid. */
  public static final int COMMIT_OFFSET = 0x1;

  /** The broker may hold the request until a message comes. */
  public static final int MAY_SUSPEND = 0x2;

  /** The request carries its subscription; no heartbeat may have announced it. */
  public static final int HAS_SUBSCRIPTION = 0x4;

  /** The filter is a class; no longer supported by anyone. */
  public static final int CLASS_FILTER = 0x8;

  /** From a lite pull consumer. */
  public static final int LITE = 0x10;

  public static PullRequestHeader read(HeaderFields fields) {
    return new PullRequestHeader(
        fields.name("consumerGroup"),
        fields.name("topic"),
        fields.int32("queueId"),
        fields.int64("queueOffset"),
        fields.int32("maxMsgNums"),
        fields.int32("sysFlag"),
        fields.int64("commitOffset", 0),
        fields.int64("suspendTimeoutMillis", 0),
        fields.find("subscription"),
        fields.int64("subVersion", 0),
        fields.find("expressionType"),
        fields.int32("maxMsgBytes", Integer.MAX_VALUE));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("consumerGroup", consumerGroup)
        .field("topic", topic)
        .field("queueId", queueId)
        .field("queueOffset", queueOffset)
        .field("maxMsgNums", messagesMax)
        .field("sysFlag", sysFlag)
        .field("commitOffset", commitOffset)
        .field("suspendTimeoutMillis", suspendMaxMs)
        .field("subscription", subscription)
        .field("subVersion", subscriptionVersion)
        .field("expressionType", expressionType)
        .field("maxMsgBytes", bodyBytesMax);
  }

  /** The same without its filter. */
  public PullRequestHeader withoutSubscription() {
    return new PullRequestHeader(
        consumerGroup,
        topic,
        queueId,
        queueOffset,
        messagesMax,
        sysFlag & ~HAS_SUBSCRIPTION,
        commitOffset,
        suspendMaxMs,
        null,
        subscriptionVersion,
        null,
        bodyBytesMax);
  }

  public boolean commitsOffset() {
    return (sysFlag & COMMIT_OFFSET) != 0;
  }

  public boolean maySuspend() {
    return (sysFlag & MAY_SUSPEND) != 0;
  }

  public boolean hasSubscription() {
    return (sysFlag & HAS_SUBSCRIPTION) != 0;
  }
}
