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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an application gets that asks for messages itself, with each official version. */
class LitePullTest {
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

  private static List<Long> read(OfficialPuller puller, int count) {
    List<Long> keys = new ArrayList<>();
    Await.until(
        () -> count + " messages polled; there are " + keys,
        LIMIT,
        () -> {
          for (Delivery delivery : puller.poll(Duration.ofMillis(500))) {
            assertThat(delivery.queueId()).isEqualTo(3);
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
