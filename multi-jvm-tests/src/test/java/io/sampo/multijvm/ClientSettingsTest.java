package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What users set at official clients and the broker has to go along with. */
class ClientSettingsTest {
  private static final int QUEUE = 0;
  private static final Set<Integer> ALL_QUEUES = Set.of(0, 1, 2, 3);
  private static final Duration A_WHILE = Duration.ofSeconds(1);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node =
        NodeProcess.start(
            "client-settings",
            NodeOptions.defaults().with("sampo.offset.first-message-age-max", "0 s"));
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void aNewGroupStartsWhereItsSettingSays(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Started");
    Inbox first = new Inbox();
    Inbox last = new Inbox();
    Inbox time = new Inbox();
    try (OfficialProducer producer = producer(version)) {
      send(producer, topic, 0, 10);
      String boundary = nextSecond(); // clients name the time in whole seconds
      send(producer, topic, 10, 20);
      try (OfficialConsumer fromFirst =
              consumer(version, spec(topic), "CONSUME_FROM_FIRST_OFFSET", first);
          OfficialConsumer fromLast =
              consumer(version, spec(topic), "CONSUME_FROM_LAST_OFFSET", last);
          OfficialConsumer fromTime =
              consumer(
                  version,
                  spec(topic).with("consumeTimestamp", boundary),
                  "CONSUME_FROM_TIMESTAMP",
                  time)) {
        for (OfficialConsumer consumer : List.of(fromFirst, fromLast, fromTime)) {
          Await.until(
              "all have their queues",
              LIMIT,
              () -> consumer.assignedQueues(topic).equals(ALL_QUEUES));
        }
        send(producer, topic, 20, 21);
        first.awaitCount(21);
        time.awaitCount(11);
        last.awaitCount(1);
      }
    }
    assertThat(first.keys()).containsExactlyElementsOf(keys(0, 21));
    assertThat(time.keys()).containsExactlyElementsOf(keys(10, 21));
    assertThat(last.keys()).containsExactly(20L);
  }

  @ParameterizedTest
  @EnumSource
  void aConsumerTakesNoMoreThanItMayHoldAndNothingWhilePaused(ClientVersion version)
      throws ClientFailed {
    String topic = Names.fresh("Held");
    try (OfficialProducer producer = producer(version)) {
      send(producer, topic, 0, 100);
      holdAndPause(version, producer, topic);
    }
  }

  private static void holdAndPause(ClientVersion version, OfficialProducer producer, String topic)
      throws ClientFailed {
    Inbox inbox = new Inbox();
    CountDownLatch held = new CountDownLatch(1);
    ConsumerSpec spec = spec(topic).with("pullThresholdForQueue", "5").with("pullBatchSize", "4");
    try (OfficialConsumer consumer =
        version
            .client()
            .startConsumer(
                spec,
                message -> {
                  await(held);
                  inbox.accept(message);
                })) {
      Await.until("messages are held", LIMIT, () -> consumer.cachedMessages(topic) > 5);
      assertThat(Await.isTrueWithin(A_WHILE, () -> consumer.cachedMessages(topic) > 5 + 4))
          .isFalse();
      held.countDown();
      inbox.awaitCount(100);

      consumer.pause();
      send(producer, topic, 100, 120);
      // The pull that was waiting at the broker still brings what it brings.
      assertThat(Await.isTrueWithin(A_WHILE, () -> inbox.count() > 100 + 4)).isFalse();
      consumer.resume();
      inbox.awaitCount(120);
    }
    assertThat(inbox.keys()).containsExactlyElementsOf(keys(0, 120));
  }

