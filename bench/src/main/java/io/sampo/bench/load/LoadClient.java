package io.sampo.bench.load;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The client that a load works through, so that the same load runs on the official client and on
 * any other. Implementations hide nothing: no retries, no compression, and a message counts as
 * stored only when the server said so without reservation.
 */
public interface LoadClient extends AutoCloseable {

  /** Told once how a send ended; null means stored. Called on any thread. */
  @FunctionalInterface
  interface Completion {
    void done(@Nullable Throwable failure);
  }

  /**
   * Connects the sending side.
   *
   * @param queuesPerTopic how many queues a topic gets that comes into being by being sent to
   */
  void startSending(int queuesPerTopic) throws Exception;

  /** Brings a topic into being by sending the first message to it. */
  default void openTopic(String topic, int queues, byte[] body) throws Exception {
    send(topic, body);
  }

  /** Sends and waits. Throws unless the message is stored. */
  void send(String topic, byte[] body) throws Exception;

  /** Sends without waiting. A failure is told to the completion, never thrown. */
  void sendAsync(String topic, byte[] body, Completion completion);

  /** Whether {@link #sendBatch} really makes batches; if not, it is good for filling a backlog. */
  default boolean sendsBatches() {
    return true;
  }

  /**
   * Sends bodies as one batch without waiting. A failure is told to the completion.
   *
   * @param tags the tag of each body, empty for none
   */
  void sendBatch(String topic, List<byte[]> bodies, List<String> tags, Completion completion);

  /** Whether the client can {@link #sendInTransaction}. */
  default boolean sendsTransactions() {
    return false;
  }

  /**
   * Sends a message in a transaction that commits at once, and waits until its half message is
   * stored and its end is sent.
   */
  default void sendInTransaction(String topic, byte[] body) throws Exception {
    throw new UnsupportedOperationException("this client has no transactions");
  }

  /**
   * Subscribes from the oldest message on. One call per client.
   *
   * @param tagExpression "*" for all
   * @param sink gets each body, on any thread
   */
  void consume(String group, String topic, String tagExpression, Consumer<byte[]> sink)
      throws Exception;

  /** How many messages the server says the topic's queues hold, over all that were ever stored. */
  long storedMessages(String topic) throws Exception;

  @Override
  void close();
}
