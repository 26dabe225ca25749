package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.harness.TestCluster;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three nodes with one replica of each log group, as several masters without slaves: what a node
 * has can be had while it is up, and the others go on without it. After each test all three are
 * there again.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
@Tag("long")
class SeveralMastersTest {
  private static final int NODES = 3;
  private static final int PER_SECOND = 50;

  private static TestCluster cluster;

  @BeforeAll
  static void form() {
    cluster =
        TestCluster.start(
            "masters",
            NODES,
            NodeOptions.defaults().withHeapMegabytes(256).with("sampo.cluster.replicas", "1"));
  }

  @AfterAll
  static void end() {
    cluster.close();
  }

  @Test
  void everyNodeTakesMessagesForEveryLogGroup() throws Exception {
    try (TrafficPair traffic = new TrafficPair(cluster, PER_SECOND)) {
      for (int node = 0; node < NODES; node++) {
        for (ClusterTraffic each : traffic.each()) {
          each.sendThrough(node, 60);
        }
      }
      assertThat(traffic.logGroups()).isEqualTo(NODES);
      traffic.finish("masters, no fault");
      assertThat(traffic.failedCount()).as(traffic.failures()).isZero();
    }
  }

  /** Not the one with the first log group, which has the catalog. */
  @Test
  void theOthersGoOnWhileOneIsDownAndItsMessagesComeBackWithIt() throws Exception {
    try (TrafficPair traffic = new TrafficPair(cluster, PER_SECOND)) {
      traffic.awaitMore();
      int victim = cluster.awaitLeader(traffic.topic(), 1, 0, -1);
      cluster.node(victim).kill();
      traffic.awaitMoreSent();
      cluster.node(victim).start();
      traffic.awaitMore();
      traffic.finish("masters, kill -9 of one");
    }
  }

  @Test
  void allKilledAtOnceGoOnWhereTheyWere() throws Exception {
    try (TrafficPair traffic = new TrafficPair(cluster, PER_SECOND)) {
      traffic.awaitMore();
      cluster.nodes().forEach(NodeProcess::kill);
      cluster.nodes().forEach(NodeProcess::launch);
      cluster.nodes().forEach(NodeProcess::awaitReady);
      traffic.awaitMore();
      traffic.finish("masters, kill -9 of all");
    }
  }
}
