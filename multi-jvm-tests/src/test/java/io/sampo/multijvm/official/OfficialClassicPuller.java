package io.sampo.multijvm.official;

import java.util.List;

/** A started pull consumer of the classic kind, which asks for each piece; used by one thread. */
public interface OfficialClassicPuller extends AutoCloseable {
  /** The ids of the topic's queues that may be read. */
  List<Integer> queues(String topic) throws ClientFailed;

  /** Those that are this consumer's, as it shares them with the others of its group. */
  List<Integer> ownQueues(String topic) throws ClientFailed;

  /** Asks for what is there, of certain tags or {@code *}. */
  Pulled pull(String topic, int queueId, String tags, long offset, int max) throws ClientFailed;

  /** Asks for what is there of an SQL92 condition. */
  Pulled pullBySql(String topic, int queueId, String condition, long offset, int max)
      throws ClientFailed;

  /** Asks, and waits for a message when there is none. */
  Pulled pullOrWait(String topic, int queueId, long offset, int max) throws ClientFailed;

  /** Says how far a queue of its own is consumed; the client tells the broker a little later. */
  void commit(String topic, int queueId, long offset) throws ClientFailed;

  /** How far the queue is consumed, by the broker's account; -1 when nobody ever said. */
  long committed(String topic, int queueId) throws ClientFailed;

  /** Gives one of the messages that were pulled last back, to come again after a delay level. */
  void giveBack(Delivery message, int delayLevel) throws ClientFailed;

  /** The first offset of the queue. */
  long minOffset(String topic, int queueId) throws ClientFailed;

  /** The offset that the next message of the queue gets. */
  long maxOffset(String topic, int queueId) throws ClientFailed;

  /** The offset of the first message stored at or after the time, in milliseconds since 1970. */
  long searchOffset(String topic, int queueId, long timestamp) throws ClientFailed;

  /** When the queue's oldest message was stored, in milliseconds since 1970. */
  long earliestStoredAt(String topic, int queueId) throws ClientFailed;

  /**
   * What a pull brought.
   *
   * @param status the client's word: FOUND, NO_NEW_MSG, NO_MATCHED_MSG or OFFSET_ILLEGAL
   * @param next where to go on
   */
  record Pulled(String status, long next, long min, long max, List<Delivery> messages) {}

  @Override
  void close();
}