  @ParameterizedTest
  @EnumSource
  void namespacesKeepTopicsAndGroupsOfOneNameApart(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Spaced");
    String group = Names.fresh("spaced");
    Inbox mine = new Inbox();
    Inbox theirs = new Inbox();
    ProducerSpec producing = ProducerSpec.of(node.nameServer(), Names.fresh("p"));
    try (OfficialProducer producer =
            version.client().startProducer(producing.with("namespace", "mine"));
        OfficialProducer other =
            version.client().startProducer(producing.with("namespace", "theirs"))) {
      send(producer, topic, 0, 10);
      send(other, topic, 50, 55);
    }
    try (OfficialConsumer one = inNamespace(version, "mine", group, topic, mine);
        OfficialConsumer two = inNamespace(version, "theirs", group, topic, theirs)) {
      mine.awaitCount(10);
      theirs.awaitCount(5);
    }
    assertThat(mine.keys()).containsExactlyElementsOf(keys(0, 10));
    assertThat(theirs.keys()).containsExactlyElementsOf(keys(50, 55));
    assertThat(mine.deliveries()).allMatch(message -> message.topic().equals(topic));
  }

  private static OfficialConsumer inNamespace(
      ClientVersion version, String namespace, String group, String topic, Inbox inbox)
      throws ClientFailed {
    return version
        .client()
        .startConsumer(
            ConsumerSpec.of(node.nameServer(), group, topic, Names.fresh("c"))
                .with("namespace", namespace),
            inbox);
  }

  /** A broker that knows nothing of them is to overlook them. */
  @ParameterizedTest
  @EnumSource(names = "V5")
  void namespacesOfTheSecondKindDontHinder(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Spaced");
    Inbox inbox = new Inbox();
    ProducerSpec producing =
        ProducerSpec.of(node.nameServer(), Names.fresh("p")).with("namespaceV2", "mine");
    try (OfficialProducer producer = version.client().startProducer(producing)) {
      send(producer, topic, 0, 10);
    }
    try (OfficialConsumer ignored =
        version.client().startConsumer(spec(topic).with("namespaceV2", "mine"), inbox)) {
      inbox.awaitCount(10);
    }
    assertThat(inbox.keys()).containsExactlyElementsOf(keys(0, 10));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ZLIB", "LZ4", "ZSTD"})
  void compressedBodiesArriveAsTheyWereWithConsumersOfBothVersions(String compression)
      throws ClientFailed {
    String topic = Names.fresh("Compressed");
    byte[] body = ("compress me, " + compression).repeat(1_000).getBytes(StandardCharsets.UTF_8);
    Inbox four = new Inbox();
    Inbox five = new Inbox();
    ProducerSpec producing =
        ProducerSpec.of(node.nameServer(), Names.fresh("p")).with("compressType", compression);
    try (OfficialProducer producer = ClientVersion.V5.client().startProducer(producing)) {
      producer.send(Outgoing.of(topic, body));
    }
    try (OfficialConsumer old = ClientVersion.V4.client().startConsumer(spec(topic), four);
        OfficialConsumer recent = ClientVersion.V5.client().startConsumer(spec(topic), five)) {
      four.awaitCount(1);
      five.awaitCount(1);
    }
    assertThat(four.deliveries().get(0).body()).isEqualTo(body);
    assertThat(five.deliveries().get(0).body()).isEqualTo(body);
  }

  private static OfficialConsumer consumer(
      ClientVersion version, ConsumerSpec spec, String from, Inbox inbox) throws ClientFailed {
    return version.client().startConsumer(spec.with("consumeFromWhere", from), inbox);
  }

  /** Waits for a second that nothing was sent in yet, and gives it as clients want it. */
  private static String nextSecond() {
    long sent = Instant.now().getEpochSecond();
    Await.until("a new second", LIMIT, () -> Instant.now().getEpochSecond() > sent);
    return DateTimeFormatter.ofPattern("yyyyMMddHHmmss")
        .withZone(ZoneId.systemDefault())
        .format(Instant.now());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(OfficialProducer producer, String topic, int from, int to)
      throws ClientFailed {
    for (int i = from; i < to; i++) {
      producer.send(Outgoing.of(topic, Payload.of(i, 64)), QUEUE);
    }
  }

  private static List<Long> keys(long from, long to) {
    return LongStream.range(from, to).boxed().toList();
  }

  private static ConsumerSpec spec(String topic) {
    return ConsumerSpec.of(node.nameServer(), Names.fresh("g"), topic, Names.fresh("c"));
  }

  private static OfficialProducer producer(ClientVersion version) throws ClientFailed {
    return version
        .client()
        .startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("producers")));
  }
}
