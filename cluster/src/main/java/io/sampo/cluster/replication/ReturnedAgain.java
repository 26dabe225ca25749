package io.sampo.cluster.replication;

import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import io.sampo.record.Returned;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether the copy of a message that a consumer group failed is there already. A consumer
 * that hears nothing of its return makes it again: by the same request, which names the same
 * record, or by a send of its own, which doesn't, comes from elsewhere and is packed anew. So what
 * counts is what the stored copy stands for:
 *
 * <ul>
 *   <li>one that waits for its time comes after every return of the message, whoever made it;
 *   <li>a dead letter is final for the record that it was made of;
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
   * True when the copy need not be stored.
   *
   * @param record holds a stored record; only absolute gets
   * @param at where it starts
   * @param otherConnection whether the draft came over another one than the last attempt did
   */
  static boolean isRepetition(
      MessageDraft draft,
      Returned returned,
      ByteBuffer record,
      int at,
      long nowMs,
      boolean otherConnection) {
    if (!isSameMessage(draft, returned, record, at)) {
      return false;
    }
    long ageMs = nowMs - MessageRecord.storeTimestamp(record, at);
    long mark = MessageRecord.preparedTransactionOffset(record, at);
    boolean otherWay = !returned.isPlaced() && Returned.isPlaced(mark);
    boolean repeatedSoon = (otherConnection || otherWay) && ageMs <= SOON_MS;
    boolean sameTopic = MessageRecord.topic(record, at).equals(draft.queue().topic());
    boolean waits = sameTopic && ageMs >= 0 && isWaiting(returned, record, at, nowMs);
    int more = draft.reconsumeTimes() - MessageRecord.reconsumeTimes(record, at);
    if (!returned.isPlaced() && draft.reconsumeTimes() == 0) {
      return waits || repeatedSoon; // official clients say the number with their first attempt only
    }
    if (!sameTopic) {
      return false;
    }
    boolean dead = returned.dueIndex() < 0;
    if (!returned.isPlaced() && more > 0) { // they count on when they could not return it at all
      return waits || (dead && repeatedSoon);
    }
    return more == 0
        && (waits || repeatedSoon || (dead && Returned.isSamePlace(mark, returned.mark())));
  }

  /** False also when the clock was set back since, so that it can't be told. */
  private static boolean isWaiting(Returned returned, ByteBuffer record, int at, long nowMs) {
    return returned.dueIndex() >= 0
        && record.getLong(MessageRecord.propertiesIndex(record, at) + returned.dueIndex()) > nowMs;
  }

  private static boolean isSameMessage(
      MessageDraft draft, Returned returned, ByteBuffer record, int at) {
    long mark = MessageRecord.preparedTransactionOffset(record, at);
    return Returned.isReturned(record, at)
        && Returned.group(mark) == Returned.group(returned.mark())
        && Returned.mayBeSamePlace(mark, returned.mark())
        && MessageRecord.bodyCrc(record, at) == draft.bodyCrc()
        && hasSameOrigin(draft.properties(), MessageRecord.properties(record, at))
        && MessageRecord.body(record, at).equals(draft.body());
  }

  private static boolean hasSameOrigin(byte[] properties, ByteBuffer stored) {
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

  /** Clients name a message by its UNIQ_KEY where they know no place, and 4.9 names none at all. */
  private static boolean isNoPlace(@Nullable String origin, String key) {
    return origin == null || origin.equals(key);
  }
}
