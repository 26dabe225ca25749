package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Producers that wait for the reply of a consumer, of the same and of the other version. */
class RequestReplyTest {
  private static final long TIMEOUT_MILLIS = 20_000;
  private static final int REQUESTS = 50;

  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node = NodeProcess.start("request-reply");
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  @ParameterizedTest
  @CsvSource({"V4,V4", "V5,V5", "V4,V5", "V5,V4"})
  void everyRequestGetsItsReply(ClientVersion asking, ClientVersion replying) throws Exception {
    String topic = Names.fresh("Request");
    ProducerSpec producers = ProducerSpec.of(node.nameServer(), Names.fresh("producers"));
    try (OfficialProducer producer = asking.client().startProducer(producers)) {
      producer.send(Outgoing.of(topic, bytes("makes the topic")));
      ConsumerSpec consumers =
          ConsumerSpec.of(node.nameServer(), topic + "-group", topic, Names.fresh("replier"));
      try (OfficialConsumer replier =
          replying.client().startReplier(consumers, body -> bytes(text(body) + " to you"))) {
        for (int i = 0; i < REQUESTS; i++) {
          byte[] reply = producer.request(Outgoing.of(topic, bytes("hello " + i)), TIMEOUT_MILLIS);
          assertThat(text(reply)).isEqualTo("hello " + i + " to you");
        }
        assertThat(replier.assignedQueues(topic)).isNotEmpty();
      }
      // Nobody replies any more.
      assertThatThrownBy(() -> producer.request(Outgoing.of(topic, bytes("anybody")), 1_000))
          .isInstanceOf(ClientFailed.class);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
