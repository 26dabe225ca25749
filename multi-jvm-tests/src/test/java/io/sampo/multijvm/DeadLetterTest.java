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
import io.sampo.multijvm.official.Mqadmin;
import io.sampo.multijvm.official.OfficialClassicPuller;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.official.Receipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an operator does with dead letters once their consumer is mended. */
class DeadLetterTest {
  private static final int MESSAGES = 5;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node =
        NodeProcess.start(
            "dead-letter",
            NodeOptions.defaults().with("sampo.schedule.delay-levels", "1s ".repeat(18).trim()));
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void deadLettersAreFoundAndConsumedOneByOneOrSentAgainTogether(ClientVersion version)
      throws ClientFailed {
    String topic = Names.fresh("Mended");
    String group = Names.fresh("mended");
    String instance = Names.fresh("client");
    AtomicBoolean mended = new AtomicBoolean();
    Inbox consumed = new Inbox();
    ConsumerSpec spec =
        ConsumerSpec.of(node.nameServer(), group, topic, instance).withReconsumeMax(1);
    try (OfficialProducer producer =
            version
                .client()
                .startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("producers")));
        OfficialClassicPuller reader =
            version.client().startClassicPuller(node.nameServer(), Names.fresh("reading"), topic);
        OfficialConsumer consumer =
            version
                .client()
                .startConsumer(
                    spec,
                    message -> {
                      if (!mended.get()) {
                        throw new IllegalStateException("not mended yet");
                      }
                      consumed.accept(message);
                    })) {
      Receipt first = send(producer, topic);
      List<Delivery> dead = deadLetters(reader, "%DLQ%" + group);
      assertThat(dead)
          .allSatisfy(
              letter -> assertThat(letter.properties()).containsEntry("DLQ_ORIGIN_TOPIC", topic));
      assertThat(dead)
          .filteredOn(letter -> letter.keys().equals("key0"))
          .singleElement()
          .satisfies(
              letter ->
                  assertThat(letter.properties())
                      .containsEntry("DLQ_ORIGIN_MESSAGE_ID", first.offsetMsgId()));
      mended.set(true);

      Delivery one = dead.get(0);
      String id = offsetMsgId(producer, one);
      assertThat(
              Mqadmin.of(version)
                  .giveMessage(node.nameServer(), one.topic(), id, group, "127.0.0.1@" + instance))
          .contains("consumeResult=CR_SUCCESS");
      assertThat(consumed.keys()).containsExactly(Payload.key(one.body()));

      for (Delivery letter : dead.subList(1, MESSAGES)) {
        String origin = String.valueOf(letter.properties().get("DLQ_ORIGIN_TOPIC"));
        producer.send(new Outgoing(origin, letter.body(), letter.tags(), letter.keys(), Map.of()));
      }
      consumed.awaitCount(MESSAGES);
      assertThat(consumed.keys()).containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L);
      assertThat(reader.maxOffset("%DLQ%" + group, 0)).isEqualTo(MESSAGES);
    }
  }

  private static Receipt send(OfficialProducer producer, String topic) throws ClientFailed {
    Receipt first =
        producer.send(new Outgoing(topic, Payload.of(0, 64), "tag", "key0", Map.of()), 0);
    for (int i = 1; i < MESSAGES; i++) {
      producer.send(new Outgoing(topic, Payload.of(i, 64), "tag", "key" + i, Map.of()), 0);
    }
    return first;
  }

  private static List<Delivery> deadLetters(OfficialClassicPuller reader, String topic) {
    List<Delivery> dead = new ArrayList<>();
    Await.until(
        () -> MESSAGES + " dead letters; there are " + dead.size(),
        LIMIT,
        () -> {
          try {
            dead.addAll(reader.pull(topic, 0, "*", dead.size(), 32).messages());
          } catch (ClientFailed noneYet) {
            return false; // the topic comes with the first of them
          }
          return dead.size() >= MESSAGES;
        });
    return dead;
  }

  /** The id of a dead letter's place, found by its key as an operator finds it. */
  private static String offsetMsgId(OfficialProducer producer, Delivery letter)
      throws ClientFailed {
    List<Delivery> found =
        producer.query(letter.topic(), letter.keys(), 8, 0, System.currentTimeMillis() + 60_000);
    assertThat(found).hasSize(1);
    return found.get(0).offsetMsgId();
  }
}
