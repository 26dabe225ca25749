package io.sampo.cluster.replication;

import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import io.sampo.record.Returned;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether the copy of a message that a consumer group failed is there already. A group may
 * return one message several times: its consumer hears nothing and makes the request again, which
 * names the same record, or a send of its own, which doesn't, comes from elsewhere and is packed
 * anew; or a crash has the record delivered again, also after its copy was delivered, and then two
 * tries of the message go on side by side. So what counts is what the stored copy stands for:
 *
 * <ul>
 *   <li>one that waits for its time comes after every return of the message, whoever made it and
 *       whichever try that was: tries that went on side by side become one again;
 *   <li>a dead letter is final for the message that it was made of in the beginning, within the
 *       window;
 *   <li>everything else is a repetition for a minute, and when it comes over another connection or
 *       is a client's own send after its request. A copy that was delivered since may have failed
 *       anew, and a dead letter may have been sent again.
 * </ul>
 *
 * <p>Pure functions.
 */
final class ReturnedAgain {
  /** How long clients go on returning a message of whose return they heard nothing, in the main. */
  private static final long SOON_MS = 60_000;

  private static final String RETRY_TOPIC = "RETRY_TOPIC";
  private static final String ORIGIN_MESSAGE_ID = "ORIGIN_MESSAGE_ID";

  private ReturnedAgain() {}

  /**
   * True when the stored copy is one that waits and will be delivered, so that the draft need not
   * be stored, however old the copy is. False also when the clock was set back since it was stored,
   * so that it can't be told.
   *
   * @param record holds a stored record; only absolute gets
   * @param at where it starts
   */
  static boolean isStillToCome(
      MessageDraft draft, Returned returned, ByteBuffer record, int at, long nowMs) {
    return returned.dueIndex() >= 0
        && hasSameTopic(draft, record, at)
        && nowMs >= MessageRecord.storeTimestamp(record, at)
        && record.getLong(MessageRecord.propertiesIndex(record, at) + returned.dueIndex()) > nowMs
        && isSameMessage(draft, returned, record, at);
  }

  /**
   * True when the draft need not be stored because the stored copy, no older than the window, was
   * made of the same failure, or is the message's dead letter.
   *
   * @param ageMs since the copy was stored
   * @param otherConnection whether the draft came over another one than the last attempt did
   */
  static boolean isRepetition(
      MessageDraft draft,
      Returned returned,
      ByteBuffer record,
      int at,
      long ageMs,
      boolean otherConnection) {
    boolean sameTopic = MessageRecord.topic(record, at).equals(draft.queue().topic());
    if (!isSameMessage(draft, returned, record, at)
        || (sameTopic && !hasSameTarget(draft, record, at))) {
      return false;
    }
    long mark = MessageRecord.preparedTransactionOffset(record, at);
    boolean otherWay = !returned.isPlaced() && Returned.isPlaced(mark);
    boolean repeatedSoon = (otherConnection || otherWay) && ageMs <= SOON_MS;
    if (!returned.isPlaced() && draft.reconsumeTimes() == 0) {
      return repeatedSoon; // official clients say the number with their first attempt only
    }
    if (!hasSameTopic(draft, record, at)) {
      return false;
    }
    if (returned.dueIndex() < 0) {
      return repeatedSoon
          || Returned.isSamePlace(mark, returned.mark())
          || hasSameKnownOrigin(draft, record, at);
    }
    return repeatedSoon
        && Returned.mayBeSamePlace(mark, returned.mark())
        && draft.reconsumeTimes() == MessageRecord.reconsumeTimes(record, at);
  }

  /**
   * One that waits and one that is a dead letter are in different ones. All that wait are in one,
   * and what groups have in common that only their marks' hashes tell apart.
   */
  private static boolean hasSameTopic(MessageDraft draft, ByteBuffer record, int at) {
    return MessageRecord.topic(record, at).equals(draft.queue().topic())
        && hasSameTarget(draft, record, at);
  }

  private static boolean hasSameTarget(MessageDraft draft, ByteBuffer record, int at) {
    Returned returned = draft.returned();
    if (returned == null || returned.target().bytes() == 0) {
      return true;
    }
    int from = returned.target().from();
    int bytes = returned.target().bytes();
    ByteBuffer stored = MessageRecord.properties(record, at);
    return stored.remaining() >= from + bytes
        && stored
            .slice(stored.position() + from, bytes)
            .equals(ByteBuffer.wrap(draft.properties(), from, bytes));
  }

  private static boolean isSameMessage(
      MessageDraft draft, Returned returned, ByteBuffer record, int at) {
    return Returned.isReturned(record, at)
        && Returned.group(MessageRecord.preparedTransactionOffset(record, at))
            == Returned.group(returned.mark())
        && MessageRecord.bodyCrc(record, at) == draft.bodyCrc()
        && mayHaveSameOrigin(draft.properties(), MessageRecord.properties(record, at))
        && MessageRecord.body(record, at).equals(draft.body());
  }

  private static boolean mayHaveSameOrigin(byte[] properties, ByteBuffer stored) {
    String key = MessageProperties.find(stored, MessageProperties.UNIQUE_KEY);
    String origin = MessageProperties.find(properties, ORIGIN_MESSAGE_ID);
    String storedOrigin = MessageProperties.find(stored, ORIGIN_MESSAGE_ID);
    return key != null
        && key.equals(MessageProperties.find(properties, MessageProperties.UNIQUE_KEY))
        && Objects.equals(
            MessageProperties.find(properties, RETRY_TOPIC),
            MessageProperties.find(stored, RETRY_TOPIC))
        && (isNoPlace(origin, key)
            || isNoPlace(storedOrigin, key)
            || Objects.equals(origin, storedOrigin));
  }

  /** Of two that may have the same: both name it. */
  private static boolean hasSameKnownOrigin(MessageDraft draft, ByteBuffer record, int at) {
    String origin = MessageProperties.find(draft.properties(), ORIGIN_MESSAGE_ID);
    String key = MessageProperties.find(draft.properties(), MessageProperties.UNIQUE_KEY);
    return key != null
        && !isNoPlace(origin, key)
        && Objects.equals(
            origin,
            MessageProperties.find(MessageRecord.properties(record, at), ORIGIN_MESSAGE_ID));
  }

  /** Clients name a message by its UNIQ_KEY where they know no place, and 4.9 names none at all. */
  private static boolean isNoPlace(@Nullable String origin, String key) {
    return origin == null || origin.equals(key);
  }
}
