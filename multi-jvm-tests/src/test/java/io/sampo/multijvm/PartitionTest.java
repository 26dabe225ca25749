package io.sampo.multijvm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.TestCluster;
import io.sampo.multijvm.harness.TestNetwork;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three nodes whose cables are cut, while clients reach all of them: the worst case, since a cut
 * off leader still hears its clients. Skipped where no network namespaces can be made.
 */
@Tag("long")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class PartitionTest {
  private static final int NODES = 3;
  private static final int PER_SECOND = 100;

  private TestNetwork network;
  private TestCluster cluster;

  @BeforeEach
  void form() {
    String refusal = TestNetwork.refusal();
    assumeTrue(refusal.isEmpty(), refusal);
    network = TestNetwork.of(NODES);
    cluster =
        TestCluster.start(
            "partition",
            IntStream.range(0, NODES).mapToObj(network::place).toList(),
            NodeOptions.defaults().withHeapMegabytes(256).with("sampo.cluster.replicas", "3"));
  }

  @AfterEach
  void end() {
    if (cluster != null) {
      cluster.close();
    }
    if (network != null) {
      network.close();
    }
  }

  @Test
  void aCutOffLeaderIsSucceeded() throws Exception {
    cut("isolated leader", leader -> network.isolate(List.of(leader)));
  }

  /** The leader is in the larger part; another one, which leads something else, in the smaller. */
  @Test
  void aCutOffFollowerIsDoneWithout() throws Exception {
    cut("isolated follower", leader -> network.isolate(List.of((leader + 1) % NODES)));
  }

  @Test
  void aLeaderThatIsNotHeardIsSucceeded() throws Exception {
    cut(
        "leader not heard",
        leader -> {
          network.cut(leader, (leader + 1) % NODES);
          network.cut(leader, (leader + 2) % NODES);
        });
  }

  @Test
  void aLeaderThatHearsNobodyIsSucceeded() throws Exception {
    cut(
        "leader hears nobody",
        leader -> {
          network.cut((leader + 1) % NODES, leader);
          network.cut((leader + 2) % NODES, leader);
        });
  }

  @Test
  void twoThatDoNotHearEachOtherKeepTheirLeaders() throws Exception {
    cut(
        "one cable",
        leader -> {
          network.cut(leader, (leader + 1) % NODES);
          network.cut((leader + 1) % NODES, leader);
        });
  }

  private interface Cut {
    void of(int leader);
  }

  private void cut(String name, Cut cut) throws Exception {
    try (TrafficPair traffic = new TrafficPair(cluster, PER_SECOND)) {
      traffic.awaitMore();
      cut.of(cluster.awaitLeader(traffic.topic(), 0, 0, -1));
      traffic.awaitMore();
      network.heal();
      traffic.awaitMore();
      traffic.finish(name);
    }
  }
}
