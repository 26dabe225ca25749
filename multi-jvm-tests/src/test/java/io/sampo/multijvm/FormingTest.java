package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.NodePlace;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.harness.TestCluster;
import io.sampo.multijvm.harness.TestNetwork;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three processes that found a cluster, lose members and find each other again. By their own
 * account: what clients notice is in the tests of clusters.
 */
@Tag("long")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class FormingTest {
  private static final int NODES = 3;
  private static final Duration LIMIT = Duration.ofSeconds(90);

  @Test
  void threeFoundAClusterAndAreOneAgainAfterKillsOfOneAndOfAll() {
    try (TestCluster cluster = start("forming", Collections.nCopies(NODES, NodePlace.LOOPBACK))) {
      awaitAllUp(cluster);
      for (NodeProcess node : cluster.nodes()) {
        assertThat(node.outputTail()).contains("is led here");
      }

      cluster.node(2).kill();
      Await.until(
          () -> "the killed one is missed; " + cluster.outputTails(),
          LIMIT,
          () -> cluster.membersUp(0) == NODES - 1 && cluster.membersUp(1) == NODES - 1);
      cluster.node(2).start();
      awaitAllUp(cluster);

      cluster.nodes().forEach(NodeProcess::kill);
      cluster.nodes().forEach(NodeProcess::launch);
      cluster.nodes().forEach(NodeProcess::awaitReady);
      awaitAllUp(cluster);
    }
  }

  @Test
  void onePausedUntilTheOthersMissItIsOneOfThemAgain() {
    try (TestCluster cluster =
        start("forming-paused", Collections.nCopies(NODES, NodePlace.LOOPBACK))) {
      awaitAllUp(cluster);
      cluster.node(1).pause();
      Await.until(
          () -> "the paused one is missed; " + cluster.outputTails(),
          LIMIT,
          () -> cluster.membersUp(0) == NODES - 1 && cluster.membersUp(2) == NODES - 1);
      cluster.node(1).resume();
      awaitAllUp(cluster);
      assertThat(cluster.nodes()).allMatch(NodeProcess::isAlive);
    }
  }

  @Test
  void oneCutOffUntilTheOthersMissItIsOneOfThemAgain() {
    String refusal = TestNetwork.refusal();
    assumeTrue(refusal.isEmpty(), refusal);
    try (TestNetwork network = TestNetwork.of(NODES);
        TestCluster cluster =
            start("forming-cut", IntStream.range(0, NODES).mapToObj(network::place).toList())) {
      awaitAllUp(cluster);
      network.isolate(List.of(0));
      Await.until(
          () -> "the one cut off is missed; " + cluster.outputTails(),
          LIMIT,
          () -> cluster.membersUp(1) == NODES - 1 && cluster.membersUp(2) == NODES - 1);
      network.heal();
      awaitAllUp(cluster);
      assertThat(cluster.nodes()).allMatch(NodeProcess::isAlive);
    }
  }

  private static TestCluster start(String name, List<NodePlace> places) {
    return TestCluster.start(
        name,
        places,
        NodeOptions.defaults().withHeapMegabytes(256).with("sampo.cluster.replicas", "1"));
  }

  /** Each node sees all of them, so that there is one cluster and not several. */
  private static void awaitAllUp(TestCluster cluster) {
    Await.until(
        () -> "three members up; " + cluster.outputTails(),
        LIMIT,
        () -> IntStream.range(0, NODES).allMatch(node -> cluster.membersUp(node) == NODES));
  }
}
