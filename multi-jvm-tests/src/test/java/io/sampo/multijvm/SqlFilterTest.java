package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.Requests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** SQL92 subscriptions of official push consumers: what they get, and what they don't. */
class SqlFilterTest {
  private static final int MESSAGES = 40;
  private static final int QUEUES = 4;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Each condition with what it means for message i, as {@link #message} makes it. */
  private static final Map<String, LongPredicate> CONDITIONS = conditions();

  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    // What a waiting pull has passed is known to the client when its wait ends.
    node =
        NodeProcess.start("sql-filter", NodeOptions.defaults().with("sampo.pull.wait-max", "1 s"));
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  private static Map<String, LongPredicate> conditions() {
    Map<String, LongPredicate> conditions = new LinkedHashMap<>();
    conditions.put("number > 10 AND number <= 20", i -> i > 10 && i <= 20);
    conditions.put("number BETWEEN 5 AND 7 OR name = 'n3'", i -> (i >= 5 && i <= 7) || i % 4 == 3);
    conditions.put(
        "name IN ('n1', 'n2') AND NOT (number < 20)", i -> (i % 4 == 1 || i % 4 == 2) && i >= 20);
    conditions.put("name NOT IN ('n0', 'n3')", i -> i % 4 == 1 || i % 4 == 2);
    conditions.put("number NOT BETWEEN 1 AND 38", i -> i == 0 || i == 39);
    conditions.put("half IS NULL AND number <> 3", i -> i % 2 == 1 && i != 3);
    conditions.put("half IS NOT NULL AND half >= 15.5", i -> i % 2 == 0 && i / 2.0 >= 15.5);
    conditions.put("half > 3", i -> i % 2 == 0 && i > 6); // of those without a half it is unknown
    conditions.put("TAGS = 'red' AND number < 6", i -> i % 2 == 0 && i < 6);
    conditions.put("flag = TRUE", i -> i % 3 == 0);
    conditions.put("name CONTAINS '3' OR name ENDSWITH '1'", i -> i % 4 == 3 || i % 4 == 1);
    conditions.put("name STARTSWITH 'n' AND name NOT CONTAINS '2'", i -> i % 4 != 2);
    conditions.put("unheardOf = 'x'", i -> false);
    return conditions;
  }

  private static Outgoing message(String topic, long i) {
    Map<String, String> properties = new HashMap<>();
    properties.put("number", Long.toString(i));
    properties.put("name", "n" + i % 4);
    properties.put("flag", Boolean.toString(i % 3 == 0));
    if (i % 2 == 0) {
      properties.put("half", Double.toString(i / 2.0));
    }
    return new Outgoing(topic, Payload.of(i, 64), i % 2 == 0 ? "red" : "blue", "", properties);
  }

  @ParameterizedTest
  @EnumSource
  void eachConditionLetsThroughWhatItHoldsForAndTheOffsetsPassTheRest(ClientVersion version)
      throws Exception {
    String topic = Names.fresh("Conditions");
    List<Selection> selections = new ArrayList<>();
    List<OfficialConsumer> consumers = new ArrayList<>();
    try (OfficialProducer producer = producer(version);
        RawConnection broker = RawConnection.open(node.brokerPort())) {
      send(producer, topic, 0, MESSAGES);
      for (Map.Entry<String, LongPredicate> condition : CONDITIONS.entrySet()) {
        Selection selection =
            new Selection(
                condition.getKey(), condition.getValue(), Names.fresh("selective"), new Inbox());
        selections.add(selection);
        ConsumerSpec spec = spec(selection.group, topic, selection.condition);
        consumers.add(version.client().startConsumer(spec, selection.inbox));
      }
      for (Selection selection : selections) {
        // What a filter holds back is passed, or a group would read it again after each restart.
        awaitCommitted(broker, selection.group, topic, MESSAGES);
      }
    } finally {
      consumers.forEach(OfficialConsumer::close);
    }
    for (Selection selection : selections) {
      assertThat(selection.inbox.keys())
          .as(selection.condition)
          .containsExactlyInAnyOrderElementsOf(
              LongStream.range(0, MESSAGES).filter(selection.holds).boxed().toList());
    }
  }

  private record Selection(String condition, LongPredicate holds, String group, Inbox inbox) {}

  @ParameterizedTest
  @EnumSource
  void aChangedConditionCountsForWhatComesAfterIt(ClientVersion version) throws Exception {
    String topic = Names.fresh("Changed");
    String group = Names.fresh("changing");
    Inbox inbox = new Inbox();
    try (OfficialProducer producer = producer(version);
        RawConnection broker = RawConnection.open(node.brokerPort())) {
      send(producer, topic, 0, 10);
      try (OfficialConsumer consumer =
          version.client().startConsumer(spec(group, topic, "number < 5"), inbox)) {
        awaitCommitted(broker, group, topic, 10);
        consumer.selectBySql(topic, "number >= 15");
        send(producer, topic, 10, 20);
        inbox.awaitCount(10);
        awaitCommitted(broker, group, topic, 20);
      }
    }
    assertThat(inbox.keys()).containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 15L, 16L, 17L, 18L, 19L);
  }

