package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.RawResponse;
import io.sampo.multijvm.raw.Requests;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Topics that are for one kind of messages, on a node that checks it: official clients send what
 * fits, and are told at once what doesn't.
 */
class MessageTypesTest {
  private static final int CREATE_TOPIC = 17;
  private static final Delay SOON = Delay.level(1);

  private static NodeProcess node;

  @BeforeAll
  static void start() {
    node =
        NodeProcess.start(
            "message-types", NodeOptions.defaults().with("sampo.message.type-check", "on"));
  }

  @AfterAll
  static void end() {
    node.close();
  }

  /** A kind of message, and how an application sends one. */
  private enum Kind {
    NORMAL {
      @Override
      void send(OfficialProducer producer, String topic) throws ClientFailed {
        producer.send(message(topic, Map.of()));
      }
    },
    FIFO {
      @Override
      void send(OfficialProducer producer, String topic) throws ClientFailed {
        producer.send(message(topic, Map.of("__SHARDINGKEY", "customer 7")));
      }
    },
    DELAY {
      @Override
      void send(OfficialProducer producer, String topic) throws ClientFailed {
        producer.sendDelayed(message(topic, Map.of()), SOON);
      }
    },
    TRANSACTION {
      @Override
      void send(OfficialProducer producer, String topic) throws ClientFailed {
        producer.sendInTransaction(message(topic, Map.of()));
      }
    };

    abstract void send(OfficialProducer producer, String topic) throws ClientFailed;

    static Outgoing message(String topic, Map<String, String> properties) {
      return new Outgoing(topic, Payload.of(1, 64), "", "", properties);
    }
  }

  private static final LocalTransactions COMMITS =
      new LocalTransactions() {
        @Override
        public Decision execute(byte[] body) {
          return Decision.COMMIT;
        }

        @Override
        public Decision check(Delivery half) {
          return Decision.COMMIT;
        }
      };

  @ParameterizedTest
  @EnumSource
  void aTopicTakesItsKindAndRefusesEveryOther(ClientVersion version) throws ClientFailed {
    try (OfficialProducer producer = producer(version)) {
      for (Kind topicFor : Kind.values()) {
        String topic = createTopic(topicFor.name());
        for (Kind sent : Kind.values()) {
          if (sent == topicFor) {
            sent.send(producer, topic);
          } else {
            assertRefused(producer, topic, topicFor, sent);
          }
        }
        assertThat(stored(topic)).as("in %s", topic).isLessThanOrEqualTo(1);
      }
    }
  }

  private static void assertRefused(
      OfficialProducer producer, String topic, Kind expected, Kind actual) {
    assertThatThrownBy(() -> actual.send(producer, topic))
        .as("%s to a topic for %s", actual, expected)
        .isInstanceOf(ClientFailed.class)
        .asInstanceOf(InstanceOfAssertFactories.type(ClientFailed.class))
        .satisfies(
            refused -> {
              assertThat(refused.code()).isEqualTo(Requests.MESSAGE_ILLEGAL);
              if (actual != Kind.TRANSACTION) { // there the client keeps the words to itself
                assertThat(refused)
                    .hasMessageContaining("expected type is " + expected)
                    .hasMessageContaining("actual type is " + actual);
              }
            });
  }

  @ParameterizedTest
  @EnumSource
  void aTopicForAllTakesAllAndOneThatSaysNothingIsForNormalOnes(ClientVersion version)
      throws ClientFailed {
    try (OfficialProducer producer = producer(version)) {
      String mixed = createTopic("MIXED");
      for (Kind kind : Kind.values()) {
        kind.send(producer, mixed);
      }
      String plain = Names.fresh("Plain");
      Kind.NORMAL.send(producer, plain); // which makes it
      assertRefused(producer, plain, Kind.NORMAL, Kind.FIFO);
    }
  }

  /** The whole batch is refused when one of its messages doesn't fit. */
  @ParameterizedTest
  @EnumSource
  void aBatchIsOfOneKind(ClientVersion version) throws ClientFailed {
    try (OfficialProducer producer = producer(version)) {
      String topic = createTopic("NORMAL");
      Outgoing normal = Kind.message(topic, Map.of());
      producer.sendBatch(List.of(normal, normal));
      Outgoing fifo = Kind.message(topic, Map.of("__SHARDINGKEY", "customer 7"));

      assertThatThrownBy(() -> producer.sendBatch(List.of(normal, fifo)))
          .hasMessageContaining("actual type is FIFO");
      assertThat(stored(topic)).isEqualTo(2);
    }
  }

  private static OfficialProducer producer(ClientVersion version) throws ClientFailed {
    return version
        .client()
        .startTransactionProducer(
            ProducerSpec.of(node.nameServer(), Names.fresh("producers")), COMMITS);
  }

  private static String createTopic(String type) {
    String topic = Names.fresh(type);
    Map<String, String> creation = new HashMap<>();
    creation.put("topic", topic);
    creation.put("defaultTopic", "TBW102");
    creation.put("readQueueNums", "1");
    creation.put("writeQueueNums", "1");
    creation.put("perm", "6");
    creation.put("topicFilterType", "SINGLE_TAG");
    creation.put("topicSysFlag", "0");
    creation.put("order", "false");
    creation.put("attributes", "+message.type=" + type);
    try (RawConnection connection = RawConnection.open(node.brokerPort())) {
      RawResponse created = connection.call(CREATE_TOPIC, creation);
      assertThat(created.code()).as(created.remark()).isEqualTo(Requests.SUCCESS);
    }
    return topic;
  }

  private static long stored(String topic) {
    try (Offsets offsets = new Offsets(node)) {
      return offsets.end(topic, 0)
          + offsets.end(topic, 1)
          + offsets.end(topic, 2)
          + offsets.end(topic, 3);
    }
  }
}
