package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.official.Receipt;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients of each official version find of messages that were sent long ago. */
class FindMessagesTest {
  /** Together twenty times the segment, so that most are in full ones. */
  private static final int MESSAGES = 640;

  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node =
        NodeProcess.start(
            "find-messages", NodeOptions.defaults().with("sampo.log.segment-size", "64 KiB"));
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void messagesAreFoundByTheirIdsAndKeysAlsoAfterAKill(ClientVersion version) throws Exception {
    String topic = Names.fresh("Find");
    List<Receipt> receipts = new ArrayList<>();
    long before = System.currentTimeMillis();
    try (OfficialProducer producer = producer(version)) {
      for (int i = 0; i < MESSAGES; i++) {
        receipts.add(producer.send(message(topic, i)));
      }
      assertFound(producer, topic, receipts, before);
    }
    node.kill();
    node.start();
    try (OfficialProducer producer = producer(version)) {
      assertFound(producer, topic, receipts, before);
    }
  }

  private static OfficialProducer producer(ClientVersion version) throws ClientFailed {
    return version
        .client()
        .startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("producers")));
  }

  /** Message i has a key of its own, and one that every tenth has. */
  private static Outgoing message(String topic, int i) {
    byte[] body = ("message " + i + " " + "x".repeat(2_000)).getBytes(StandardCharsets.UTF_8);
    return new Outgoing(topic, body, "tag", "own" + i + " shared" + i % 10, Map.of());
  }

  private static void assertFound(
      OfficialProducer producer, String topic, List<Receipt> receipts, long before)
      throws ClientFailed {
    long after = System.currentTimeMillis();
    for (int i = 0; i < MESSAGES; i += 53) {
      Receipt receipt = receipts.get(i);
      assertSame(producer.view(topic, receipt.offsetMsgId()), topic, i, receipt);
      assertSame(producer.view(topic, receipt.msgId()), topic, i, receipt);
      List<Delivery> found = producer.query(topic, "own" + i, 10, before, after);
      assertThat(found).hasSize(1);
      assertSame(found.get(0), topic, i, receipt);
    }
    assertThat(producer.query(topic, "shared3", MESSAGES, before, after)).hasSize(64);
    assertThat(producer.query(topic, "shared4", 5, before, after)).hasSize(5);
    assertThatThrownBy(() -> producer.query(topic, "own0", 5, before - 2_000, before - 1_000))
        .isInstanceOf(ClientFailed.class);
    assertThatThrownBy(() -> producer.query(topic, "shared", 5, before, after))
        .isInstanceOf(ClientFailed.class);
    String forged = forged(receipts.get(0).offsetMsgId());
    assertThatThrownBy(() -> producer.view(topic, forged)).isInstanceOf(ClientFailed.class);
  }

  /** The id of a place one byte behind a message's. */
  private static String forged(String offsetMsgId) {
    long position = Long.parseLong(offsetMsgId.substring(16), 16);
    return offsetMsgId.substring(0, 16) + "%016X".formatted(position + 1);
  }

  private static void assertSame(Delivery found, String topic, int i, Receipt receipt) {
    assertThat(found.topic()).isEqualTo(topic);
    assertThat(found.body()).isEqualTo(message(topic, i).body());
    assertThat(found.queueId()).isEqualTo(receipt.queueId());
    assertThat(found.queueOffset()).isEqualTo(receipt.queueOffset());
    assertThat(found.keys()).isEqualTo("own" + i + " shared" + i % 10);
  }
}
