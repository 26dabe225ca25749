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
import io.sampo.multijvm.official.OfficialPuller;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of messages that consumers of each official version fail. */
class RetryTest {
  private static final int MESSAGES = 20;
  private static final Duration LIMIT = Duration.ofSeconds(90);

  /** As long as RocketMQ's table, so that each retry has a level of its own. */
  private static final NodeOptions QUICK = delays("1s");

  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node = NodeProcess.start("retry", QUICK);
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  private static NodeOptions delays(String each) {
    return NodeOptions.defaults()
        .with("sampo.schedule.delay-levels", (each + " ").repeat(18).trim());
  }

  @ParameterizedTest
  @EnumSource
  void failedMessagesComeAgainAndAreDeadLettersInTheEnd(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Failed");
    String group = Names.fresh("failing");
    send(version, node, topic);
    Tries tries = new Tries();
    ConsumerSpec spec =
        ConsumerSpec.of(node.nameServer(), group, topic, Names.fresh("c"))
            .withThreads(4)
            .withReconsumeMax(2);
    List<Delivery> dead;
    try (OfficialConsumer consumer =
        version
            .client()
            .startConsumer(
                spec,
                delivery -> {
                  tries.add(delivery);
                  if (Payload.key(delivery.body()) % 2 == 1) {
                    throw new IllegalStateException("this message is always failed");
                  }
                })) {
      dead = readDeadLetters(version, group, MESSAGES / 2);
      assertThat(consumer.assignedQueues("%RETRY%" + group)).containsExactly(0);
    }

    assertThat(dead)
        .extracting(delivery -> Payload.key(delivery.body()))
        .containsExactlyInAnyOrderElementsOf(oddKeys());
    assertThat(dead)
        .allSatisfy(
            delivery -> {
              assertThat(delivery.reconsumeTimes()).isEqualTo(3);
              assertThat(delivery.properties())
                  .containsEntry("RETRY_TOPIC", topic)
                  .containsEntry("DLQ_ORIGIN_TOPIC", topic)
                  .containsKey("DLQ_ORIGIN_MESSAGE_ID");
            });
    tries.assertAllOf(topic);
    for (long key = 0; key < MESSAGES; key++) {
      assertThat(tries.timesOf(key))
          .as("reconsume times of " + key)
          .isEqualTo(key % 2 == 0 ? List.of(0) : List.of(0, 1, 2));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatAConsumerOfOrderedMessagesGivesUpIsADeadLetterAndTheQueueGoesOn(ClientVersion version)
      throws ClientFailed {
    String topic = Names.fresh("OrderlyFailed");
    String group = Names.fresh("orderly-failing");
    send(version, node, topic);
    Tries tries = new Tries();
    ConsumerSpec spec =
        ConsumerSpec.of(node.nameServer(), group, topic, Names.fresh("c"))
            .withThreads(4)
            .withReconsumeMax(1);
    try (OfficialConsumer consumer =
        version
            .client()
            .startOrderlyConsumer(
                spec,
                delivery -> {
                  tries.add(delivery);
                  return Payload.key(delivery.body()) != 7;
                })) {
      List<Delivery> dead = readDeadLetters(version, group, 1);
      assertThat(Payload.key(dead.get(0).body())).isEqualTo(7);
      assertThat(dead.get(0).properties()).containsEntry("RETRY_TOPIC", topic);
      Await.until(
          () -> "every message consumed; tried are " + tries.byKey.keySet(),
          LIMIT,
          () -> tries.byKey.size() == MESSAGES);
      assertThat(consumer.assignedQueues(topic)).hasSize(4);
    }
    assertThat(tries.timesOf(7)).containsExactly(0, 1);
  }

  /** Older clients wait half a minute for their timers. */
  @Test
  @Tag("long")
  void retriesThatWaitSurviveAKilledNodeWith49() throws ClientFailed {
    retriesThatWaitSurviveAKilledNode(ClientVersion.V4);
  }

  @ParameterizedTest
  @EnumSource(names = "V5")
  void retriesThatWaitSurviveAKilledNode(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Waiting");
    String group = Names.fresh("waiting");
    try (NodeProcess killed = NodeProcess.start("retry-killed", delays("5s"))) {
      send(version, killed, topic);
      Tries tries = new Tries();
      ConsumerSpec spec =
          ConsumerSpec.of(killed.nameServer(), group, topic, Names.fresh("c")).withThreads(4);
      try (OfficialConsumer consumer =
          version
              .client()
              .startConsumer(
                  spec,
                  delivery -> {
                    tries.add(delivery);
                    if (delivery.reconsumeTimes() == 0) {
                      throw new IllegalStateException("the first time fails");
                    }
                  })) {
        Await.until(
            () -> "every message tried once; tried are " + tries.byKey.keySet(),
            LIMIT,
            () -> tries.byKey.size() == MESSAGES);
        assertThat(consumer.assignedQueues(topic)).hasSize(4);
        killed.kill();
        killed.start();
        Await.until(
            () -> "every message tried again; " + tries.byKey + killed.outputTail(),
            LIMIT,
            () -> LongStream.range(0, MESSAGES).allMatch(key -> tries.timesOf(key).contains(1)));
      }
      tries.assertAllOf(topic);
    }
  }

  private static void send(ClientVersion version, NodeProcess to, String topic)
      throws ClientFailed {
    try (OfficialProducer producer =
        version.client().startProducer(ProducerSpec.of(to.nameServer(), Names.fresh("p")))) {
      for (int key = 0; key < MESSAGES; key++) {
        producer.send(Outgoing.of(topic, Payload.of(key, 128)));
      }
    }
  }

  /** Reads until there are as many as there must be, and then a little longer for too many. */
  private static List<Delivery> readDeadLetters(ClientVersion version, String group, int count)
      throws ClientFailed {
    String topic = "%DLQ%" + group;
    try (OfficialProducer asking =
            version.client().startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("p")));
        OfficialPuller puller =
            version.client().startPuller(node.nameServer(), Names.fresh("reading"))) {
      Await.until(
          () -> count + " dead letters; " + node.outputTail(),
          LIMIT,
          () -> deadLetters(asking, topic) >= count);
      puller.assign(topic, 0, 0);
      // By place: a client that seeks while it pulls may hand out what it had pulled twice.
      TreeMap<Long, Delivery> dead = new TreeMap<>();
      Await.until(
          () -> count + " dead letters read; there are " + dead.size(),
          LIMIT,
          () -> {
            puller.poll(Duration.ofMillis(500)).forEach(it -> dead.put(it.queueOffset(), it));
            return dead.size() >= count;
          });
      puller.poll(Duration.ofSeconds(3)).forEach(it -> dead.put(it.queueOffset(), it));
      return List.copyOf(dead.values());
    }
  }

  private static long deadLetters(OfficialProducer asking, String topic) {
    try {
      return asking.maxOffset(topic, 0);
    } catch (ClientFailed e) {
      return 0; // the topic is made by the first
    }
  }

  private static List<Long> oddKeys() {
    return LongStream.range(0, MESSAGES).filter(key -> key % 2 == 1).boxed().toList();
  }

  /** The tries of each message. */
  private static final class Tries {
    private final Map<Long, ConcurrentLinkedQueue<Delivery>> byKey = new ConcurrentHashMap<>();

    void add(Delivery delivery) {
      byKey
          .computeIfAbsent(Payload.key(delivery.body()), key -> new ConcurrentLinkedQueue<>())
          .add(delivery);
    }

    List<Integer> timesOf(long key) {
      return byKey.getOrDefault(key, new ConcurrentLinkedQueue<>()).stream()
          .map(Delivery::reconsumeTimes)
          .toList();
    }

    void assertAllOf(String topic) {
      assertThat(byKey.values())
          .allSatisfy(
              deliveries -> assertThat(deliveries).extracting(Delivery::topic).containsOnly(topic));
    }
  }
}
