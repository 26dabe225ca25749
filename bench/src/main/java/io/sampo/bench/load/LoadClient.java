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

  /** Whether the client can {@link #sendDelayed}. */
  default boolean sendsDelayed() {
    return false;
  }

  /**
   * Sends a message that is delivered later, without waiting. A failure is told to the completion.
   *
   * @param deliverAtMs milliseconds since the epoch
   */
  default void sendDelayed(String topic, byte[] body, long deliverAtMs, Completion completion) {
    throw new UnsupportedOperationException("this client has no delayed messages");
  }

  /** Whether the client can {@link #consume} in a style. */
  default boolean consumes(Subscription.Style style) {
    return style == Subscription.Style.CONCURRENT;
  }

  /**
   * Consumes. One call per client.
   *
   * @param sink gets each body, on any thread
   */
  void consume(Subscription subscription, Consumer<byte[]> sink) throws Exception;

  /** How many messages the server says the topic's queues hold, over all that were ever stored. */
  long storedMessages(String topic) throws Exception;

  @Override
  void close();
}
