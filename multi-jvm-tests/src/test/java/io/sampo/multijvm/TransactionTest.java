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
import io.sampo.multijvm.official.LocalTransactions;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.official.Receipt;
import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.RawResponse;
import io.sampo.multijvm.raw.Requests;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What transactional producers of each official version, and their consumers, get from a node. */
class TransactionTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int COMMIT = 8;
  private static final int ROLLBACK = 12;

  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node =
        NodeProcess.start(
            "transaction",
            NodeOptions.defaults()
                .with("sampo.transaction.timeout", "300ms")
                .with("sampo.transaction.check-interval", "500ms")
                .with("sampo.transaction.check-max", "3"));
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  /** An application that decides by the key of a message, and remembers what it was asked. */
  private static final class Application implements LocalTransactions {
    private final LongFunction<Decision> atOnce;
    private volatile LongFunction<Decision> whenAsked;
    private final Map<Long, Integer> asked = new ConcurrentHashMap<>();
    private final Set<String> askedTopics = ConcurrentHashMap.newKeySet();

    Application(LongFunction<Decision> atOnce, LongFunction<Decision> whenAsked) {
      this.atOnce = atOnce;
      this.whenAsked = whenAsked;
    }

    @Override
    public Decision execute(byte[] body) {
      return atOnce.apply(Payload.key(body));
    }

    @Override
    public Decision check(Delivery half) {
      long key = Payload.key(half.body());
      asked.merge(key, 1, Integer::sum);
      askedTopics.add(half.topic());
      return whenAsked.apply(key);
    }
  }

  @ParameterizedTest
  @EnumSource
  void committedOnesAreDeliveredOnceAndRolledBackOnesNever(ClientVersion version) throws Exception {
    String topic = Names.fresh("Orders");
    Application application =
        new Application(
            key ->
                switch ((int) (key % 4)) {
                  case 0 -> LocalTransactions.Decision.COMMIT;
                  case 1 -> LocalTransactions.Decision.ROLLBACK;
                  default -> LocalTransactions.Decision.UNKNOWN;
                },
            key ->
                key % 2 == 0
                    ? LocalTransactions.Decision.COMMIT
                    : LocalTransactions.Decision.ROLLBACK);
    Inbox inbox = new Inbox();
    int count = 80;
    List<Long> committed = LongStream.range(0, count).filter(key -> key % 2 == 0).boxed().toList();
    try (OfficialProducer producer = producer(version, Names.fresh("producers"), application);
        OfficialConsumer ignored = consumer(version, topic, inbox)) {
      for (long key = 0; key < count; key++) {
        Receipt receipt = producer.sendInTransaction(message(topic, key));
        assertThat(receipt.status()).isEqualTo("SEND_OK");
      }
      inbox.awaitCount(committed.size());
      Await.until(
          () -> "all undecided ones asked about: " + application.asked + node.outputTail(),
          LIMIT,
          () -> application.asked.keySet().containsAll(undecided(count)));
      assertThat(application.askedTopics).containsExactly(topic);
      assertThat(inbox.keys()).containsExactlyInAnyOrderElementsOf(committed);
      assertThat(stored(producer, topic)).isEqualTo(committed.size());
    }
  }

  private static List<Long> undecided(int count) {
    return LongStream.range(0, count).filter(key -> key % 4 > 1).boxed().toList();
  }

  @ParameterizedTest
  @EnumSource
  void anotherProducerOfTheGroupIsAskedWhenTheSenderIsGone(ClientVersion version) throws Exception {
    String topic = Names.fresh("Orders");
    String group = Names.fresh("producers");
    Application gone =
        new Application(
            key -> LocalTransactions.Decision.UNKNOWN, key -> LocalTransactions.Decision.UNKNOWN);
    Application living =
        new Application(
            key -> LocalTransactions.Decision.UNKNOWN, key -> LocalTransactions.Decision.COMMIT);
    Inbox inbox = new Inbox();
    try (OfficialConsumer ignored = consumer(version, topic, inbox)) {
      try (OfficialProducer sender = producer(version, group, gone)) {
        sender.sendInTransaction(message(topic, 7));
      }
      try (OfficialProducer other = producer(version, group, living)) {
        other.sendInTransaction(message(topic, 8));
        inbox.awaitCount(2);
        assertThat(inbox.keys()).containsExactlyInAnyOrder(7L, 8L);
        assertThat(living.asked).containsKeys(7L, 8L);
        assertThat(stored(other, topic)).isEqualTo(2);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void killedNodeAsksAfterItsRestartAndDeliversOnce(ClientVersion version) throws Exception {
    String topic = Names.fresh("Orders");
    int count = 10;
    List<Long> committed = List.of(1L, 2L, 3L, 5L, 7L, 8L, 9L);
    Application application =
        new Application(
            key -> {
              if (key == count - 1) {
                node.kill(); // between the last half message and its end
              }
              return key % 2 == 0
                  ? LocalTransactions.Decision.UNKNOWN
                  : LocalTransactions.Decision.COMMIT;
            },
            key ->
                committed.contains(key)
                    ? LocalTransactions.Decision.COMMIT
                    : LocalTransactions.Decision.ROLLBACK);
    Inbox inbox = new Inbox();
    try (OfficialProducer producer = producer(version, Names.fresh("producers"), application)) {
      for (long key = 0; key < count; key++) {
        producer.sendInTransaction(message(topic, key));
      }
      node.start();
      try (OfficialConsumer ignored = consumer(version, topic, inbox)) {
        inbox.awaitCount(committed.size());
        Await.until(
            () -> "the last one asked about: " + application.asked + node.outputTail(),
            LIMIT,
            () -> application.asked.containsKey((long) count - 1));
        assertThat(inbox.keys()).containsExactlyInAnyOrderElementsOf(committed);
        assertThat(stored(producer, topic)).isEqualTo(committed.size());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void undecidedOneIsParkedKeptOverACrashAndResumed(ClientVersion version) throws Exception {
    String topic = Names.fresh("Orders");
    String group = Names.fresh("producers");
    Application application =
        new Application(
            key -> LocalTransactions.Decision.UNKNOWN, key -> LocalTransactions.Decision.UNKNOWN);
    Inbox inbox = new Inbox();
    try (OfficialProducer producer = producer(version, group, application)) {
      Half resumed = awaitParked(producer.sendInTransaction(message(topic, 1)));
      Half rolledBack = awaitParked(producer.sendInTransaction(message(topic, 2)));
      assertThat(application.asked).isEqualTo(Map.of(1L, 3, 2L, 3));

      node.kill();
      node.start();
      assertThat(end(group, rolledBack, ROLLBACK).code()).isEqualTo(Requests.SUCCESS);
      assertThat(resume(topic, rolledBack).code()).isEqualTo(Requests.SYSTEM_ERROR);
      application.whenAsked = key -> LocalTransactions.Decision.COMMIT;
      // A node that was killed before it noted that it parks does so again at once.
      Await.until(
          () -> "resumed: " + node.outputTail(),
          LIMIT,
          () -> resume(topic, resumed).code() == Requests.SUCCESS);
      try (OfficialConsumer ignored = consumer(version, topic, inbox)) {
        inbox.awaitCount(1);
        assertThat(inbox.keys()).containsExactly(1L);
        assertThat(application.asked).isEqualTo(Map.of(1L, 4, 2L, 3));
        assertThat(stored(producer, topic)).isEqualTo(1);
      }
    }
  }

  @Test
  void forgedWrongAndSecondEndsChangeNothing() {
    String topic = Names.fresh("Orders");
    try (RawConnection connection = RawConnection.open(node.brokerPort())) {
      Map<String, String> send =
          Requests.send(topic, 0, "TRAN_MSG\1true\2PGROUP\1raw\2UNIQ_KEY\1ID\2");
      send.put("f", "4");
      RawResponse stored = connection.call(Requests.SEND_MESSAGE_V2, send, Payload.of(1, 100));
      assertThat(stored.code()).as(stored.remark()).isEqualTo(Requests.SUCCESS);
      Half half =
          new Half(
              stored.number("queueOffset"), Objects.requireNonNull(stored.fields().get("msgId")));
      long offset = half.queueOffset();
      long position = half.position();

      for (RawResponse wrong :
          List.of(
              end(connection, "other", offset, position, COMMIT),
              end(connection, "raw", offset + 1, position, COMMIT),
              end(connection, "raw", offset, position + 1, COMMIT),
              end(connection, "raw", offset, -1, COMMIT),
              end(connection, "raw", Long.MAX_VALUE, position, ROLLBACK))) {
        assertThat(wrong.code()).as(wrong.remark()).isEqualTo(Requests.SYSTEM_ERROR);
      }
      assertThat(maxOffset(connection, topic)).isZero();
      assertThat(end(connection, "raw", offset, position, COMMIT).code())
          .isEqualTo(Requests.SUCCESS);
      assertThat(end(connection, "raw", offset, position, COMMIT).code())
          .isEqualTo(Requests.SYSTEM_ERROR);
      assertThat(end(connection, "raw", offset, position, ROLLBACK).code())
          .isEqualTo(Requests.SYSTEM_ERROR);
      assertThat(maxOffset(connection, topic)).isOne();
    }
  }

  private static long maxOffset(RawConnection connection, String topic) {
    return connection
        .call(Requests.GET_MAX_OFFSET, Map.of("topic", topic, "queueId", "0"))
        .number("offset");
  }

  /** A half message as the wire names it. */
  private record Half(long queueOffset, String offsetMsgId) {
    /** The last 16 digits of the id. */
    long position() {
      return Long.parseLong(offsetMsgId.substring(offsetMsgId.length() - 16), 16);
    }
  }

  /** The node's log says which one is parked; the client's result of a transaction doesn't. */
  private static Half awaitParked(Receipt receipt) {
    Pattern parked = Pattern.compile(receipt.msgId() + ", half message ([0-9A-F]+);");
    Await.until(
        () -> receipt.msgId() + " parked: " + node.outputTail(),
        LIMIT,
        () -> parked.matcher(node.outputTail()).find());
    Matcher found = parked.matcher(node.outputTail());
    assertThat(found.find()).isTrue();
    return new Half(receipt.queueOffset(), found.group(1));
  }

  private static OfficialProducer producer(
      ClientVersion version, String group, LocalTransactions transactions) throws ClientFailed {
    return version
        .client()
        .startTransactionProducer(ProducerSpec.of(node.nameServer(), group), transactions);
  }

  private static OfficialConsumer consumer(ClientVersion version, String topic, Inbox inbox)
      throws ClientFailed {
    return version
        .client()
        .startConsumer(
            ConsumerSpec.of(node.nameServer(), topic + "-group", topic, Names.fresh("consumer")),
            inbox);
  }

  private static Outgoing message(String topic, long key) {
    return Outgoing.of(topic, Payload.of(key, 100)).withTag("tag");
  }

  /** How many messages the topic's queues hold. */
  private static long stored(OfficialProducer producer, String topic) throws ClientFailed {
    long stored = 0;
    for (int queue : producer.writableQueues(topic)) {
      stored += producer.maxOffset(topic, queue);
    }
    return stored;
  }

  private static RawResponse end(String group, Half half, int outcome) {
    try (RawConnection connection = RawConnection.open(node.brokerPort())) {
      return end(connection, group, half.queueOffset(), half.position(), outcome);
    }
  }

  private static RawResponse end(
      RawConnection connection, String group, long queueOffset, long position, int outcome) {
    Map<String, String> fields = new HashMap<>();
    fields.put("producerGroup", group);
    fields.put("tranStateTableOffset", Long.toString(queueOffset));
    fields.put("commitLogOffset", Long.toString(position));
    fields.put("commitOrRollback", Integer.toString(outcome));
    fields.put("msgId", "ID");
    return connection.call(Requests.END_TRANSACTION, fields);
  }

  private static RawResponse resume(String topic, Half half) {
    try (RawConnection connection = RawConnection.open(node.brokerPort())) {
      return connection.call(
          Requests.RESUME_CHECK_HALF_MESSAGE, Map.of("topic", topic, "msgId", half.offsetMsgId()));
    }
  }
}
