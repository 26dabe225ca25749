package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;
import org.jspecify.annotations.Nullable;

/**
 * A send: codes 310 and 320 with the short field names, code 10 with the long ones. As a {@link
 * CommandHeader} it writes the short ones; see {@link #withLongNames}.
 *
 * @param producerGroup the sender's group
 * @param topic where to
 * @param defaultTopic the topic whose settings an auto-created topic takes
 * @param defaultTopicQueues how many queues an auto-created topic is to have
 * @param queueId the queue, negative when the broker may choose
 * @param sysFlag see {@code SysFlag}
 * @param bornTimestampMs by the sender's clock, milliseconds since the epoch
 * @param flag the user's flag
 * @param properties encoded, as in the record; null when there are none
 * @param reconsumeTimes how often it was consumed before; for retry topics
 * @param unitMode passed through
 * @param maxReconsumeTimes when to give it up, for retry topics; negative when not given
 * @param batch whether the body is a batch
 * @param brokerName what the sender takes the broker for, which is no reason to refuse; or null
 */
public record SendRequestHeader(
    String producerGroup,
    String topic,
    String defaultTopic,
    int defaultTopicQueues,
    int queueId,
    int sysFlag,
    long bornTimestampMs,
    int flag,
    byte @Nullable [] properties,
    int reconsumeTimes,
    boolean unitMode,
    int maxReconsumeTimes,
    boolean batch,
    @Nullable String brokerName)
    implements CommandHeader {
  private static final int NO_MAXIMUM = -1;

  /** Reads the short field names (310, 320). */
  public static SendRequestHeader read(HeaderFields fields) {
    return new SendRequestHeader(
        fields.name("a"),
        fields.name("b"),
        fields.name("c"),
        fields.int32("d"),
        fields.int32("e"),
        fields.int32("f"),
        fields.int64("g"),
        fields.int32("h"),
        fields.findUtf8("i"),
        fields.int32("j", 0),
        fields.bool("k", false),
        fields.int32("l", NO_MAXIMUM),
        fields.bool("m", false),
        fields.find("n"));
  }

  /** Reads the long field names (10). */
  public static SendRequestHeader readLongNames(HeaderFields fields) {
    return new SendRequestHeader(
        fields.name("producerGroup"),
        fields.name("topic"),
        fields.name("defaultTopic"),
        fields.int32("defaultTopicQueueNums"),
        fields.int32("queueId"),
        fields.int32("sysFlag"),
        fields.int64("bornTimestamp"),
        fields.int32("flag"),
        fields.findUtf8("properties"),
        fields.int32("reconsumeTimes", 0),
        fields.bool("unitMode", false),
        fields.int32("maxReconsumeTimes", NO_MAXIMUM),
        fields.bool("batch", false),
        fields.find("bname"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("a", producerGroup)
        .field("b", topic)
        .field("c", defaultTopic)
        .field("d", defaultTopicQueues)
        .field("e", queueId)
        .field("f", sysFlag)
        .field("g", bornTimestampMs)
        .field("h", flag)
        .utf8("i", properties)
        .field("j", reconsumeTimes)
        .field("k", unitMode);
    if (maxReconsumeTimes >= 0) {
      out.field("l", maxReconsumeTimes);
    }
    out.field("m", batch).field("n", brokerName);
  }

  /** The same send to another queue, with other properties. */
  public SendRequestHeader to(String otherTopic, int otherQueueId, byte[] otherProperties) {
    return new SendRequestHeader(
        producerGroup,
        otherTopic,
        defaultTopic,
        defaultTopicQueues,
        otherQueueId,
        sysFlag,
        bornTimestampMs,
        flag,
        otherProperties,
        reconsumeTimes,
        unitMode,
        maxReconsumeTimes,
        batch,
        brokerName);
  }

  /** The same header with the long field names. */
  public CommandHeader withLongNames() {
    return this::writeLongNames;
  }

  private void writeLongNames(FieldWriter out) {
    out.field("producerGroup", producerGroup)
        .field("topic", topic)
        .field("defaultTopic", defaultTopic)
        .field("defaultTopicQueueNums", defaultTopicQueues)
        .field("queueId", queueId)
        .field("sysFlag", sysFlag)
        .field("bornTimestamp", bornTimestampMs)
        .field("flag", flag)
        .utf8("properties", properties)
        .field("reconsumeTimes", reconsumeTimes)
        .field("unitMode", unitMode);
    if (maxReconsumeTimes >= 0) {
      out.field("maxReconsumeTimes", maxReconsumeTimes);
    }
    out.field("batch", batch).field("bname", brokerName);
  }
}