  @ParameterizedTest
  @EnumSource
  void aWrongConditionIsRefusedWhenTheConsumerStarts(ClientVersion version) throws Exception {
    String topic = Names.fresh("Wrong");
    try (OfficialProducer producer = producer(version)) {
      send(producer, topic, 0, 1);
    }
    assertRefused(version, topic, "number >", "SQL92: expected");
    assertRefused(version, topic, "name LIKE 'n%'", "SQL92: expected"); // RocketMQ has no LIKE
    assertRefused(version, topic, "number BETWEEN 9 AND 3", "holds for nothing");
    assertRefused(version, topic, "name = 'unclosed", "no closing quote");
    assertRefused(version, topic, "(".repeat(500) + "a = 1", "nested deeper");
    assertRefused(version, topic, "name = '" + "x".repeat(100_000) + "'", "characters, at most");
  }

  private static void assertRefused(
      ClientVersion version, String topic, String condition, String reason) {
    Inbox inbox = new Inbox();
    assertThatThrownBy(
            () ->
                version
                    .client()
                    .startConsumer(spec(Names.fresh("wrong"), topic, condition), inbox)
                    .close())
        .isInstanceOf(ClientFailed.class)
        .hasMessageContaining(reason)
        .extracting(failure -> ((ClientFailed) failure).code())
        .isEqualTo(Requests.SUBSCRIPTION_PARSE_FAILED);
  }

  private static void send(OfficialProducer producer, String topic, int from, int to)
      throws ClientFailed {
    for (int i = from; i < to; i++) {
      producer.send(message(topic, i), i % QUEUES);
    }
  }

  private static void awaitCommitted(
      RawConnection broker, String group, String topic, long messages) {
    Await.until(
        () -> group + " has committed all of " + topic,
        LIMIT,
        () -> {
          long committed = 0;
          for (int queueId = 0; queueId < QUEUES; queueId++) {
            committed += committed(broker, group, topic, queueId);
          }
          return committed == messages;
        });
  }

  private static long committed(RawConnection broker, String group, String topic, int queueId) {
    String offset =
        broker
            .call(Requests.QUERY_CONSUMER_OFFSET, Requests.groupQueue(group, topic, queueId))
            .fields()
            .get("offset");
    return offset == null ? 0 : Long.parseLong(offset);
  }

  private static ConsumerSpec spec(String group, String topic, String condition) {
    return ConsumerSpec.of(node.nameServer(), group, topic, Names.fresh("c")).withSql(condition);
  }

  private static OfficialProducer producer(ClientVersion version) throws ClientFailed {
    return version
        .client()
        .startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("producers")));
  }
}
