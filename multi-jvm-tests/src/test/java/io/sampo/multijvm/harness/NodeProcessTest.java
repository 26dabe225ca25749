package io.sampo.multijvm.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.Requests;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That a node process is what the other tests take it for. */
class NodeProcessTest {
  @Test
  void twoNodesRunSideBySideAndKnowNothingOfEachOther() {
    try (NodeProcess one = NodeProcess.start("one");
        NodeProcess two = NodeProcess.start("two")) {
      assertThat(one.ports().values()).doesNotContainAnyElementsOf(two.ports().values());
      try (RawConnection first = RawConnection.open(one.brokerPort());
          RawConnection second = RawConnection.open(two.brokerPort())) {
        assertThat(
                first
                    .call(Requests.SEND_MESSAGE_V2, Requests.send("OnlyOne", 0, ""), new byte[] {1})
                    .code())
            .isEqualTo(Requests.SUCCESS);
        assertThat(second.call(Requests.GET_ROUTE, Map.of("topic", "OnlyOne")).code())
            .isEqualTo(Requests.TOPIC_NOT_EXIST);
      }
    }
  }

  @Test
  void theReadyLineNamesEveryAddressThatIsOpen() {
    try (NodeProcess node = NodeProcess.start("ready")) {
      Map<String, Integer> ports = node.ports();
      ports.remove("sampo.replication.port"); // nothing listens there before there are replicas
      assertThat(ports.values())
          .allSatisfy(port -> assertThat(node.readyLine()).contains("127.0.0.1:" + port));
    }
  }

  @Test
  void aNodeStopsOnSigtermAndStartsAgainWhereItWas() {
    try (NodeProcess node = NodeProcess.start("again")) {
      String where = node.readyLine().replaceAll("after [0-9.]+ s", "");
      assertThat(node.figures().anonymousBytes()).isPositive();
      assertThat(node.figures().cpu()).isPositive();
      assertThat(node.stop()).as("exit code; 143 is the JVM's for SIGTERM").isIn(0, 143);
      assertThat(node.isAlive()).isFalse();
      node.start();
      assertThat(node.readyLine().replaceAll("after [0-9.]+ s", "")).isEqualTo(where);
      node.kill();
      assertThat(node.isAlive()).isFalse();
      node.start();
      assertThat(node.isAlive()).isTrue();
    }
  }

  @Test
  void aNodeThatDoesNotStartFailsWithWhatItSaid() {
    NodeOptions wrong = NodeOptions.defaults().with("sampo.log.flush", "sometimes");
    assertThatThrownBy(() -> NodeProcess.start("wrong", wrong).close())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("sampo.log.flush");
  }

  @Test
  void waitingForWhatNeverComesFailsInItsOwnWords() {
    assertThatThrownBy(() -> Await.until("rain", Duration.ofMillis(20), () -> false))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("rain");
  }
}
