package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialClassicPuller;
import io.sampo.multijvm.official.OfficialClassicPuller.Pulled;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.raw.Requests;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an application gets that pulls each piece itself ({@code DefaultMQPullConsumer}). */
class ClassicPullTest {
  private static final int QUEUE = 2;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node =
        NodeProcess.start(
            "classic-pull",
            NodeOptions.defaults().with("sampo.schedule.delay-levels", "1s ".repeat(18).trim()));
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void aQueueIsPulledPieceByPieceAndItsBoundsAreKnown(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Pulled");
    String group = Names.fresh("pulling");
    long before = System.currentTimeMillis();
    try (OfficialProducer producer = producer(version);
        OfficialClassicPuller puller =
            version.client().startClassicPuller(node.nameServer(), group, topic)) {
      send(producer, topic, 0, 10);
      awaitBalanced(puller, topic); // by then it knows what the broker can do
      assertThat(puller.queues(topic)).containsExactly(0, 1, 2, 3);

      Pulled first = puller.pull(topic, QUEUE, "*", 0, 4);
      assertThat(first.status()).isEqualTo("FOUND");
      assertThat(keys(first)).containsExactly(0L, 1L, 2L, 3L);
      assertThat(List.of(first.next(), first.min(), first.max())).containsExactly(4L, 0L, 10L);
      assertThat(keys(puller.pull(topic, QUEUE, "odd || none", 4, 32))).containsExactly(5L, 7L, 9L);
      assertThat(keys(puller.pullBySql(topic, QUEUE, "number BETWEEN 6 AND 8", 0, 32)))
          .containsExactly(6L, 7L, 8L);
      Pulled end = puller.pull(topic, QUEUE, "*", 10, 32);
      assertThat(end.status()).isEqualTo("NO_NEW_MSG");
      assertThat(end.next()).isEqualTo(10);
      Pulled beyond = puller.pull(topic, QUEUE, "*", 99, 32);
      assertThat(beyond.status()).isEqualTo("OFFSET_ILLEGAL");
      assertThat(beyond.next()).isEqualTo(10);
      assertThatThrownBy(() -> puller.pullBySql(topic, QUEUE, "number >", 0, 32))
          .isInstanceOf(ClientFailed.class)
          .extracting(failure -> ((ClientFailed) failure).code())
          .isEqualTo(Requests.SUBSCRIPTION_PARSE_FAILED);

      assertThat(puller.minOffset(topic, QUEUE)).isZero();
      assertThat(puller.maxOffset(topic, QUEUE)).isEqualTo(10);
      assertThat(puller.searchOffset(topic, QUEUE, before)).isZero();
      assertThat(puller.searchOffset(topic, QUEUE, System.currentTimeMillis() + 60_000))
          .isEqualTo(10);
      assertThat(puller.earliestStoredAt(topic, QUEUE))
          .isBetween(before, System.currentTimeMillis());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPullWaitsForAMessage(ClientVersion version) throws Exception {
    String topic = Names.fresh("Awaited");
    try (OfficialProducer producer = producer(version);
        OfficialClassicPuller puller =
            version.client().startClassicPuller(node.nameServer(), Names.fresh("waiting"), topic)) {
      send(producer, topic, 0, 1);
      CompletableFuture<Pulled> waiting = new CompletableFuture<>();
      Thread thread =
          new Thread(
              () -> {
                try {
                  waiting.complete(puller.pullOrWait(topic, QUEUE, 1, 32));
                } catch (ClientFailed e) {
                  waiting.completeExceptionally(e);
                }
              });
      thread.start();
      assertThat(Await.isTrueWithin(Duration.ofSeconds(1), waiting::isDone)).isFalse();
      send(producer, topic, 1, 2);
      assertThat(keys(waiting.get(5, TimeUnit.SECONDS))).containsExactly(1L);
      thread.join();
    }
  }

  @ParameterizedTest
  @EnumSource
  void offsetsAreCommittedAndMessagesGivenBackComeAgain(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Kept");
    String group = Names.fresh("keeping");
    try (OfficialProducer producer = producer(version)) {
      send(producer, topic, 0, 5);
    }
    try (OfficialClassicPuller puller =
        version.client().startClassicPuller(node.nameServer(), group, topic)) {
      awaitBalanced(puller, topic);
      puller.commit(topic, QUEUE, 3);
      Delivery failed = puller.pull(topic, QUEUE, "*", 3, 1).messages().get(0);
      puller.giveBack(failed, 1);
      String retries = "%RETRY%" + group;
      Await.until("it is in the retry topic", LIMIT, () -> maxOffset(puller, retries) == 1);
      Delivery again = puller.pull(retries, 0, "*", 0, 1).messages().get(0);
      assertThat(Payload.key(again.body())).isEqualTo(3);
      assertThat(again.reconsumeTimes()).isEqualTo(1);
      assertThat(again.properties()).containsEntry("RETRY_TOPIC", topic);
    }
    try (OfficialClassicPuller puller =
        version.client().startClassicPuller(node.nameServer(), group, topic)) {
      assertThat(puller.committed(topic, QUEUE)).isEqualTo(3);
    }
  }

  /** The first of a group gets all queues, as soon as its heartbeat was answered. */
  private static void awaitBalanced(OfficialClassicPuller puller, String topic) {
    Await.until(
        "the consumer has its queues",
        LIMIT,
        () -> {
          try {
            return puller.ownQueues(topic).size() == 4;
          } catch (ClientFailed notYet) {
            return false;
          }
        });
  }

  private static long maxOffset(OfficialClassicPuller puller, String topic) {
    try {
      return puller.maxOffset(topic, 0);
    } catch (ClientFailed noRouteYet) {
      return 0;
    }
  }

  private static List<Long> keys(Pulled pulled) {
    return pulled.messages().stream().map(message -> Payload.key(message.body())).toList();
  }

  private static void send(OfficialProducer producer, String topic, int from, int to)
      throws ClientFailed {
    for (int i = from; i < to; i++) {
      Map<String, String> properties = Map.of("number", Integer.toString(i));
      String tag = i % 2 == 0 ? "even" : "odd";
      producer.send(new Outgoing(topic, Payload.of(i, 64), tag, "", properties), QUEUE);
    }
  }

  private static OfficialProducer producer(ClientVersion version) throws ClientFailed {
    return version
        .client()
        .startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("producers")));
  }
}
