package io.sampo.multijvm.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** That a cut cable is one, in its direction only, and that clients outside notice nothing. */
class TestNetworkTest {
  private static final List<NodeProcess> NODES = new ArrayList<>();

  private static TestNetwork network;

  @BeforeAll
  static void start() {
    String refusal = TestNetwork.refusal();
    assumeTrue(refusal.isEmpty(), refusal);
    network = TestNetwork.of(2);
    for (int i = 0; i < 2; i++) {
      NODES.add(NodeProcess.start("network-" + i, NodeOptions.defaults().at(network.place(i))));
    }
  }

  @AfterAll
  static void end() {
    NODES.forEach(NodeProcess::close);
    if (network != null) {
      network.close();
    }
  }

  @Test
  void aCutHoldsWhatTheOneSendsUntilItIsMended() throws IOException {
    assertThat(reaches(0, 1)).isTrue();
    assertThat(reaches(1, 0)).isTrue();
    network.cut(0, 1);
    assertThat(reaches(0, 1)).isFalse();
    assertThat(reaches(1, 0)).as("the answer comes by the cut way").isFalse();
    for (NodeProcess node : NODES) {
      try (Socket client = new Socket()) {
        client.connect(new InetSocketAddress(node.host(), node.brokerPort()), 5_000);
        assertThat(client.isConnected()).isTrue();
      }
    }
    network.heal();
    assertThat(reaches(0, 1)).isTrue();
    network.isolate(List.of(1));
    assertThat(reaches(0, 1)).isFalse();
    network.heal();
    assertThat(reaches(1, 0)).isTrue();
  }

  /** Whether a process beside the one node can connect to the other. */
  private static boolean reaches(int from, int to) {
    NodeProcess other = NODES.get(to);
    List<String> command = new ArrayList<>(network.place(from).launcher());
    String port = "/dev/tcp/" + other.host() + "/" + other.brokerPort();
    command.addAll(List.of("timeout", "2", "bash", "-c", "exec 3<>" + port));
    return Commands.refusal(command.toArray(String[]::new)).isEmpty();
  }
}
