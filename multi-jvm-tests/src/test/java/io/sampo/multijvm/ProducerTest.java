package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.history.Place;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.official.Receipt;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a producer of each official version gets from a node. */
class ProducerTest {
  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node = NodeProcess.start("producer");
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void syncSendsToANewTopicAreStoredInFourQueuesOneAfterTheOther(ClientVersion version)
      throws ClientFailed {
    String topic = Names.fresh("Sync");
    Map<Integer, List<Long>> offsets = new HashMap<>();
    try (OfficialProducer producer = producer(version)) {
      for (int i = 0; i < 20; i++) {
        Receipt receipt = producer.send(Outgoing.of(topic, Payload.of(i, 64)));
        assertThat(receipt.status()).isEqualTo("SEND_OK");
        assertThat(receipt.msgId()).matches("[0-9A-F]{32}|[0-9A-F]{56}");
        assertThat(receipt.offsetMsgId()).matches(idsOfThisBroker());
        offsets
            .computeIfAbsent(receipt.queueId(), queue -> new ArrayList<>())
            .add(receipt.queueOffset());
      }
      assertThat(producer.writableQueues(topic)).containsExactly(0, 1, 2, 3);
    }
    assertThat(offsets).containsOnlyKeys(0, 1, 2, 3);
    assertThat(offsets.values()).allSatisfy(each -> assertThat(each).isEqualTo(upTo(each.size())));
  }

