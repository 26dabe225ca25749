package io.sampo.actors.transaction;

import io.sampo.record.HostAddress;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageIds;
import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import io.sampo.record.SysFlag;
import io.sampo.wire.header.CheckTransactionRequestHeader;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The form in which a message waits for the end of its transaction: a record of an internal queue
 * of the log group that it will be delivered in, with its real queue kept in the properties
 * REAL_TOPIC and REAL_QID, as RocketMQ does it. Pure functions; any thread.
 */
public final class HalfMessage {
  /** The topic of half messages; nobody but the broker reads or writes it. */
  public static final String TOPIC = "SAMPO_SYS_HALF";

  /** The queue of half messages. */
  public static final QueueKey QUEUE = new QueueKey(TOPIC, 0);

  /** The topic of what happened to half messages. */
  public static final String EVENT_TOPIC = "SAMPO_SYS_HALF_DONE";

  /** The queue of {@link HalfEvent}s. */
  public static final QueueKey EVENTS = new QueueKey(EVENT_TOPIC, 0);

  /** The producer group that is asked. */
  public static final String PRODUCER_GROUP = "PGROUP";

  /** In seconds: how old the message gets before its producers are asked. */
  private static final String IMMUNITY = "CHECK_IMMUNITY_TIME_IN_SECONDS";

  private static final String REAL_TOPIC = "REAL_TOPIC";
  private static final String REAL_QUEUE = "REAL_QID";
  private static final Set<String> QUEUE_ONLY = Set.of(REAL_QUEUE);
  private static final int HOST_BITS = SysFlag.BORN_IPV6 | SysFlag.STORE_IPV6;
  private static final String IS_HALF = "TRAN_MSG";

  private HalfMessage() {}

  /**
   * A message as it waits. The body is not copied, and releasing the new draft releases the
   * original, which must not be released besides.
   *
   * @param original as it was sent, for its real queue
   * @throws IllegalArgumentException when the properties together with the name of the real queue
   *     are longer than a record holds; nothing is released
   */
  public static MessageDraft toHalf(MessageDraft original) {
    Map<String, String> real = new LinkedHashMap<>();
    real.put(REAL_TOPIC, original.queue().topic());
    real.put(REAL_QUEUE, Integer.toString(original.queue().queueId()));
    byte[] properties =
        MessageProperties.append(original.properties(), MessageProperties.encode(real));
    if (properties.length > MessageProperties.BYTES_MAX) {
      throw new IllegalArgumentException(
          "the properties of a half message have "
              + properties.length
              + " bytes together with its queue's name, at most "
              + MessageProperties.BYTES_MAX
              + " are allowed");
    }
    return MessageDraft.to(QUEUE)
        .flags(original.flag(), original.sysFlag() & ~SysFlag.TRANSACTION_MASK)
        .born(original.bornTimestampMs(), original.bornHost())
        .storeHost(original.storeHost())
        .reconsumeTimes(original.reconsumeTimes())
        .body(original.body(), original.bodyCrc())
        .properties(properties, original.tagHash())
        .mayBeStored(original.mayBeStored())
        .onRelease(original::release)
        .build();
  }

  /**
   * True when both could be attempts at one send: they come from the same address and are the same,
   * apart from when they were made, the connection that they came over and the real queue's number.
   *
   * @param records holds a stored half message; only absolute gets
   */
  static boolean isSameSend(MessageDraft half, ByteBuffer records, int index) {
    return MessageRecord.bodyCrc(records, index) == half.bodyCrc()
        && MessageRecord.flag(records, index) == half.flag()
        && (MessageRecord.sysFlag(records, index) & ~HOST_BITS) == (half.sysFlag() & ~HOST_BITS)
        && Arrays.equals(bornHost(records, index).address(), half.bornHost().address())
        && Arrays.equals(
            MessageProperties.without(MessageRecord.properties(records, index), QUEUE_ONLY),
            MessageProperties.without(half.properties(), QUEUE_ONLY))
        && MessageRecord.body(records, index).equals(half.body());
  }

