package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes in this JVM that form a cluster, each with a directory and ports of its own. */
@Timeout(120)
final class NodesTogetherTest {
  private static final int NODES = 3;

  private NodesInOneJvm nodes;

  @BeforeEach
  void choosePorts(@TempDir Path directory) throws IOException {
    nodes = new NodesInOneJvm(directory, NODES);
  }

  @AfterEach
  void stopAll() {
    nodes.close();
  }

  private List<String> logGroupsOf(int index) {
    return List.copyOf(nodes.node(index).addresses().brokerPorts().keySet());
  }

  @Test
  void threeNodesFoundAClusterAndFindEachOtherAgainWithoutBeingToldHowMany() throws Exception {
    nodes.found();
    for (int i = 0; i < NODES; i++) {
      assertThat(logGroupsOf(i)).containsExactly("broker-0", "broker-1", "broker-2");
    }
    nodes.stop(0);
    nodes.stop(1);
    nodes.stop(2);

    nodes.start(Map.of(), 2, 1, 0);

    assertThat(logGroupsOf(2)).containsExactly("broker-0", "broker-1", "broker-2");
  }

  @Test
  void whatWasAcknowledgedIsServedByTheOthersOnceItsNodeStops() throws Exception {
    nodes.found();
    for (int i = 0; i < NODES; i++) {
      try (RawClient client = nodes.client(i, "broker-" + i)) {
        assertThat(client.send("Orders", "kept").header()).contains("\"code\":0");
      }
    }

    nodes.stop(0);

    for (int i = 0; i < NODES; i++) {
      String broker = "broker-" + i;
      assertThat(nodes.answer(1, broker, client -> client.maxOffset("Orders")))
          .as(broker)
          .contains("\"offset\":\"1\"");
      assertThat(nodes.answer(2, broker, client -> client.send("Orders", "more").header()))
          .as(broker)
          .contains("\"code\":0");
    }
  }

  @Test
  void aMajorityIsEnoughToStartAgainWhicheverItIs() throws Exception {
    nodes.found();
    nodes.stop(2);
    nodes.stop(1);
    nodes.stop(0);

    nodes.start(Map.of(), 0, 2); // the first choice for broker-1 is away

    assertThat(logGroupsOf(0)).containsExactly("broker-0", "broker-1", "broker-2");
    nodes.start(Map.of(), 1);
    assertThat(logGroupsOf(1)).hasSize(3);
  }

  @Test
  void aNodeWithDataOfAnotherClusterIsRefusedAndHarmsNobody() throws Exception {
    Map<String, String> alone = Map.of("sampo.cluster.seeds", "");
    nodes.startNow(2, alone).close();
    nodes.start(Map.of("sampo.cluster.initial-nodes", "2"), 0, 1);

    assertThatThrownBy(() -> nodes.startNow(2, Map.of("sampo.cluster.initial-nodes", "2")))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("this node's data is of the cluster");
    nodes.startNow(2, alone).close(); // its own cluster is as it was
  }

  @Test
  void aNodeOfAClusterDoesNotStartAsAClusterOfItsOwn() throws Exception {
    nodes.start(Map.of("sampo.cluster.initial-nodes", "2"), 0, 1);
    nodes.stop(0);

    assertThatThrownBy(() -> nodes.startNow(0, Map.of("sampo.cluster.seeds", "")))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("sampo.cluster.seeds");
  }

  @Test
  void aNodeThatJoinsLaterLearnsThePlan() throws Exception {
    nodes.start(Map.of("sampo.cluster.initial-nodes", "2"), 0, 1);

    nodes.start(Map.of(), 2);

    assertThat(logGroupsOf(2)).containsExactly("broker-0", "broker-1");
  }

  @Test
  void oneNodeOfThreeDoesNotFoundACluster() throws Exception {
    CompletableFuture<SampoNode> first =
        nodes.starting(0, Map.of("sampo.cluster.initial-nodes", "3"));
    CompletableFuture<SampoNode> second =
        nodes.starting(1, Map.of("sampo.cluster.initial-nodes", "3"));
    assertThatThrownBy(() -> first.get(5, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);

    nodes.start(Map.of("sampo.cluster.initial-nodes", "3"), 2);

    nodes.entered(0, first.get(60, TimeUnit.SECONDS));
    nodes.entered(1, second.get(60, TimeUnit.SECONDS));
    assertThat(logGroupsOf(0)).hasSize(3);
  }
}
