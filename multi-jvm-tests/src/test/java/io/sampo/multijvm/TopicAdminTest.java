package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Topics that official clients create themselves. */
class TopicAdminTest {
  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node = NodeProcess.start("topic-admin");
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void aTopicHasTheQueuesThatItsCreatorWantsAndKeepsThemOverARestart(ClientVersion version)
      throws ClientFailed {
    String topic = Names.fresh("Created");
    try (OfficialProducer producer =
        version.client().startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("p")))) {
      producer.createTopic(topic, 6);
      assertThat(producer.writableQueues(topic)).hasSize(6);
      producer.send(Outgoing.of(topic, new byte[] {1}), 5);
      assertThatThrownBy(() -> producer.createTopic("TBW102", 6)).isInstanceOf(ClientFailed.class);
    }
    node.kill();
    node.start();
    try (OfficialProducer producer =
        version.client().startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("p")))) {
      assertThat(producer.writableQueues(topic)).hasSize(6);
      assertThat(producer.maxOffset(topic, 5)).isEqualTo(1);
    }
  }
}