  /** Where a stored half message came from. */
  static HostAddress bornHost(ByteBuffer records, int index) {
    return MessageRecord.bornHost(records, index);
  }

  /** The queue that a stored half message goes to. */
  static int realQueueId(ByteBuffer records, int index) {
    String queueId = MessageRecord.property(records, index, REAL_QUEUE);
    if (queueId == null) {
      throw new IllegalArgumentException("the record of a half message names no queue");
    }
    return Integer.parseInt(queueId);
  }

  /**
   * How old the message gets before its producers are asked, in milliseconds.
   *
   * @param properties encoded, from position to limit
   * @param timeoutMs for a message that doesn't say it
   */
  static long immunityMs(ByteBuffer properties, long timeoutMs) {
    String seconds = MessageProperties.find(properties, IMMUNITY);
    if (seconds == null) {
      return timeoutMs;
    }
    try {
      int wanted = Integer.parseInt(seconds);
      return wanted < 0 ? timeoutMs : wanted * 1000L;
    } catch (NumberFormatException e) { // RocketMQ's brokers take it for absent, too
      return timeoutMs;
    }
  }

  /** The producer group of a stored half message; null when it has none. */
  static @Nullable String producerGroup(ByteBuffer records, int index) {
    return MessageRecord.property(records, index, PRODUCER_GROUP);
  }

  /**
   * The message as it is delivered once its transaction is committed.
   *
   * @param records holds the record of the half message; read until the draft is released
   * @param onRelease what the draft's release does
   */
  static MessageDraft toCommitted(ByteBuffer records, int index, Runnable onRelease) {
    int sysFlag = MessageRecord.sysFlag(records, index) & ~SysFlag.TRANSACTION_MASK;
    return restored(records, index, Set.of(REAL_TOPIC, REAL_QUEUE, IS_HALF))
        .flags(MessageRecord.flag(records, index), sysFlag | SysFlag.COMMIT)
        .preparedTransactionOffset(MessageRecord.physicalOffset(records, index))
        .onRelease(onRelease)
        .build();
  }

  /** The question to the producer of a stored half message. */
  static ProducerLink.TransactionCheck toCheck(ByteBuffer records, int index, String logGroup) {
    MessageDraft draft =
        restored(records, index, Set.of(REAL_TOPIC, REAL_QUEUE))
            .flags(MessageRecord.flag(records, index), MessageRecord.sysFlag(records, index))
            .build();
    long offset = MessageRecord.queueOffset(records, index);
    long position = MessageRecord.physicalOffset(records, index);
    byte[] record = new byte[MessageRecordWriter.sizeOf(draft)];
    MessageRecordWriter.encode(
        draft,
        offset,
        position,
        MessageRecord.storeTimestamp(records, index),
        ByteBuffer.wrap(record),
        0);
    String messageId = MessageProperties.find(draft.properties(), MessageProperties.UNIQUE_KEY);
    return new ProducerLink.TransactionCheck(
        new CheckTransactionRequestHeader(
            draft.queue().topic(),
            offset,
            position,
            messageId,
            messageId,
            MessageIds.encode(draft.storeHost(), position),
            logGroup),
        record);
  }

  private static MessageDraft.Builder restored(
      ByteBuffer records, int index, Set<String> withoutProperties) {
    ByteBuffer encoded = MessageRecord.properties(records, index);
    String topic = MessageProperties.find(encoded, REAL_TOPIC);
    String queueId = MessageProperties.find(encoded, REAL_QUEUE);
    if (topic == null || queueId == null) {
      throw new IllegalArgumentException("the record of a half message names no queue");
    }
    byte[] properties = MessageProperties.without(encoded, withoutProperties);
    return MessageDraft.to(new QueueKey(topic, Integer.parseInt(queueId)))
        .born(MessageRecord.bornTimestamp(records, index), MessageRecord.bornHost(records, index))
        .storeHost(MessageRecord.storeHost(records, index))
        .reconsumeTimes(MessageRecord.reconsumeTimes(records, index))
        .body(MessageRecord.body(records, index), MessageRecord.bodyCrc(records, index))
        .properties(properties, MessageProperties.tagHash(properties));
  }
}
