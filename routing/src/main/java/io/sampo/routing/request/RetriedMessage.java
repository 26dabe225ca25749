package io.sampo.routing.request;

import io.sampo.actors.catalog.CatalogRules;
import io.sampo.record.HostAddress;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageIds;
import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.record.Returned;
import io.sampo.record.SendKey;
import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The copies of a message that a group failed: one more time for its retry topic, or as a dead
 * letter. Where the message came from goes with it in properties, as RocketMQ's
 * AbstractSendMessageProcessor (consumerSendMsgBack) writes them; the official consumers show a
 * message of a retry topic under the topic in RETRY_TOPIC. What a message in any other topic says
 * of that is of a former life, in which it was a dead letter. Pure functions; any thread.
 */
final class RetriedMessage {
  private static final String RETRY_TOPIC = "RETRY_TOPIC";
  private static final String ORIGIN_MESSAGE_ID = "ORIGIN_MESSAGE_ID";
  private static final String DEAD_LETTER_ORIGIN_TOPIC = "DLQ_ORIGIN_TOPIC";
  private static final String DEAD_LETTER_ORIGIN_MESSAGE_ID = "DLQ_ORIGIN_MESSAGE_ID";

  /** What was meant for the first delivery only. */
  private static final Set<String> NOT_COPIED = Set.of("DELAY", MessageProperties.WAIT);

  private static final Set<String> DEAD_LETTER_ORIGIN =
      Set.of(DEAD_LETTER_ORIGIN_TOPIC, DEAD_LETTER_ORIGIN_MESSAGE_ID);

  private static final byte[] NO_WAIT =
      MessageProperties.encode(Map.of(MessageProperties.WAIT, "false"));

  private RetriedMessage() {}

  /**
   * The message of a record for another queue, with one more reconsumption. The body is not copied:
   * the draft holds the slice and closes it when it is released.
   *
   * @param slice one whole record
   * @param deadLetter whether it is given up
   * @param storeHost of the new record
   * @param returned by which group, and how
   */
  static MessageDraft copy(
      LogSlice slice,
      QueueKey target,
      boolean deadLetter,
      HostAddress storeHost,
      Returned returned) {
    ByteBuffer records = slice.bytes();
    int at = records.position();
    byte[] properties = properties(records, at, deadLetter);
    return MessageDraft.to(target)
        .flags(MessageRecord.flag(records, at), MessageRecord.sysFlag(records, at))
        .born(MessageRecord.bornTimestamp(records, at), MessageRecord.bornHost(records, at))
        .storeHost(storeHost)
        .reconsumeTimes(MessageRecord.reconsumeTimes(records, at) + 1)
        .body(MessageRecord.body(records, at), MessageRecord.bodyCrc(records, at))
        .properties(properties, MessageProperties.tagHash(properties))
        .returned(SendKey.of(records, at), returned)
        .onRelease(slice::close)
        .build();
  }

  private static byte[] properties(ByteBuffer records, int at, boolean deadLetter) {
    ByteBuffer encoded = MessageRecord.properties(records, at);
    byte[] properties = new byte[encoded.remaining()];
    encoded.get(properties);
    boolean triedBefore = MessageRecord.topic(records, at).startsWith(CatalogRules.RETRY_PREFIX);
    Map<String, String> added = new LinkedHashMap<>();
    String topic = triedBefore ? MessageProperties.find(properties, RETRY_TOPIC) : null;
    if (topic == null) {
      topic = MessageRecord.topic(records, at);
      added.put(RETRY_TOPIC, topic);
    }
    String id = triedBefore ? MessageProperties.find(properties, ORIGIN_MESSAGE_ID) : null;
    if (id == null) {
      String key =
          triedBefore ? MessageProperties.find(properties, MessageProperties.UNIQUE_KEY) : null;
      id = key == null ? ownId(records, at) : key;
      added.put(ORIGIN_MESSAGE_ID, id);
    }
    byte[] kept = MessageProperties.without(properties, NOT_COPIED);
    kept = MessageProperties.without(kept, added.keySet());
    byte[] copied =
        MessageProperties.append(
            MessageProperties.append(kept, NO_WAIT), MessageProperties.encode(added));
    return deadLetter ? withOrigin(copied, topic, id) : copied;
  }

  private static String ownId(ByteBuffer records, int at) {
    return MessageIds.encode(
        MessageRecord.storeHost(records, at), MessageRecord.physicalOffset(records, at));
  }

  /**
   * The properties of a message that its client sent to the retry topic, without the origin that it
   * had in a former life: it became a dead letter, and somebody sent that again with all that was
   * on it.
   */
  static byte @Nullable [] withoutFormerOrigin(byte @Nullable [] sent) {
    if (sent == null) {
      return null;
    }
    String former = MessageProperties.find(sent, DEAD_LETTER_ORIGIN_MESSAGE_ID);
    return former != null && former.equals(MessageProperties.find(sent, ORIGIN_MESSAGE_ID))
        ? MessageProperties.without(sent, Set.of(ORIGIN_MESSAGE_ID))
        : sent;
  }

  /**
   * The properties of a message that its client sent to the retry topic, as a dead letter; without
   * its origin where there is no room for that.
   */
  static byte[] deadLetterProperties(byte @Nullable [] sent) {
    if (sent == null) {
      return new byte[0];
    }
    byte[] kept = MessageProperties.without(sent, NOT_COPIED);
    String id = MessageProperties.find(sent, ORIGIN_MESSAGE_ID);
    byte[] letter =
        withOrigin(
            kept,
            MessageProperties.find(sent, RETRY_TOPIC),
            id == null ? MessageProperties.find(sent, MessageProperties.UNIQUE_KEY) : id);
    return letter.length > MessageProperties.BYTES_MAX ? kept : letter;
  }

  private static byte[] withOrigin(byte[] properties, @Nullable String topic, @Nullable String id) {
    Map<String, String> origin = new LinkedHashMap<>();
    if (topic != null) {
      origin.put(DEAD_LETTER_ORIGIN_TOPIC, topic);
    }
    if (id != null) {
      origin.put(DEAD_LETTER_ORIGIN_MESSAGE_ID, id);
    }
    byte[] kept = MessageProperties.without(properties, DEAD_LETTER_ORIGIN);
    return MessageProperties.append(kept, MessageProperties.encode(origin));
  }
}
