package io.sampo.multijvm.official;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A started producer of an official client; safe for use by many threads. */
public interface OfficialProducer extends AutoCloseable {
  /** Sends and waits for the acknowledgement; the client picks the queue and may try again. */
  Receipt send(Outgoing message) throws ClientFailed;

  /** Sends one message object, again when that fails, as applications do. */
  Receipt sendUntilTaken(Outgoing message, int tries) throws ClientFailed;

  /** Sends a message that is delivered later, and waits for the acknowledgement. */
  DelayedReceipt sendDelayed(Outgoing message, Delay delay) throws ClientFailed;

  /**
   * Cancels a message that is delivered later. 5.x only.
   *
   * @return the id of the message
   */
  String recall(String topic, String recallHandle) throws ClientFailed;

  /**
   * What the client says of it.
   *
   * @param recallHandle empty when there is none, as always with 4.9
   */
  record DelayedReceipt(Receipt receipt, String recallHandle) {}

  /** Sends to one queue and waits for the acknowledgement; the client tries once. */
  Receipt send(Outgoing message, int queueId) throws ClientFailed;

  /**
   * Sends without waiting; fails with {@link ClientFailed} when the client calls its back-call so.
   */
  CompletableFuture<Receipt> sendAsync(Outgoing message);

  /** Hands the message to the connection and hears nothing of it. */
  void sendOneway(Outgoing message) throws ClientFailed;

  /** Sends messages of one topic as one batch and waits for the acknowledgement. */
  Receipt sendBatch(List<Outgoing> messages) throws ClientFailed;

  /**
   * Sends a half message, carries out its transaction, and tells the broker what became of it. Only
   * for a producer that was started with transactions.
   */
  Receipt sendInTransaction(Outgoing message) throws ClientFailed;

  /** Creates a topic, or changes its number of queues, at every broker. */
  void createTopic(String topic, int queues) throws ClientFailed;

  /** The queue ids that the client would send to. */
  List<Integer> writableQueues(String topic) throws ClientFailed;

  /** The offset that the next message of the queue gets. */
  long maxOffset(String topic, int queueId) throws ClientFailed;

  /** The first offset of the queue. */
  long minOffset(String topic, int queueId) throws ClientFailed;

  /** The offset of the first message stored at or after the time, in milliseconds since 1970. */
  long searchOffset(String topic, int queueId, long timestamp) throws ClientFailed;

  /** Sends a message, waits for the reply of whoever consumes it, and gives that reply's body. */
  byte[] request(Outgoing message, long timeoutMillis) throws ClientFailed;

  /** A stored message by the id that names its place, or by the one that its producer gave. */
  Delivery view(String topic, String msgId) throws ClientFailed;

  /** Stored messages by a key, those stored between two times in milliseconds since 1970. */
  List<Delivery> query(String topic, String key, int max, long begin, long end) throws ClientFailed;

  @Override
  void close();
}