  @ParameterizedTest
  @EnumSource
  void aSendToAChosenQueueGoesThere(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Chosen");
    try (OfficialProducer producer = producer(version)) {
      for (int i = 0; i < 5; i++) {
        Receipt receipt = producer.send(Outgoing.of(topic, Payload.of(i, 64)), 2);
        assertThat(receipt.queueId()).isEqualTo(2);
        assertThat(receipt.queueOffset()).isEqualTo(i);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void manyAsyncSendsAtOnceAllGetAPlaceOfTheirOwn(ClientVersion version) throws Exception {
    int messages = 500;
    String topic = Names.fresh("Async");
    Inbox inbox = new Inbox();
    try (OfficialProducer producer = producer(version)) {
      producer.send(Outgoing.of(topic, Payload.of(messages, 512))); // so that the route is known
      List<CompletableFuture<Receipt>> sends =
          IntStream.range(0, messages)
              .mapToObj(key -> producer.sendAsync(Outgoing.of(topic, Payload.of(key, 512))))
              .toList();
      CompletableFuture.allOf(sends.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
      assertThat(sends)
          .allSatisfy(send -> assertThat(send.join().status()).isEqualTo("SEND_OK"))
          .extracting(send -> new Place(send.join().queueId(), send.join().queueOffset()))
          .doesNotHaveDuplicates();
    }
    try (OfficialConsumer ignored = consume(version, topic, inbox)) {
      inbox.awaitCount(messages + 1);
    }
    assertThat(inbox.keys()).containsExactlyInAnyOrderElementsOf(upTo(messages + 1));
  }

  @ParameterizedTest
  @EnumSource
  void oneWaySendsAreStoredThoughNobodySaysSo(ClientVersion version) throws ClientFailed {
    int messages = 100;
    String topic = Names.fresh("Oneway");
    Inbox inbox = new Inbox();
    try (OfficialProducer producer = producer(version)) {
      producer.send(Outgoing.of(topic, Payload.of(messages, 512))); // so that the route is known
      for (int key = 0; key < messages; key++) {
        producer.sendOneway(Outgoing.of(topic, Payload.of(key, 512)));
      }
      try (OfficialConsumer ignored = consume(version, topic, inbox)) {
        inbox.awaitCount(messages + 1);
      }
    }
    assertThat(inbox.keys()).containsExactlyInAnyOrderElementsOf(upTo(messages + 1));
  }

  @ParameterizedTest
  @EnumSource
  void aBatchIsStoredInOrderInOneQueueAndEachMessageKeepsItsOwn(ClientVersion version)
      throws ClientFailed {
    int messages = 10;
    String topic = Names.fresh("Batch");
    Inbox inbox = new Inbox();
    List<Outgoing> batch =
        IntStream.range(0, messages)
            .mapToObj(
                key ->
                    new Outgoing(
                        topic,
                        Payload.of(key, 100 + key),
                        "tag" + key,
                        "key" + key,
                        Map.of("number", Integer.toString(key))))
            .toList();
    Receipt receipt;
    try (OfficialProducer producer = producer(version)) {
      receipt = producer.sendBatch(batch);
    }
    try (OfficialConsumer ignored = consume(version, topic, inbox)) {
      inbox.awaitCount(messages);
    }
    assertThat(receipt.status()).isEqualTo("SEND_OK");
    assertThat(receipt.offsetMsgId().split(",", -1))
        .hasSize(messages)
        .allSatisfy(id -> assertThat(id).matches(idsOfThisBroker()));
    String[] ids = receipt.msgId().split(",", -1);
    assertThat(ids).hasSize(messages).doesNotHaveDuplicates();
    List<Delivery> deliveries = inbox.deliveries();
    for (int i = 0; i < messages; i++) {
      Delivery delivery = deliveries.get(i);
      assertThat(Payload.key(delivery.body())).isEqualTo(i);
      assertThat(delivery.queueId()).isEqualTo(receipt.queueId());
      assertThat(delivery.queueOffset()).isEqualTo(receipt.queueOffset() + i);
      assertThat(delivery.msgId()).isEqualTo(ids[i]);
      assertThat(delivery.tags()).isEqualTo("tag" + i);
      assertThat(delivery.keys()).isEqualTo("key" + i);
      assertThat(delivery.properties()).containsEntry("number", Integer.toString(i));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMessageArrivesAsItWasSent(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Whole");
    byte[] compressible = "compress me, ".repeat(10_000).getBytes(StandardCharsets.UTF_8);
    Outgoing sent =
        new Outgoing(
            topic,
            compressible,
            "タグ",
            "key1 key2",
            Map.of("größe", "naïve", "blank-inside", "a  b"));
    Inbox inbox = new Inbox();
    long before = System.currentTimeMillis();
    Receipt receipt;
    try (OfficialProducer producer = producer(version)) {
      receipt = producer.send(sent);
    }
    try (OfficialConsumer ignored = consume(version, topic, inbox)) {
      inbox.awaitCount(1);
    }
    Delivery delivery = inbox.deliveries().get(0);
    assertThat(delivery.topic()).isEqualTo(topic);
    assertThat(delivery.body()).isEqualTo(compressible);
    assertThat(delivery.tags()).isEqualTo("タグ");
    assertThat(delivery.keys()).isEqualTo("key1 key2");
    assertThat(delivery.properties()).containsAllEntriesOf(sent.properties());
    assertThat(delivery.msgId()).isEqualTo(receipt.msgId());
    assertThat(delivery.queueId()).isEqualTo(receipt.queueId());
    assertThat(delivery.queueOffset()).isEqualTo(receipt.queueOffset());
    assertThat(delivery.storedAt()).isBetween(before, System.currentTimeMillis());
  }

  @ParameterizedTest
  @EnumSource
  void aMessageOfAlmostTheGreatestSizeArrives(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Great");
    Inbox inbox = new Inbox();
    int almostTheGreatest = 4 * 1024 * 1024 - 64 * 1024; // leaves room for the properties
    try (OfficialProducer producer = producer(version)) {
      producer.send(Outgoing.of(topic, Payload.of(1, almostTheGreatest)));
    }
    try (OfficialConsumer ignored = consume(version, topic, inbox)) {
      inbox.awaitCount(1);
    }
    assertThat(inbox.keys()).containsExactly(1L);
  }

  @ParameterizedTest
  @EnumSource
  void offsetsCanBeAskedForByEndAndByTime(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Offsets");
    try (OfficialProducer producer = producer(version)) {
      for (int i = 0; i < 3; i++) {
        producer.send(Outgoing.of(topic, Payload.of(i, 64)), 1);
      }
      long between = afterThisMillisecond();
      for (int i = 3; i < 7; i++) {
        producer.send(Outgoing.of(topic, Payload.of(i, 64)), 1);
      }
      assertThat(producer.minOffset(topic, 1)).isZero();
      // The original indexes a moment after the acknowledgement.
      Await.until("max offset 7", Duration.ofSeconds(5), () -> maxOffset(producer, topic, 1) == 7);
      assertThat(producer.maxOffset(topic, 0)).isZero();
      assertThat(producer.searchOffset(topic, 1, between)).isEqualTo(3);
      assertThat(producer.searchOffset(topic, 1, between - 3_600_000)).isZero();
    }
  }

  private static long maxOffset(OfficialProducer producer, String topic, int queueId) {
    try {
      return producer.maxOffset(topic, queueId);
    } catch (ClientFailed e) {
      throw new AssertionError(e);
    }
  }

  /** A time later than everything stored so far. */
  private static long afterThisMillisecond() {
    long now = System.currentTimeMillis();
    Await.until("the clock moves on", Duration.ofSeconds(5), () -> now < currentMillis() - 1);
    return now + 1;
  }

  private static long currentMillis() {
    return System.currentTimeMillis();
  }

  private static OfficialProducer producer(ClientVersion version) throws ClientFailed {
    return version
        .client()
        .startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("producers")));
  }

  private static OfficialConsumer consume(ClientVersion version, String topic, Inbox inbox)
      throws ClientFailed {
    String group = Names.fresh("consumers");
    return version
        .client()
        .startConsumer(ConsumerSpec.of(node.nameServer(), group, topic, group), inbox);
  }

  /** Address, port and physical offset in hexadecimal digits. */
  private static String idsOfThisBroker() {
    return String.format(Locale.ROOT, "7F000001%08X[0-9A-F]{16}", node.brokerPort());
  }

  private static List<Long> upTo(int count) {
    return LongStream.range(0, count).boxed().toList();
  }
}
