package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.Delay;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.LocalTransactions;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.official.Receipt;
import io.sampo.multijvm.raw.LossyProxy;
import io.sampo.multijvm.raw.LossyProxy.Loss;
import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.RawResponse;
import io.sampo.multijvm.raw.Requests;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Sends whose answers are lost on the way: the client tries again by itself, and the message is
 * there once.
 */
class LostAnswersTest {
  private static final int QUEUES = 4;
  private static final int CREATE_TOPIC = 17;

  private static NodeProcess node;
  private static LossyProxy proxy;

  @BeforeAll
  static void start() {
    node =
        NodeProcess.start(
            "lost-answers",
            NodeOptions.defaults()
                .with("sampo.transaction.timeout", "2s")
                .with("sampo.transaction.check-interval", "1s"));
    proxy = LossyProxy.before(node);
  }

  @AfterAll
  static void end() {
    proxy.close();
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void aSendWhoseAnswerIsLostWithItsConnectionIsStoredOnce(ClientVersion version)
      throws ClientFailed {
    String topic = Names.fresh("Cut");
    try (OfficialProducer producer = producer(version, 10_000)) {
      producer.send(Outgoing.of(topic, Payload.of(0, 64)));
      for (int key = 1; key <= 5; key++) {
        int lostBefore = proxy.lost();
        proxy.loseNext(Requests.SEND_MESSAGE_V2, Loss.CONNECTION_TOO);

        Receipt receipt = producer.send(Outgoing.of(topic, Payload.of(key, 64)));

        assertThat(proxy.lost()).isEqualTo(lostBefore + 1);
        assertStored(producer, topic, receipt, key);
        assertThat(stored(topic)).as("the first, and these once each").isEqualTo(1 + key);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anAsynchronousSendIsStoredOnce(ClientVersion version) throws Exception {
    String topic = Names.fresh("Async");
    try (OfficialProducer producer = producer(version, 10_000)) {
      producer.send(Outgoing.of(topic, Payload.of(0, 64)));
      int lostBefore = proxy.lost();
      proxy.loseNext(Requests.SEND_MESSAGE_V2, Loss.CONNECTION_TOO);

      Receipt receipt =
          producer.sendAsync(Outgoing.of(topic, Payload.of(1, 64))).get(30, TimeUnit.SECONDS);

      assertThat(proxy.lost()).isEqualTo(lostBefore + 1);
      assertStored(producer, topic, receipt, 1);
      assertThat(stored(topic)).isEqualTo(2);
    }
  }

  /** The client waits for its time to be over and closes the connection then. */
  @ParameterizedTest
  @EnumSource
  void whatAnApplicationSendsAgainAfterATimeoutIsStoredOnce(ClientVersion version)
      throws ClientFailed {
    String topic = Names.fresh("Silent");
    try (OfficialProducer producer = producer(version, 1_500)) {
      producer.send(Outgoing.of(topic, Payload.of(0, 64)));
      int lostBefore = proxy.lost();
      proxy.loseNext(Requests.SEND_MESSAGE_V2, Loss.ANSWER_ONLY);

      Receipt receipt = producer.sendUntilTaken(Outgoing.of(topic, Payload.of(1, 64)), 5);

      assertThat(proxy.lost()).isEqualTo(lostBefore + 1);
      assertStored(producer, topic, receipt, 1);
      assertThat(stored(topic)).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBatchIsStoredOnce(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Batch");
    try (OfficialProducer producer = producer(version, 10_000)) {
      producer.send(Outgoing.of(topic, Payload.of(0, 64)));
      int lostBefore = proxy.lost();
      proxy.loseNext(Requests.SEND_BATCH_MESSAGE, Loss.CONNECTION_TOO);

      Receipt receipt =
          producer.sendBatch(
              LongStream.rangeClosed(1, 10)
                  .mapToObj(key -> Outgoing.of(topic, Payload.of(key, 64)))
                  .toList());

      assertThat(proxy.lost()).isEqualTo(lostBefore + 1);
      assertThat(stored(topic)).isEqualTo(11);
      List<String> ids = List.of(receipt.offsetMsgId().split(","));
      assertThat(ids).hasSize(10).doesNotHaveDuplicates();
      for (int i = 0; i < 10; i++) {
        assertThat(Payload.key(producer.view(topic, ids.get(i)).body())).isEqualTo(1 + i);
      }
    }
  }

  /** By a level, whose time is counted anew by each attempt. */
  @ParameterizedTest
  @EnumSource
  void aDelayedMessageIsDeliveredOnce(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Delayed");
    try (OfficialProducer producer = producer(version, 10_000)) {
      producer.send(Outgoing.of(topic, Payload.of(0, 64)));
      int lostBefore = proxy.lost();
      proxy.loseNext(Requests.SEND_MESSAGE_V2, Loss.CONNECTION_TOO);

      producer.sendDelayed(Outgoing.of(topic, Payload.of(1, 64)), Delay.level(1));
      assertThat(proxy.lost()).isEqualTo(lostBefore + 1);
      String later =
          producer
              .sendDelayed(Outgoing.of(topic, Payload.of(2, 64)), Delay.level(1))
              .receipt()
              .msgId();

      // Due later, delivered later: then a second copy of the first would be there, too.
      Await.until("the later one", Duration.ofSeconds(30), () -> isThere(producer, topic, later));
      assertThat(stored(topic)).isEqualTo(3);
    }
  }

  /**
   * A second half message would be asked about before that of the later transaction, and committed.
   */
  @ParameterizedTest
  @EnumSource
  void aTransactionHasOneHalfMessage(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Halves");
    Committing application = new Committing();
    try (OfficialProducer producer =
        version
            .client()
            .startTransactionProducer(
                ProducerSpec.of(proxy.nameServer(), Names.fresh("producers"))
                    .with("sendMsgTimeout", "10000"),
                application)) {
      producer.send(Outgoing.of(topic, Payload.of(0, 64)));
      int lostBefore = proxy.lost();
      proxy.loseNext(Requests.SEND_MESSAGE_V2, Loss.CONNECTION_TOO);

      Receipt receipt = producer.sendInTransaction(Outgoing.of(topic, Payload.of(1, 64)));

      assertThat(receipt.status()).isEqualTo("SEND_OK");
      assertThat(proxy.lost()).isEqualTo(lostBefore + 1);
      producer.sendInTransaction(Outgoing.of(topic, Payload.of(Committing.LATER, 64)));
      Await.until(
          () -> "the later one was asked about; " + node.outputTail(),
          Duration.ofSeconds(30),
          () -> application.asked.contains(Committing.LATER) && stored(topic) >= 3);
      assertThat(stored(topic)).isEqualTo(3);
      assertThat(application.executed).containsExactly(1L, Committing.LATER);
      assertThat(application.asked).doesNotContain(1L);
    }
  }

  /** Commits at once, but for one that it commits when it is asked. */
  private static final class Committing implements LocalTransactions {
    static final long LATER = 2;

    private final Queue<Long> executed = new ConcurrentLinkedQueue<>();
    private final Queue<Long> asked = new ConcurrentLinkedQueue<>();

    @Override
    public Decision execute(byte[] body) {
      executed.add(Payload.key(body));
      return Payload.key(body) == LATER ? Decision.UNKNOWN : Decision.COMMIT;
    }

    @Override
    public Decision check(Delivery half) {
      asked.add(Payload.key(half.body()));
      return Decision.COMMIT;
    }
  }

  private static boolean isThere(OfficialProducer producer, String topic, String uniqueKey) {
    try {
      return producer.view(topic, uniqueKey).msgId().equals(uniqueKey);
    } catch (ClientFailed notYet) {
      return false;
    }
  }

  /** The retry comes to a node that knows of the send only what its log says. */
  @ParameterizedTest
  @EnumSource
  void aSendThatTheNodeDidNotLiveToAnswerIsStoredOnce(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Killed");
    try (OfficialProducer producer = producer(version, 60_000)) {
      producer.send(Outgoing.of(topic, Payload.of(0, 64)));
      int lostBefore = proxy.lost();
      proxy.loseNext(
          Requests.SEND_MESSAGE_V2,
          Loss.CONNECTION_TOO,
          () -> {
            node.kill();
            node.start();
          });

      Receipt receipt = producer.send(Outgoing.of(topic, Payload.of(1, 64)));

      assertThat(proxy.lost()).isEqualTo(lostBefore + 1);
      assertStored(producer, topic, receipt, 1);
      assertThat(stored(topic)).isEqualTo(2);
    }
  }

  /** As an application does that sends one message object again and again. */
  @Test
  void whatIsSentTwiceOnPurposeIsStoredTwice() {
    String topic = Names.fresh("Again");
    try (RawConnection connection = RawConnection.open(node.brokerPort());
        RawConnection another = RawConnection.open(node.brokerPort())) {
      RawResponse first = send(connection, topic, 0);
      RawResponse second = send(connection, topic, 1);
      RawResponse retry = send(another, topic, 2);

      assertThat(second.fields()).isNotEqualTo(first.fields());
      assertThat(retry.fields()).as("of the newest").isEqualTo(second.fields());
      assertThat(stored(topic)).isEqualTo(2);
    }
  }

  @Test
  void aTopicCanDoWithoutIt() {
    String topic = Names.fresh("Without");
    Map<String, String> creation =
        Map.of(
            "topic",
            topic,
            "defaultTopic",
            "TBW102",
            "readQueueNums",
            "4",
            "writeQueueNums",
            "4",
            "perm",
            "6",
            "topicFilterType",
            "SINGLE_TAG",
            "topicSysFlag",
            "0",
            "order",
            "false",
            "attributes",
            "+sampo.deduplication=OFF");
    try (RawConnection connection = RawConnection.open(node.brokerPort());
        RawConnection another = RawConnection.open(node.brokerPort())) {
      RawResponse created = connection.call(CREATE_TOPIC, creation);
      assertThat(created.code()).as(created.remark()).isEqualTo(Requests.SUCCESS);
      send(connection, topic, 0);
      send(another, topic, 0);

      assertThat(stored(topic)).isEqualTo(2);
    }
  }

  private static OfficialProducer producer(ClientVersion version, int timeoutMillis)
      throws ClientFailed {
    return version
        .client()
        .startProducer(
            ProducerSpec.of(proxy.nameServer(), Names.fresh("producers"))
                .with("sendMsgTimeout", Integer.toString(timeoutMillis)));
  }

  private static void assertStored(
      OfficialProducer producer, String topic, Receipt receipt, long key) throws ClientFailed {
    assertThat(receipt.status()).isEqualTo("SEND_OK");
    var found = producer.view(topic, receipt.offsetMsgId());
    assertThat(Payload.key(found.body())).isEqualTo(key);
    assertThat(found.queueId()).isEqualTo(receipt.queueId());
    assertThat(found.queueOffset()).isEqualTo(receipt.queueOffset());
  }

  private static RawResponse send(RawConnection connection, String topic, int queue) {
    RawResponse answer =
        connection.call(
            Requests.SEND_MESSAGE_V2,
            Requests.send(topic, queue, "UNIQ_KEY\u00017F00000100002A139A550D00\u0002"),
            "the same".getBytes(StandardCharsets.UTF_8));
    assertThat(answer.code()).as(answer.remark()).isEqualTo(Requests.SUCCESS);
    return answer;
  }

  /** How many messages all queues of the topic hold. */
  private static long stored(String topic) {
    long messages = 0;
    try (RawConnection connection = RawConnection.open(node.brokerPort())) {
      for (int queue = 0; queue < QUEUES; queue++) {
        messages +=
            connection
                .call(
                    Requests.GET_MAX_OFFSET,
                    Map.of("topic", topic, "queueId", Integer.toString(queue)))
                .number("offset");
      }
    }
    return messages;
  }
}
