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
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What consumers of each official version get when their group's offsets are reset. */
class ResetOffsetTest {
  private static final int QUEUES = 4;
  private static final int PER_QUEUE = 10;
  private static final int MESSAGES = QUEUES * PER_QUEUE;

  /** The client itself rests for 10 s before it follows, and up to 30 s after a lost node. */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node = NodeProcess.start("reset-offset");
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  private enum Way {
    CONCURRENT,
    ORDERLY,
    /** The node is killed right after the reset. */
    CONCURRENT_AND_KILLED
  }

  @ParameterizedTest
  @EnumSource
  void consumersThatRunStartOverAndGoOn(ClientVersion version) throws Exception {
    Group orderly = new Group(version, Way.ORDERLY);
    Group concurrent = new Group(version, Way.CONCURRENT);
    try (OfficialConsumer one = orderly.start();
        OfficialConsumer two = concurrent.start()) {
      orderly.sendAndAwaitAll();
      concurrent.sendAndAwaitAll();
      orderly.reset(Map.of("timestamp", "0"));
      concurrent.reset(Map.of("timestamp", "0"));
      orderly.awaitConsumed(2 * MESSAGES);
      concurrent.awaitConsumed(2 * MESSAGES);
      orderly.awaitCommitted(PER_QUEUE);
      concurrent.awaitCommitted(PER_QUEUE);
      assertThat(one.assignedQueues(orderly.topic)).hasSize(QUEUES);
      assertThat(two.assignedQueues(concurrent.topic)).hasSize(QUEUES);
    }
    assertThat(orderly.inbox.count()).isEqualTo(2 * MESSAGES);
    assertThat(concurrent.inbox.count()).isEqualTo(2 * MESSAGES);
  }

  /** Clients wait up to half a minute for their timers. */
  @ParameterizedTest
  @EnumSource
  @Tag("long")
  void aResetSurvivesTheNode(ClientVersion version) throws Exception {
    Group group = new Group(version, Way.CONCURRENT_AND_KILLED);
    try (OfficialConsumer consumer = group.start()) {
      group.sendAndAwaitAll();
      group.reset(Map.of("timestamp", "0"));
      node.kill();
      node.start();
      group.awaitConsumed(2 * MESSAGES);
      assertThat(consumer.assignedQueues(group.topic)).hasSize(QUEUES);
    }
    // Nobody consumes any more; one queue goes back, another to its end, which it has already.
    int before = group.inbox.count();
    group.reset(Map.of("timestamp", "-1", "queueId", "1", "offset", "7"));
    group.reset(Map.of("timestamp", "-1", "queueId", "2"));
    group.refused(26, Map.of("timestamp", "0", "group", "unknown"));
    group.refused(17, Map.of("timestamp", "0", "topic", "unknown"));
    group.refused(1, Map.of("timestamp", "-1", "queueId", "1", "offset", "11"));
    group.refused(29, Map.of("timestamp", "0", "queueId", "99"));
    assertThat(group.committed(1)).isEqualTo(7);
    assertThat(group.committed(2)).isEqualTo(PER_QUEUE);
    try (OfficialConsumer again = group.start()) {
      group.awaitConsumed(before + 3);
      group.awaitCommitted(PER_QUEUE);
      assertThat(again.assignedQueues(group.topic)).hasSize(QUEUES);
    }
    assertThat(group.inbox.count()).isEqualTo(before + 3);
  }

  /** A group of one consumer, its topic, and what it got. */
  private static final class Group {
    private final ClientVersion version;
    private final Way way;
    private final String topic = Names.fresh("Reset");
    private final Inbox inbox = new Inbox();

    Group(ClientVersion version, Way way) {
      this.version = version;
      this.way = way;
    }

    OfficialConsumer start() throws ClientFailed {
      ConsumerSpec spec =
          ConsumerSpec.of(node.nameServer(), topic + "-group", topic, Names.fresh("one"));
      if (way == Way.ORDERLY) {
        return version
            .client()
            .startOrderlyConsumer(
                spec,
                delivery -> {
                  inbox.accept(delivery);
                  return true;
                });
      }
      return version.client().startConsumer(spec, inbox);
    }

    void sendAndAwaitAll() throws ClientFailed {
      ProducerSpec spec = ProducerSpec.of(node.nameServer(), Names.fresh("producers"));
      try (OfficialProducer producer = version.client().startProducer(spec)) {
        producer.send(Outgoing.of(topic, Payload.of(0, 100)), 0); // which makes the topic
        for (int i = 1; i < MESSAGES; i++) {
          producer.send(Outgoing.of(topic, Payload.of(i, 100)), i % QUEUES);
        }
      }
      awaitConsumed(MESSAGES);
      awaitCommitted(PER_QUEUE);
    }

    void awaitConsumed(int count) {
      Await.until(
          () -> way + ": " + count + " consumed, were " + inbox.count() + "; " + node.outputTail(),
          LIMIT,
          () -> inbox.count() >= count);
    }

    void awaitCommitted(long offset) {
      for (int queueId = 0; queueId < QUEUES; queueId++) {
        int id = queueId;
        Await.until("committed in " + id, LIMIT, () -> committed(id) == offset);
      }
    }

    long committed(int queueId) {
      RawResponse answer =
          call(
              Requests.QUERY_CONSUMER_OFFSET,
              Requests.groupQueue(topic + "-group", topic, queueId));
      return answer.code() == Requests.SUCCESS ? answer.number("offset") : -1;
    }

    void reset(Map<String, String> what) {
      RawResponse answer = call(Requests.RESET_OFFSET, resetFields(what));
      assertThat(answer.code()).as(answer.remark()).isEqualTo(Requests.SUCCESS);
      assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains(topic);
    }

    void refused(int code, Map<String, String> what) {
      RawResponse answer = call(Requests.RESET_OFFSET, resetFields(what));
      assertThat(answer.code()).as(answer.remark()).isEqualTo(code);
    }

    private Map<String, String> resetFields(Map<String, String> what) {
      Map<String, String> fields = new LinkedHashMap<>();
      fields.put("topic", topic);
      fields.put("group", topic + "-group");
      fields.put("isForce", "true");
      fields.putAll(what);
      return fields;
    }

    private static RawResponse call(int code, Map<String, String> fields) {
      try (RawConnection connection = RawConnection.open(node.brokerPort())) {
        return connection.call(code, fields);
      }
    }
  }
}
