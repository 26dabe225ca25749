package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.Requests;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node on which topics exist only when somebody made them. */
class AutoCreateOffTest {
  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node =
        NodeProcess.start(
            "auto-create-off", NodeOptions.defaults().with("sampo.topic.auto-create", "false"));
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void aSendToAnUnknownTopicFailsAndMakesNothing(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Unmade");
    try (OfficialProducer producer =
        version
            .client()
            .startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("producers")))) {
      assertThatThrownBy(() -> producer.send(Outgoing.of(topic, new byte[] {1})))
          .isInstanceOf(ClientFailed.class)
          .hasMessageContaining("No route info of this topic");
    }
    assertUnknown(topic);
  }

  @Test
  void aSendThatSkipsTheRouteIsToldThatTheTopicDoesNotExist() {
    String topic = Names.fresh("Skipped");
    try (RawConnection connection = RawConnection.open(node.brokerPort())) {
      assertThat(
              connection
                  .call(Requests.SEND_MESSAGE_V2, Requests.send(topic, 0, ""), new byte[] {1, 2, 3})
                  .code())
          .isEqualTo(Requests.TOPIC_NOT_EXIST);
    }
    assertUnknown(topic);
  }

  private static void assertUnknown(String topic) {
    try (RawConnection connection = RawConnection.open(node.nameServerPort())) {
      assertThat(connection.call(Requests.GET_ROUTE, Map.of("topic", topic)).code())
          .isEqualTo(Requests.TOPIC_NOT_EXIST);
    }
  }
}
