package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.TestCluster;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three nodes with three replicas of each log group, clients of both versions on all of them, a
 * leader that is killed, one that is paused and one that is stopped.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class ClusterTest {
  private static final int NODES = 3;
  private static final int PER_SECOND = 100;
  private static final long ON_ITS_WAY_BYTES = 1 << 20;

  private static TestCluster cluster;

  @BeforeAll
  static void form() {
    cluster =
        TestCluster.start(
            "cluster",
            NODES,
            NodeOptions.defaults().withHeapMegabytes(256).with("sampo.cluster.replicas", "3"));
  }

  /** At the end all copies have the same bytes at the same place. */
  @AfterAll
  static void end() {
    try {
      assertThat(cluster.killAndCompareCopies()).isEmpty();
    } finally {
      cluster.close();
    }
  }

  @Test
  void everyNodeServesEveryLogGroup() throws Exception {
    try (TrafficPair traffic = new TrafficPair(cluster, PER_SECOND)) {
      for (int node = 0; node < NODES; node++) {
        for (ClusterTraffic each : traffic.each()) {
          each.sendThrough(node, 100);
        }
      }
      traffic.finish("no fault");
      assertThat(traffic.failedCount()).as(traffic.failures()).isZero();
    }
  }

  /** One after the other under the same clients, which is what takes the time. */
  @Test
  void aKilledLeaderAndAPausedOneAreSucceededAndAStoppedOneHandsOver() throws Exception {
    try (TrafficPair traffic = new TrafficPair(cluster, PER_SECOND)) {
      traffic.awaitMore();
      int killed = cluster.awaitLeader(traffic.topic(), 0, 1, -1);
      int witness = (killed + 1) % NODES;
      Map<String, Long> committed = traffic.committed(witness);
      cluster.node(killed).kill();
      assertThat(cluster.awaitLeader(traffic.topic(), 0, witness, killed)).isNotEqualTo(killed);
      traffic.awaitMore();
      traffic.assertNotBefore(committed, witness);
      cluster.node(killed).start();
      traffic.awaitMore();

      int paused = cluster.awaitLeader(traffic.topic(), 0, killed, -1);
      cluster.node(paused).pause();
      int successor = cluster.awaitLeader(traffic.topic(), 0, (paused + 1) % NODES, paused);
      assertThat(successor).isNotEqualTo(paused);
      cluster.node(paused).resume();
      traffic.awaitMore();
      int asked = (paused + 1) % NODES;
      Await.until(
          () -> "all nodes; " + cluster.outputTails(),
          Duration.ofSeconds(60),
          () -> cluster.membersUp(asked) == NODES);
      cluster.awaitReplicas(asked, ON_ITS_WAY_BYTES, Set.of());

      long failedBefore = traffic.failedCount();
      committed = traffic.committed(killed);
      cluster.node(witness).stop();
      traffic.awaitMore();
      traffic.assertNotBefore(committed, killed);
      cluster.node(witness).start();
      traffic.finish("kill -9, SIGSTOP and SIGTERM of leaders");
      assertThat(traffic.failedCount()).as(traffic.failures()).isEqualTo(failedBefore);
    }
  }
}
