package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.TestCluster;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A fourth node joins three while official clients of both versions send and consume: it gets a log
 * group of its own, and their topic queues there, which they find by themselves. No send fails,
 * nothing is lost, and when the node is killed its log group goes on.
 */
@Tag("long")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class JoinedNodeTest {
  private static final int PER_SECOND = 100;

  /** More than what is sent between two looks. */
  private static final long ON_ITS_WAY_BYTES = 256 << 10;

  /** Clients look for new routes every 30 s. */
  private static final Duration ROUTES_LIMIT = Duration.ofSeconds(90);

  @Test
  void clientsUseTheLogGroupOfANodeThatJoined() throws Exception {
    NodeOptions options = NodeOptions.defaults().withHeapMegabytes(256).withLogGroups(4);
    try (TestCluster cluster = TestCluster.start("joined", 3, options);
        TrafficPair traffic = new TrafficPair(cluster, PER_SECOND)) {
      Await.until("all three in use", ROUTES_LIMIT, () -> traffic.logGroups() == 3);
      traffic.awaitMore();

      cluster.join("joined", options);

      cluster.awaitReplicas(0, ON_ITS_WAY_BYTES, Set.of());
      assertThat(cluster.awaitLeader(traffic.topic(), 3, 0, -1)).isEqualTo(3);
      Await.until(
          () -> "acknowledged by broker-3, too; by " + traffic.logGroups(),
          ROUTES_LIMIT,
          () -> traffic.logGroups() == 4);
      traffic.awaitMore();
      assertThat(traffic.failedCount()).as(traffic.failures()).isZero();

      cluster.node(3).kill();
      cluster.awaitLeader(traffic.topic(), 3, 0, 3);
      traffic.awaitMore();
      traffic.finish("a node joined, and was killed");
    }
  }
}
