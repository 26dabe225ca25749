package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.raw.LossyProxy;
import io.sampo.multijvm.raw.LossyProxy.Loss;
import io.sampo.multijvm.raw.Requests;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Consumers that return a message and don't hear that it was taken back: they return it another
 * way, and yet each try comes once and the message is one dead letter.
 */
@Tag("long")
class LostReturnsTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final long FAILED = 1;
  private static final long FAILED_LATER = 2;

  private static NodeProcess node;
  private static LossyProxy proxy;

  @BeforeAll
  static void start() {
    node =
        NodeProcess.start(
            "lost-returns",
            NodeOptions.defaults().with("sampo.schedule.delay-levels", "1s ".repeat(18).trim()));
    proxy = LossyProxy.before(node);
  }

  @AfterAll
  static void end() {
    proxy.close();
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void whoseAnswerIsLostWithItsConnection(ClientVersion version) throws ClientFailed {
    failTwice(version, Loss.CONNECTION_TOO, () -> {});
  }

  /** The client hears nothing for five seconds; meanwhile the next try has come. */
  @ParameterizedTest
  @EnumSource
  void whoseAnswerIsLostAlone(ClientVersion version) throws ClientFailed {
    failTwice(version, Loss.ANSWER_ONLY, () -> {});
  }

  /** Returned the other way to a node that knows of the first one only what its log says. */
  @ParameterizedTest
  @EnumSource
  void thatTheNodeDidNotLiveToAnswer(ClientVersion version) throws ClientFailed {
    failTwice(
        version,
        Loss.CONNECTION_TOO,
        () -> {
          node.kill();
          node.start();
        });
  }

  @ParameterizedTest
  @EnumSource
  void ofOrderedMessages(ClientVersion version) throws ClientFailed {
    Case test = new Case(version);
    ConsumerSpec spec = test.spec().withReconsumeMax(1);
    try (OfficialConsumer consumer =
        version
            .client()
            .startOrderlyConsumer(
                spec,
                delivery -> {
                  boolean lastTry = test.take(delivery) && delivery.reconsumeTimes() == 1;
                  if (lastTry && Payload.key(delivery.body()) == FAILED) {
                    proxy.loseNext(Requests.SEND_MESSAGE_V2, Loss.CONNECTION_TOO);
                  }
                  return false;
                })) {
      test.send(FAILED);
      test.awaitLost(1);
      test.awaitDeadLetters(1);
      test.send(FAILED_LATER);
      test.awaitDeadLetters(2);
      assertThat(consumer.assignedQueues(test.topic)).isNotEmpty();
    }
    assertThat(test.deadLetters()).containsExactly(FAILED, FAILED_LATER);
  }

  /** Both answers are lost: to the return after the first try, and to the one that gives it up. */
  private static void failTwice(ClientVersion version, Loss loss, Runnable beforeTheSecond)
      throws ClientFailed {
    Case test = new Case(version);
    try (OfficialConsumer consumer =
        version
            .client()
            .startConsumer(
                test.spec().withReconsumeMax(1),
                delivery -> {
                  if (test.take(delivery) && test.tries.size() <= 2) {
                    proxy.loseNext(
                        Requests.CONSUMER_SEND_MSG_BACK,
                        loss,
                        test.tries.size() == 1 ? () -> {} : beforeTheSecond);
                  }
                  throw new IllegalStateException("every try fails");
                })) {
      test.send(FAILED);
      test.awaitLost(2);
      Await.until(
          () -> "returned another way each time, tries " + test.tries + "; " + node.outputTail(),
          LIMIT,
          () -> test.returnedAgain() >= 2);
      test.awaitDeadLetters(1);
      test.send(FAILED_LATER);
      test.awaitDeadLetters(2);
      assertThat(test.deadLetters()).containsExactly(FAILED, FAILED_LATER);
      assertThat(consumer.assignedQueues(test.topic)).isNotEmpty();
    }
    // A client that could not even send it goes on by itself, and counts on.
    assertThat(test.tries)
        .as("tries of the first")
        .filteredOn(times -> times < 2)
        .containsExactly(0, 1);
  }

  /** One topic, its group, and what they have seen. */
  private static final class Case {
    private final ClientVersion version;
    private final String topic = Names.fresh("LostReturns");
    private final String group = Names.fresh("losing");
    private final Queue<Integer> tries = new ConcurrentLinkedQueue<>();
    private final int lostBefore = proxy.lost();
    private final int returnsBefore = returns();

    Case(ClientVersion version) {
      this.version = version;
    }

    ConsumerSpec spec() {
      return ConsumerSpec.of(proxy.nameServer(), group, topic, Names.fresh("c"));
    }

    /** True when it is a try of the first message. */
    boolean take(Delivery delivery) {
      boolean first = Payload.key(delivery.body()) == FAILED;
      if (first) {
        tries.add(delivery.reconsumeTimes());
      }
      return first;
    }

    /** How often messages were returned beside the two returns whose answers were lost. */
    int returnedAgain() {
      return returns() - returnsBefore - 2;
    }

    private static int returns() {
      return proxy.requests(Requests.CONSUMER_SEND_MSG_BACK)
          + proxy.requests(Requests.SEND_MESSAGE_V2);
    }

    void send(long key) throws ClientFailed {
      try (OfficialProducer producer =
          version
              .client()
              .startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("producers")))) {
        producer.send(Outgoing.of(topic, Payload.of(key, 64)));
      }
    }

    void awaitLost(int count) {
      Await.until(
          () -> count + " answers lost, tries " + tries + "; " + node.outputTail(),
          LIMIT,
          () -> proxy.lost() == lostBefore + count);
    }

    void awaitDeadLetters(int count) throws ClientFailed {
      try (Offsets offsets = new Offsets(node)) {
        Await.until(
            () -> count + " dead letters, tries " + tries + "; " + node.outputTail(),
            LIMIT,
            () -> offsets.end("%DLQ%" + group, 0) >= count);
      }
    }

    List<Long> deadLetters() throws ClientFailed {
      return QueueReader.readAll(node, "%DLQ%" + group, 1).stream()
          .map(letter -> Payload.key(letter.body()))
          .toList();
    }
  }
}
