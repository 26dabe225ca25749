package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.harness.SegmentFiles;
import io.sampo.multijvm.harness.TestCluster;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What takes longer, or is harder on three nodes than {@link ClusterTest} is. */
@Tag("long")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class ClusterFaultsTest {
  private static final int NODES = 3;
  private static final int PER_SECOND = 100;
  private static final int FAILURES = 16;

  private TestCluster cluster;

  @BeforeEach
  void form() {
    cluster =
        TestCluster.start(
            "cluster-faults",
            NODES,
            NodeOptions.defaults()
                .withHeapMegabytes(256)
                .with("sampo.cluster.replicas", "3")
                .with("sampo.log.segment-size", "16 MiB"));
  }

  /** At the end all copies have the same bytes at the same place. */
  @AfterEach
  void end() {
    try {
      assertThat(cluster.killAndCompareCopies()).isEmpty();
    } finally {
      cluster.close();
    }
  }

  @Test
  void aPausedLeaderIsSucceededAndDoesNoHarmWhenItWakes() throws Exception {
    try (TrafficPair traffic = new TrafficPair(cluster, PER_SECOND)) {
      traffic.awaitMore();
      int leader = cluster.awaitLeader(traffic.topic(), 0, 0, -1);
      cluster.node(leader).pause();
      cluster.awaitLeader(traffic.topic(), 0, next(leader), leader);
      traffic.awaitMore();
      cluster.node(leader).resume();
      traffic.awaitMore();
      traffic.finish("SIGSTOP of a leader");
    }
  }

  @Test
  void allKilledAtOnceGoOnWhereTheyWere() throws Exception {
    try (TrafficPair traffic = new TrafficPair(cluster, PER_SECOND)) {
      traffic.awaitMore();
      Map<String, Long> committed = traffic.committed(0);
      cluster.nodes().forEach(NodeProcess::kill);
      cluster.nodes().forEach(NodeProcess::launch);
      cluster.nodes().forEach(NodeProcess::awaitReady);
      traffic.awaitMore();
      traffic.assertNotBefore(committed, 0);
      traffic.finish("kill -9 of all");
    }
  }

  /** Also what moves back to a node that has returned fails nothing. */
  @Test
  void aRollingRestartFailsNoSend() throws Exception {
    try (TrafficPair traffic = new TrafficPair(cluster, PER_SECOND)) {
      traffic.awaitMore();
      for (int i = 0; i < NODES; i++) {
        cluster.node(i).stop();
        traffic.awaitMore();
        cluster.node(i).start();
        cluster.awaitLeaderIs(i, i);
        traffic.awaitMore();
      }
      traffic.finish("rolling restart");
      assertThat(traffic.failedCount()).as(traffic.failures()).isZero();
    }
  }

  @Test
  void withoutAMajorityNothingIsAcknowledgedAndNothingIsLost() throws Exception {
    try (TrafficPair traffic = new TrafficPair(cluster, PER_SECOND)) {
      traffic.awaitMore();
      cluster.node(0).kill();
      cluster.node(1).kill();
      long before = traffic.acknowledgedCount();
      long failedBefore = traffic.failedCount();
      Await.until(
          () -> "sends fail; " + cluster.outputTails(),
          Duration.ofSeconds(60),
          () -> traffic.failedCount() - failedBefore > FAILURES);
      assertThat(traffic.acknowledgedCount() - before)
          .as("what was under way")
          .isLessThan(2L * PER_SECOND);
      cluster.node(0).launch();
      cluster.node(1).launch();
      cluster.node(0).awaitReady();
      cluster.node(1).awaitReady();
      traffic.awaitMore();
      traffic.finish("kill -9 of a majority");
    }
  }

  @Test
  void damageInAFollowersSegmentIsMended() throws Exception {
    int leader = 1; // as the plan places it
    damage(leader, next(leader));
  }

  @Test
  void damageInAStoppedLeadersSegmentIsMended() throws Exception {
    damage(1, 1);
  }

  /** Flips bytes in the middle of a node's copy of a log group, and then needs that copy. */
  private void damage(int logGroup, int damaged) throws Exception {
    try (TrafficPair traffic = new TrafficPair(cluster, PER_SECOND)) {
      traffic.awaitMore();
      cluster.node(damaged).kill();
      SegmentFiles.flipBytes(cluster.node(damaged), "broker-" + logGroup);
      traffic.awaitMore();
      cluster.node(damaged).start();
      traffic.awaitMore();
      cluster.node(next(damaged)).kill();
      traffic.awaitMore();
      cluster.node(next(damaged)).start();
      traffic.finish("damaged segment");
    }
  }

  private static int next(int node) {
    return (node + 1) % NODES;
  }
}
