package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.OfficialPuller;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.RawResponse;
import io.sampo.multijvm.raw.Requests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an application gets that asks for messages itself, with each official version. */
class LitePullTest {
  private static final Duration A_WHILE = Duration.ofSeconds(1);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node = NodeProcess.start("lite-pull");
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void anApplicationReadsAQueueFromTheOffsetThatItChooses(ClientVersion version)
      throws ClientFailed {
    String topic = Names.fresh("Chosen");
    String group = Names.fresh("choosing");
    try (OfficialProducer producer =
            version.client().startProducer(ProducerSpec.of(node.nameServer(), group));
        OfficialPuller puller = version.client().startPuller(node.nameServer(), group)) {
      for (int key = 0; key < 50; key++) {
        producer.send(Outgoing.of(topic, Payload.of(key, 128)), 3);
      }
      puller.assign(topic, 3, 20);
      assertThat(read(puller, 30)).containsExactlyElementsOf(keys(20, 50));
      producer.send(Outgoing.of(topic, Payload.of(50, 128)), 3);
      assertThat(read(puller, 1)).containsExactly(50L);
      Await.until( // the client commits while it is polled
          "the end is committed",
          LIMIT,
          () -> puller.poll(Duration.ofMillis(100)).isEmpty() && committed(puller, topic, 3) == 51);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aGroupSharesATopicAndGoesOnWhereItStopped(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Shared");
    String group = Names.fresh("sharing");
    try (OfficialProducer producer =
        version.client().startProducer(ProducerSpec.of(node.nameServer(), group))) {
      sendToAll(producer, topic, 0, 40);
      try (OfficialPuller puller = version.client().startPuller(node.nameServer(), group)) {
        puller.subscribe(topic, "*");
        assertThat(readAll(puller, 40)).containsExactlyInAnyOrderElementsOf(keys(0, 40));
        Await.until(
            "all is committed",
            LIMIT,
            () ->
                puller.poll(Duration.ofMillis(100)).isEmpty()
                    && IntStream.range(0, 4).allMatch(id -> committed(puller, topic, id) == 10));
      }
      sendToAll(producer, topic, 40, 48);
      try (OfficialPuller puller = version.client().startPuller(node.nameServer(), group)) {
        puller.subscribe(topic, "*");
        assertThat(readAll(puller, 8)).containsExactlyInAnyOrderElementsOf(keys(40, 48));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aConditionHoldsBackTheRest(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Selected");
    String group = Names.fresh("selecting");
    try (OfficialProducer producer =
            version.client().startProducer(ProducerSpec.of(node.nameServer(), group));
        OfficialPuller puller = version.client().startPuller(node.nameServer(), group)) {
      sendToAll(producer, topic, 0, 20);
      puller.subscribeBySql(topic, "number >= 15 OR number = 3");
      assertThat(readAll(puller, 6)).containsExactlyInAnyOrder(3L, 15L, 16L, 17L, 18L, 19L);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anApplicationFindsATimePausesAndSkipsToTheEnd(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Skipped");
    String group = Names.fresh("skipping");
    try (OfficialProducer producer =
            version.client().startProducer(ProducerSpec.of(node.nameServer(), group));
        OfficialPuller puller = version.client().startPuller(node.nameServer(), group)) {
      sendToQueue(producer, topic, 0, 10);
      long sent = System.currentTimeMillis();
      Await.until("the clock went on", LIMIT, () -> System.currentTimeMillis() > sent);
      long between = System.currentTimeMillis();
      sendToQueue(producer, topic, 10, 20);
      assertThat(puller.offsetForTimestamp(topic, 3, between)).isEqualTo(10);
      puller.assign(topic, 3, 10);
      assertThat(read(puller, 10)).containsExactlyElementsOf(keys(10, 20));

      puller.pause(topic, 3);
      sendToQueue(producer, topic, 20, 21);
      puller.poll(A_WHILE); // the pull that was waiting at the broker may still bring this one
      sendToQueue(producer, topic, 21, 30);
      assertThat(puller.poll(A_WHILE)).isEmpty();
      puller.seekToEnd(topic, 3);
      puller.resume(topic, 3);
      sendToQueue(producer, topic, 30, 31);
      assertThat(read(puller, 1)).containsExactly(30L);
    }
  }

  /** An operator sets the group back while its consumer polls. */
  @ParameterizedTest
  @EnumSource
  void aGroupThatIsResetReadsAgain(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Reset");
    String group = Names.fresh("resetting");
    try (OfficialProducer producer =
            version.client().startProducer(ProducerSpec.of(node.nameServer(), group));
        OfficialPuller puller = version.client().startPuller(node.nameServer(), group)) {
      sendToAll(producer, topic, 0, 40);
      puller.subscribe(topic, "*");
      assertThat(readAll(puller, 40)).containsExactlyInAnyOrderElementsOf(keys(0, 40));
      reset(group, topic, Map.of("timestamp", "0"));
      assertThat(readAll(puller, 40)).containsExactlyInAnyOrderElementsOf(keys(0, 40));
      reset(group, topic, Map.of("timestamp", "-1", "queueId", "2", "offset", "7"));
      assertThat(readAll(puller, 3)).containsExactly(30L, 34L, 38L);
      Await.until(
          "all is committed",
          LIMIT,
          () ->
              puller.poll(Duration.ofMillis(100)).isEmpty()
                  && IntStream.range(0, 4).allMatch(id -> committed(puller, topic, id) == 10));
    }
  }

  private static void reset(String group, String topic, Map<String, String> where) {
    Map<String, String> fields = new HashMap<>(where);
    fields.put("group", group);
    fields.put("topic", topic);
    fields.put("isForce", "true");
    try (RawConnection connection = RawConnection.open(node.brokerPort())) {
      RawResponse answer = connection.call(Requests.RESET_OFFSET, fields);
      assertThat(answer.code()).as(answer.remark()).isEqualTo(Requests.SUCCESS);
    }
  }

  private static void sendToQueue(OfficialProducer producer, String topic, int from, int to)
      throws ClientFailed {
    for (int key = from; key < to; key++) {
      producer.send(Outgoing.of(topic, Payload.of(key, 128)), 3);
    }
  }

  private static void sendToAll(OfficialProducer producer, String topic, int from, int to)
      throws ClientFailed {
    for (int key = from; key < to; key++) {
      Map<String, String> properties = Map.of("number", Integer.toString(key));
      producer.send(new Outgoing(topic, Payload.of(key, 128), "", "", properties), key % 4);
    }
  }

  private static List<Long> read(OfficialPuller puller, int count) {
    return read(puller, count, Set.of(3));
  }

  private static List<Long> readAll(OfficialPuller puller, int count) {
    return read(puller, count, Set.of(0, 1, 2, 3));
  }

  private static List<Long> read(OfficialPuller puller, int count, Set<Integer> queues) {
    List<Long> keys = new ArrayList<>();
    Await.until(
        () -> count + " messages polled; there are " + keys,
        LIMIT,
        () -> {
          for (Delivery delivery : puller.poll(Duration.ofMillis(500))) {
            assertThat(queues).contains(delivery.queueId());
            keys.add(Payload.key(delivery.body()));
          }
          return keys.size() >= count;
        });
    return keys;
  }

  private static long committed(OfficialPuller puller, String topic, int queueId) {
    try {
      return puller.committed(topic, queueId);
    } catch (ClientFailed e) {
      throw new AssertionError(e);
    }
  }

  private static List<Long> keys(long first, long end) {
    return LongStream.range(first, end).boxed().toList();
  }
}
