package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.RawResponse;
import io.sampo.multijvm.raw.Requests;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a node still knows after it was stopped or killed and started again. */
class RestartTest {
  private static final int QUEUES = 4;

  /** A 4.9 client may notice only after 30 s that its pull ended with the node. */
  private static final Duration SHARED = Duration.ofSeconds(60);

  /** Of the consumers that share queues: less often than others', so that theirs don't meet. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(4);

  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node = NodeProcess.start("restart");
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  /** The two ways for a node to end. */
  enum End {
    CLEAN {
      @Override
      void of(NodeProcess node) {
        assertThat(node.stop()).as("exit code; 143 is the JVM's for SIGTERM").isIn(0, 143);
      }
    },
    CRASH {
      @Override
      void of(NodeProcess node) {
        node.kill();
      }
    };

    abstract void of(NodeProcess node);
  }

  @ParameterizedTest
  @EnumSource
  void topicsGroupsOffsetsAndMessagesAreThereAgain(End end) throws ClientFailed {
    String topic = Names.fresh("Kept");
    String group = Names.fresh("kept");
    String resetGroup = Names.fresh("reset");
    Inbox before = new Inbox();
    sendKeys(topic, 0, 99);
    consume(topic, group, before, 100);
    consume(topic, resetGroup, new Inbox(), 100);
    Map<Integer, Long> offsets = committed(topic, group);
    String route = route(topic);
    sendKeys(topic, 100, 139);
    Map<Integer, Long> ends = ends(topic);
    commit(topic, resetGroup, 2, 5);

    end.of(node);
    node.start();

    assertThat(route(topic)).isEqualTo(route);
    assertThat(routeCode("%RETRY%" + group)).isEqualTo(Requests.SUCCESS);
    assertThat(committed(topic, group)).isEqualTo(offsets);
    assertThat(committed(topic, resetGroup)).as("acknowledged last").containsEntry(2, 5L);
    assertThat(ends(topic)).isEqualTo(ends);
    Inbox after = new Inbox();
    consume(topic, group, after, 40);
    assertThat(after.keys())
        .containsExactlyInAnyOrderElementsOf(LongStream.range(100, 140).boxed().toList());
    Inbox fromTheFirst = new Inbox();
    consume(topic, Names.fresh("fresh"), fromTheFirst, 140);
    assertThat(fromTheFirst.keys())
        .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 140).boxed().toList());
  }

  /**
   * Soon, too: a 4.9 client whose pull ends with the connection notices only 30 s later, so a node
   * that stops sends waiting pulls away first.
   */
  @Test
  void clientsOfBothVersionsGoOnAfterARestartWithoutBeingStartedAgain() throws Exception {
    List<AutoCloseable> clients = new ArrayList<>();
    Map<String, OfficialProducer> producers = new LinkedHashMap<>();
    Inbox inbox = new Inbox();
    try {
      for (ClientVersion version : ClientVersion.values()) {
        String topic = Names.fresh("Living");
        String group = Names.fresh("living");
        OfficialProducer producer =
            version.client().startProducer(ProducerSpec.of(node.nameServer(), group));
        clients.add(producer);
        producers.put(topic, producer);
        producer.send(Outgoing.of(topic, Payload.of(0, 64)));
        ConsumerSpec spec = ConsumerSpec.of(node.nameServer(), group, topic, group);
        clients.add(version.client().startConsumer(spec, inbox));
      }
      inbox.awaitCount(2);
      End.CLEAN.of(node);
      node.start();
      producers.forEach(
          (topic, producer) ->
              Await.until(
                  "a send after the restart",
                  Duration.ofSeconds(10),
                  () -> isSent(producer, Outgoing.of(topic, Payload.of(1, 64)))));
      Await.until("both received it", Duration.ofSeconds(20), () -> inbox.count() >= 4);
    } finally {
      for (AutoCloseable client : clients) {
        client.close();
      }
    }
    assertThat(inbox.keys()).containsExactlyInAnyOrder(0L, 0L, 1L, 1L);
  }

  /** Heartbeats come one by one, and none of them may make the others give up their queues. */
  @ParameterizedTest
  @EnumSource
  @Tag("long")
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void consumersKeepTheirQueuesThoughTheNodeIsKilled(ClientVersion version) throws Exception {
    String topic = Names.fresh("Shared");
    String group = Names.fresh("sharing");
    sendKeys(topic, 0, 3);
    Inbox inbox = new Inbox();
    try (OfficialConsumer one = sharing(version, topic, group, inbox)) {
      Await.breathe(HEARTBEAT.dividedBy(2)); // theirs are not to come together
      try (OfficialConsumer two = sharing(version, topic, group, inbox)) {
        assertSharesStay(topic, inbox, one, two);
      }
    }
    assertThat(newKeys(inbox)).containsExactlyInAnyOrder(4L, 5L, 6L, 7L);
  }

  private static void assertSharesStay(
      String topic, Inbox inbox, OfficialConsumer one, OfficialConsumer two) throws Exception {
    Await.until(
        "each has two queues",
        SHARED,
        () -> one.assignedQueues(topic).size() == 2 && two.assignedQueues(topic).size() == 2);
    Await.until(
        "the old ones come", SHARED, () -> inbox.keys().containsAll(List.of(0L, 1L, 2L, 3L)));
    Set<Set<Integer>> shares = ConcurrentHashMap.newKeySet();
    try (SendLoop watch =
        SendLoop.start(
            "shares",
            Duration.ofMillis(5),
            () -> shares.addAll(List.of(one.assignedQueues(topic), two.assignedQueues(topic))))) {
      End.CRASH.of(node);
      node.start();
      sendKeys(topic, 4, 7);
      Await.until("the new ones come", SHARED, () -> newKeys(inbox).size() >= 4);
      Await.breathe(HEARTBEAT.multipliedBy(2));
      watch.stop();
    }
    assertThat(shares).as("shares of the queues").hasSize(2);
  }

  /** Those that were sent after the crash; of the others some may have come to both before. */
  private static List<Long> newKeys(Inbox inbox) {
    return inbox.keys().stream().filter(key -> key > 3).toList();
  }

  private static OfficialConsumer sharing(
      ClientVersion version, String topic, String group, Inbox inbox) throws ClientFailed {
    return version
        .client()
        .startConsumer(
            ConsumerSpec.of(node.nameServer(), group, topic, Names.fresh("consumer"))
                .with("heartbeatBrokerInterval", Long.toString(HEARTBEAT.toMillis())),
            inbox);
  }

  private static boolean isSent(OfficialProducer producer, Outgoing message) {
    try {
      producer.send(message);
      return true;
    } catch (ClientFailed notYet) {
      return false;
    }
  }

  private static void sendKeys(String topic, long first, long last) throws ClientFailed {
    try (OfficialProducer producer =
        ClientVersion.V5
            .client()
            .startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("producers")))) {
      for (long key = first; key <= last; key++) {
        producer.send(Outgoing.of(topic, Payload.of(key, 256)), (int) (key % QUEUES));
      }
    }
  }

  /** Starts a consumer, waits for the messages, and closes it, which commits its offsets. */
  private static void consume(String topic, String group, Inbox inbox, int count)
      throws ClientFailed {
    try (OfficialConsumer ignored =
        ClientVersion.V5
            .client()
            .startConsumer(
                ConsumerSpec.of(node.nameServer(), group, topic, Names.fresh("consumer")), inbox)) {
      inbox.awaitCount(count);
    }
  }

  private static void commit(String topic, String group, int queue, long offset) {
    Map<String, String> fields = Requests.groupQueue(group, topic, queue);
    fields.put("commitOffset", Long.toString(offset));
    try (RawConnection connection = RawConnection.open(node.brokerPort())) {
      assertThat(connection.call(Requests.UPDATE_CONSUMER_OFFSET, fields).code())
          .isEqualTo(Requests.SUCCESS);
    }
  }

  private static Map<Integer, Long> committed(String topic, String group) {
    Map<Integer, Long> offsets = new LinkedHashMap<>();
    try (RawConnection connection = RawConnection.open(node.brokerPort())) {
      for (int queue = 0; queue < QUEUES; queue++) {
        RawResponse answer =
            connection.call(
                Requests.QUERY_CONSUMER_OFFSET, Requests.groupQueue(group, topic, queue));
        assertThat(answer.code()).as(answer.remark()).isEqualTo(Requests.SUCCESS);
        offsets.put(queue, answer.number("offset"));
      }
    }
    return offsets;
  }

  private static Map<Integer, Long> ends(String topic) {
    Map<Integer, Long> offsets = new LinkedHashMap<>();
    try (RawConnection connection = RawConnection.open(node.brokerPort())) {
      for (int queue = 0; queue < QUEUES; queue++) {
        offsets.put(
            queue,
            connection
                .call(
                    Requests.GET_MAX_OFFSET,
                    Map.of("topic", topic, "queueId", Integer.toString(queue)))
                .number("offset"));
      }
    }
    return offsets;
  }

  private static String route(String topic) {
    RawResponse answer = askRoute(topic);
    assertThat(answer.code()).as(answer.remark()).isEqualTo(Requests.SUCCESS);
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static int routeCode(String topic) {
    return askRoute(topic).code();
  }

  private static RawResponse askRoute(String topic) {
    try (RawConnection connection = RawConnection.open(node.nameServerPort())) {
      return connection.call(Requests.GET_ROUTE, Map.of("topic", topic));
    }
  }
}
