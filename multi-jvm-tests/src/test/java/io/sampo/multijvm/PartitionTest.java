package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.TestCluster;
import io.sampo.multijvm.harness.TestNetwork;
import java.time.Duration;
import java.util.List;
import java.util.Set;
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
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Each takes eight seconds and more. */
  private static final int CUT_ROUNDS = 4;

  /** Several times what one leader's failure costs on an idle machine. */
  private static final Duration SILENCE_MAX = Duration.ofSeconds(15);

  /** More than what is sent between two looks. */
  private static final long ON_ITS_WAY_BYTES = 256 << 10;

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

  /** The one that hears both is the one that has been there the longest. */
  @Test
  void aCableBetweenTwoFollowersIsDoneWithoutForLong() throws Exception {
    withoutACable(1, 2);
  }

  /** The one that hears both is the youngest. */
  @Test
  void aCableOfTheFirstNodeIsDoneWithoutForLong() throws Exception {
    withoutACable(0, 1);
  }

  /**
   * Two nodes don't hear each other, and the third hears both, for much longer than it takes to be
   * suspected, decided on, and back: one of the two goes and can't stay, but the others are a
   * majority all the time, and are not touched.
   */
  private void withoutACable(int one, int other) throws Exception {
    int third = NODES - one - other;
    try (TrafficPair traffic = new TrafficPair(cluster, PER_SECOND)) {
      traffic.awaitMore();
      network.cut(one, other);
      network.cut(other, one);
      Await.until(
          () -> "one of the two is taken out; " + cluster.outputTails(),
          LIMIT,
          () -> removals(one) + removals(other) > 0);
      for (int i = 0; i < CUT_ROUNDS; i++) {
        traffic.awaitMore();
      }
      assertThat(removals(third)).as(cluster.node(third).outputTail()).isZero();
      assertThat(List.of(removals(one), removals(other)))
          .as("how often each of the two was taken out; " + cluster.outputTails())
          .contains(0L);
      network.heal();
      Await.until(
          () -> "three members up; " + cluster.outputTails(),
          LIMIT,
          () -> IntStream.range(0, NODES).allMatch(node -> cluster.membersUp(node) == NODES));
      IntStream.range(0, NODES).forEach(node -> cluster.awaitLeaderIs(node, node));
      cluster.awaitReplicas(third, ON_ITS_WAY_BYTES, Set.of());
      traffic.awaitMore();
      traffic.finish("one cable for long");
      assertThat(traffic.each())
          .allSatisfy(
              client -> assertThat(client.longestSilenceOfALogGroup()).isLessThan(SILENCE_MAX));
    }
    assertThat(cluster.killAndCompareCopies()).isEmpty();
  }

  /** How often the node found that the others had taken it out of the cluster. */
  private long removals(int node) {
    return cluster.node(node).linesWith("removed this one from the cluster");
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
