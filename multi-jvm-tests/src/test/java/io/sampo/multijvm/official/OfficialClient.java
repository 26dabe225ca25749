package io.sampo.multijvm.official;

import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * One version of the official client. This package is all that the tests and the client's class
 * loader share: JDK types and the records here, so that two versions live in one test JVM and none
 * of their classes is on its class path.
 */
public interface OfficialClient {
  /** The version that the client says it is, such as 4.9.8. */
  String version();

  /** Starts a producer of its own connections and threads. */
  OfficialProducer startProducer(ProducerSpec spec) throws ClientFailed;

  /** Starts a producer that can also {@link OfficialProducer#sendInTransaction}. */
  OfficialProducer startTransactionProducer(ProducerSpec spec, LocalTransactions transactions)
      throws ClientFailed;

  /**
   * Starts a push consumer of its own connections and threads; it calls the listener on its consume
   * threads. A listener that throws has the message delivered again later.
   */
  OfficialConsumer startConsumer(ConsumerSpec spec, Consumer<Delivery> listener)
      throws ClientFailed;

  /**
   * Starts a push consumer of ordered messages: it calls the listener for one message of a queue at
   * a time, for several queues at once. When the listener says false the queue is suspended for a
   * moment and the message comes again.
   */
  OfficialConsumer startOrderlyConsumer(ConsumerSpec spec, Predicate<Delivery> listener)
      throws ClientFailed;

  /**
   * Starts a push consumer that lets the broker say which queues it consumes and how, so that it
   * pops when its group does. When the listener says false the message is to come again later.
   * Clients before 5.0 can't.
   *
   * @param invisibleMillis how long the others don't get what it popped; 5 s at least
   */
  OfficialConsumer startPopConsumer(
      ConsumerSpec spec, long invisibleMillis, Predicate<Delivery> listener) throws ClientFailed;

  /**
   * Starts a concurrent push consumer that replies with what is made of a message's body, to those
   * messages whose producers wait for it.
   */
  OfficialConsumer startReplier(ConsumerSpec spec, UnaryOperator<byte[]> reply) throws ClientFailed;

  /**
   * Starts a consumer of the classic kind, whose application asks for each piece.
   *
   * @param topic the one that it shares with its group; it may ask for others as well
   */
  OfficialClassicPuller startClassicPuller(String nameServer, String group, String topic)
      throws ClientFailed;

  /** Starts a consumer whose application asks for messages and chooses the place itself. */
  OfficialPuller startPuller(String nameServer, String group) throws ClientFailed;
}
