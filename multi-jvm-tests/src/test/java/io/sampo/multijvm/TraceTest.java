package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.Mqadmin;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.official.Receipt;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The traces that clients write of what they send and consume. */
class TraceTest {
  private static final String TRACE_TOPIC = "RMQ_SYS_TRACE_TOPIC";
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node = NodeProcess.start("trace");
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void whatIsSentAndConsumedIsFoundByTheMessagesIdAndKey(ClientVersion version)
      throws ClientFailed {
    String topic = Names.fresh("Traced");
    String group = Names.fresh("traced");
    String producers = Names.fresh("tracing");
    String key = Names.fresh("order");
    Inbox inbox = new Inbox();
    long begin = System.currentTimeMillis() - 1_000;
    ProducerSpec tracing =
        ProducerSpec.of(node.nameServer(), producers)
            .with("sendMsgTimeout", "20000") // the first send of a fresh client on a busy machine
            .withTrace();
    ConsumerSpec consuming =
        ConsumerSpec.of(node.nameServer(), group, topic, Names.fresh("c")).withTrace();
    try (OfficialProducer producer = version.client().startProducer(tracing)) {
      Receipt receipt = producer.send(new Outgoing(topic, Payload.of(1, 64), "tag", key, Map.of()));
      try (OfficialConsumer ignored = version.client().startConsumer(consuming, inbox)) {
        inbox.awaitCount(1);
        List<String> wanted = List.of("Pub\001", producers, "SubBefore\001", "SubAfter\001", group);
        awaitTraces(producer, receipt.msgId(), begin, wanted);
        awaitTraces(producer, key, begin, wanted);
      }
      String shown =
          Mqadmin.of(version)
              .run("queryMsgTraceById", "-i", receipt.msgId(), "-n", node.nameServer());
      assertThat(shown).contains("Pub").contains(producers).contains(group).contains("success");
    }
    try (OfficialProducer plain =
        version.client().startProducer(ProducerSpec.of(node.nameServer(), producers))) {
      assertThatThrownBy(() -> plain.createTopic(TRACE_TOPIC, 9)).isInstanceOf(ClientFailed.class);
      assertThat(plain.writableQueues(TRACE_TOPIC)).containsExactly(0);
    }
  }

  private static void awaitTraces(
      OfficialProducer producer, String key, long begin, List<String> wanted) {
    List<String> found = new ArrayList<>();
    Await.until(
        () -> "all traces of " + key + "; there are " + found,
        LIMIT,
        () -> {
          found.clear();
          found.addAll(traces(producer, key, begin));
          String all = String.join("", found);
          return wanted.stream().allMatch(all::contains);
        });
  }

  private static List<String> traces(OfficialProducer producer, String key, long begin) {
    try {
      return producer
          .query(TRACE_TOPIC, key, 32, begin, System.currentTimeMillis() + 60_000)
          .stream()
          .map(Delivery::body)
          .map(body -> new String(body, StandardCharsets.UTF_8))
          .toList();
    } catch (ClientFailed nothingYet) {
      return List.of();
    }
  }
}
