package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.NodePlace;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.harness.TestCluster;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nodes of three, seeds all of them, come back with their data at another host while official
 * clients of both versions send and consume: they are the same nodes as before, lead what they led,
 * and clients find them. At the end the two that moved are the majority, and all start again.
 */
@Tag("long")
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class MovedNodeTest {
  private static final int PER_SECOND = 50;
  private static final int STAYING = 1;

  /** More than what is sent between two looks. */
  private static final long ON_ITS_WAY_BYTES = 256 << 10;

  @Test
  void nodesWithOtherHostsLeadAgainAndClientsFollowThem() throws Exception {
    try (TestCluster cluster =
        TestCluster.start("moved", 3, NodeOptions.defaults().withHeapMegabytes(256))) {
      try (TrafficPair traffic = new TrafficPair(cluster, PER_SECOND)) {
        traffic.awaitMore();
        Set<Long> disks = cluster.disksOf(2, STAYING);

        cluster.node(2).stop();
        traffic.awaitMoreSent();
        moveAndAwait(cluster, 2, "127.0.0.3");
        traffic.awaitMore();

        cluster.node(0).kill(); // the one that leads the first log group, with the catalog
        traffic.awaitMoreSent();
        moveAndAwait(cluster, 0, "127.0.0.2");
        traffic.awaitMore();
        assertThat(cluster.disksOf(2, STAYING)).isEqualTo(disks);

        cluster.node(STAYING).kill(); // the rest only goes on if the moved ones hear each other
        traffic.awaitMoreSent();
        cluster.tellSeeds(); // of those that it was started with, nobody else is there any more
        cluster.node(STAYING).start();
        traffic.awaitMore();
        traffic.finish("two nodes at other hosts");
      }
      assertAllStartAgain(cluster);
      assertThat(cluster.killAndCompareCopies()).isEmpty();
    }
  }

  /** Waits until the node has all there is and leads its log group at its new address. */
  private static void moveAndAwait(TestCluster cluster, int node, String host) {
    cluster.move(node, new NodePlace(host, List.of()));
    cluster.awaitReplicas(STAYING, ON_ITS_WAY_BYTES, Set.of());
    cluster.awaitLeaderIs(node, node);
  }

  /** With the seeds as they are now, which is what the manual asks for. */
  private static void assertAllStartAgain(TestCluster cluster) {
    cluster.nodes().forEach(NodeProcess::kill);
    cluster.tellSeeds();
    cluster.nodes().forEach(NodeProcess::launch);
    cluster.nodes().forEach(NodeProcess::awaitReady);
    cluster.awaitReplicas(STAYING, 0, Set.of());
  }
}
