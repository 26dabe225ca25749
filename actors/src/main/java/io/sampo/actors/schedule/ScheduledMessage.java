package io.sampo.actors.schedule;

import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.record.Returned;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The form in which a message waits for its time: a record of the internal queue {@link #QUEUE}, in
 * the log group that it will be delivered in. All of the message is kept, and in front of its
 * properties lies what the way back needs:
 *
 * <pre>
 *  0         1              9              17         21            22 + n       23 + n
 *  +---------+--------------+--------------+----------+-------------+------------+--------------
 *  | version | deliver at   | prepared     | queue id | n | topic   | 0x02       | properties
 *  +---------+--------------+--------------+----------+-------------+------------+--------------
 *    1 byte    8, ms since    8              4          2   n bytes   ends a pair  as they came
 *              the epoch
 * </pre>
 *
 * <p>Whoever reads the properties of such a record passes over the front, in which there is no name
 * that means anything, and finds those of the message. Pure functions; any thread.
 */
public final class ScheduledMessage {
  /** The topic of messages that wait; nobody but the broker reads or writes it. */
  public static final String TOPIC = "SAMPO_SYS_SCHEDULE";

  /** The queue of messages that wait. */
  public static final QueueKey QUEUE = new QueueKey(TOPIC, 0);

  private static final byte VERSION = 1;
  private static final byte PAIR_END = 2;
  private static final int DELIVER_AT_AT = 1;
  private static final int PREPARED_AT = DELIVER_AT_AT + 8;
  private static final int QUEUE_ID_AT = PREPARED_AT + 8;
  private static final int TOPIC_SIZE_AT = QUEUE_ID_AT + 4;
  private static final int TOPIC_AT = TOPIC_SIZE_AT + 2;

  /** Where what every attempt at one send has in common begins. */
  private static final int COMMON_AT = TOPIC_SIZE_AT;

  private ScheduledMessage() {}

  /**
   * The bytes of properties that a message for a topic may have and still be scheduled; less than
   * what a record holds, because the topic is kept among them.
   */
  public static int propertiesBytesMax(String topic) {
    return MessageProperties.BYTES_MAX - frontBytes(topic.getBytes(StandardCharsets.UTF_8).length);
  }

  /**
   * A message as it waits. The body is not copied, and releasing the new draft releases the
   * original, which must not be released besides.
   *
   * @param original as it is to appear in its queue; without properties that ask for a delay,
   *     unless its consumers shall see them
   * @param deliverAtMs when, in milliseconds since the epoch; what has passed is delivered at once
   * @throws IllegalArgumentException when the properties are longer than {@link
   *     #propertiesBytesMax}; nothing is released
   */
  public static MessageDraft toSchedule(MessageDraft original, long deliverAtMs) {
    byte[] topic = original.queue().topic().getBytes(StandardCharsets.UTF_8);
    byte[] properties = original.properties();
    int frontBytes = frontBytes(topic.length);
    if (frontBytes + properties.length > MessageProperties.BYTES_MAX) {
      throw new IllegalArgumentException(
          "the properties of a message that is delivered later have "
              + properties.length
              + " bytes, at most "
              + (MessageProperties.BYTES_MAX - frontBytes)
              + " with this topic");
    }
    byte[] extended = new byte[frontBytes + properties.length];
    ByteBuffer front = ByteBuffer.wrap(extended);
    front
        .put(VERSION)
        .putLong(deliverAtMs)
        .putLong(original.returned() == null ? original.preparedTransactionOffset() : 0)
        .putInt(original.queue().queueId())
        .putShort((short) topic.length)
        .put(topic)
        .put(PAIR_END)
        .put(properties);
    MessageDraft.Builder waiting =
        MessageDraft.to(QUEUE)
            .flags(original.flag(), original.sysFlag())
            .born(original.bornTimestampMs(), original.bornHost())
            .storeHost(original.storeHost())
            .reconsumeTimes(original.reconsumeTimes())
            .body(original.body(), original.bodyCrc())
            .properties(extended, original.tagHash())
            .sent(original.sendKey(), COMMON_AT)
            .mayBeStored(original.mayBeStored())
            .onRelease(original::release);
    Returned returned = original.returned();
    if (returned != null) {
      waiting.returned(
          original.sendKey(),
          returned.waiting(
              DELIVER_AT_AT,
              new Returned.Span(TOPIC_SIZE_AT, TOPIC_AT - TOPIC_SIZE_AT + topic.length)));
    }
    return waiting.build();
  }

  /**
   * When the message of a stored record is to be delivered, in milliseconds since the epoch.
   *
   * @param records holds a record of {@link #QUEUE}; only absolute gets
   * @param index where it starts
   * @throws IllegalArgumentException when it is not such a record
   */
  public static long deliverAtMs(ByteBuffer records, int index) {
    return records.getLong(frontIndex(records, index) + DELIVER_AT_AT);
  }

  /** The queue that the message of a stored record goes to; parameters as above. */
  public static QueueKey target(ByteBuffer records, int index) {
    int front = frontIndex(records, index);
    byte[] topic = new byte[records.getShort(front + TOPIC_SIZE_AT)];
    records.get(front + TOPIC_AT, topic);
    return new QueueKey(
        new String(topic, StandardCharsets.UTF_8), records.getInt(front + QUEUE_ID_AT));
  }

  /** The message's own properties, a view; parameters as above. */
  public static ByteBuffer properties(ByteBuffer records, int index) {
    int front = frontIndex(records, index);
    int frontBytes = frontBytes(records.getShort(front + TOPIC_SIZE_AT));
    return records.slice(
        front + frontBytes, MessageRecord.propertiesSize(records, index) - frontBytes);
  }

  /**
   * The message as it was before it had to wait, to be appended to a queue.
   *
   * @param target {@link #target}, or another queue where that is gone
   * @param onRelease what the draft's release does; until then the bytes of the record are read
   */
  public static MessageDraft toOriginal(
      ByteBuffer records, int index, QueueKey target, Runnable onRelease) {
    int front = frontIndex(records, index);
    ByteBuffer encoded = properties(records, index);
    byte[] properties = new byte[encoded.remaining()];
    encoded.get(properties);
    return MessageDraft.to(target)
        .flags(MessageRecord.flag(records, index), MessageRecord.sysFlag(records, index))
        .born(MessageRecord.bornTimestamp(records, index), MessageRecord.bornHost(records, index))
        .storeHost(MessageRecord.storeHost(records, index))
        .reconsumeTimes(MessageRecord.reconsumeTimes(records, index))
        .preparedTransactionOffset(records.getLong(front + PREPARED_AT))
        .body(MessageRecord.body(records, index), MessageRecord.bodyCrc(records, index))
        .properties(properties, MessageProperties.tagHash(properties))
        .onRelease(onRelease)
        .build();
  }

  /**
   * The record once more, as it is, to be appended to the schedule again.
   *
   * @param onRelease what the draft's release does; until then the bytes of the record are read
   * @throws IllegalArgumentException when it is not such a record
   */
  static MessageDraft copy(ByteBuffer records, int index, Runnable onRelease) {
    frontIndex(records, index);
    byte[] extended = new byte[MessageRecord.propertiesSize(records, index)];
    records.get(MessageRecord.propertiesIndex(records, index), extended);
    ByteBuffer own = properties(records, index);
    byte[] properties = new byte[own.remaining()];
    own.get(properties);
    return MessageDraft.to(QUEUE)
        .flags(MessageRecord.flag(records, index), MessageRecord.sysFlag(records, index))
        .born(MessageRecord.bornTimestamp(records, index), MessageRecord.bornHost(records, index))
        .storeHost(MessageRecord.storeHost(records, index))
        .reconsumeTimes(MessageRecord.reconsumeTimes(records, index))
        .body(MessageRecord.body(records, index), MessageRecord.bodyCrc(records, index))
        .properties(extended, MessageProperties.tagHash(properties))
        .onRelease(onRelease)
        .build();
  }

  /** Where the front starts, after a check that it is one. */
  private static int frontIndex(ByteBuffer records, int index) {
    int front = MessageRecord.propertiesIndex(records, index);
    int size = MessageRecord.propertiesSize(records, index);
    if (size < TOPIC_AT + 1 || records.get(front) != VERSION) {
      throw new IllegalArgumentException("not the record of a message that waits");
    }
    int topicBytes = records.getShort(front + TOPIC_SIZE_AT);
    if (topicBytes < 1
        || frontBytes(topicBytes) > size
        || records.getInt(front + QUEUE_ID_AT) < 0) {
      throw new IllegalArgumentException("the record of a message that waits is damaged");
    }
    return front;
  }

  private static int frontBytes(int topicBytes) {
    return TOPIC_AT + topicBytes + 1;
  }
}
