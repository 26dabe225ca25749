package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.harness.Program;
import io.sampo.multijvm.harness.TestCluster;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nodes that leave for good while official clients of both versions send and consume, told to by
 * the command that operators use: one that only learns, which had come in the traffic too, and then
 * one that votes and leads. No send fails, nothing is lost, and what had a copy there has another
 * one elsewhere.
 */
@Tag("long")
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class LeavingNodesTest {
  private static final int VOTERS = 4;
  private static final int LEARNER = VOTERS;
  private static final int LEAVING = 1;
  private static final int ASKED = 0;
  private static final int REPLICAS = 3;
  private static final int PER_SECOND = 50;

  /** More than what is sent between two looks. */
  private static final long ON_ITS_WAY_BYTES = 256 << 10;

  /** Clients look for new routes every 30 s. */
  private static final Duration ROUTES_LIMIT = Duration.ofSeconds(90);

  private static final Duration LEAVING_LIMIT = Duration.ofSeconds(90);

  @Test
  void aLearnerAndThenAVoterLeaveInTraffic() throws Exception {
    NodeOptions options =
        NodeOptions.defaults()
            .withHeapMegabytes(256)
            .withLogGroups(VOTERS)
            .with("sampo.management.read-only", "off");
    try (TestCluster cluster = TestCluster.start("leaving", VOTERS, options)) {
      try (TrafficPair traffic = new TrafficPair(cluster, PER_SECOND)) {
        Await.until("all four in use", ROUTES_LIMIT, () -> traffic.logGroups() == VOTERS);
        traffic.awaitMore();

        cluster.join("leaving", options.with("sampo.node.learner", "on"));
        cluster.awaitLogGroups(
            "a learner of each log group",
            ASKED,
            groups -> areSettled(groups, true) && copiesOn(LEARNER, groups) == VOTERS);
        traffic.awaitMore();
        decommission(cluster, LEARNER);
        cluster.awaitLogGroups("none again", ASKED, groups -> areSettled(groups, false));
        traffic.awaitMore();

        assertThat(cluster.awaitLeader(traffic.topic(), LEAVING, ASKED, -1)).isEqualTo(LEAVING);
        decommission(cluster, LEAVING);
        cluster.awaitLogGroups(
            "three nodes with a copy of everything",
            ASKED,
            groups -> areSettled(groups, false) && copiesOn(LEAVING, groups) == 0);
        traffic.awaitMore();
        traffic.finish("a learner left, then a voter");
        assertThat(traffic.failedCount()).as(traffic.failures()).isZero();
      }
      assertDoesNotStartAgain(cluster.node(LEAVING));
      assertThat(cluster.killAndCompareCopies(VOTERS, 0, 2, 3)).isEmpty();
    }
  }

  /** Tells a node to leave, at another one, and waits until it has. */
  private static void decommission(TestCluster cluster, int leaving) {
    NodeProcess asked = cluster.node(ASKED);
    String address = asked.host() + ":" + asked.ports().get("sampo.management.port");
    Program.Ended ended =
        Program.run(LEAVING_LIMIT, "decommission", "node-" + leaving, "--at", address, "--wait");
    assertThat(ended.exitCode()).as(ended.output()).isZero();
    assertThat(ended.output()).contains("node-" + leaving + " has no replicas any more");
    assertThat(cluster.node(leaving).awaitEnd()).as(cluster.node(leaving).outputTail()).isZero();
  }

  private static void assertDoesNotStartAgain(NodeProcess left) {
    left.launch();
    assertThat(left.awaitEnd()).isEqualTo(1);
    assertThat(left.outputTail()).contains("has left its cluster for good");
  }

  /**
   * Every log group has its voters where they should be, and beside them the learner or nobody,
   * each with all there is.
   */
  private static boolean areSettled(JsonNode groups, boolean learns) {
    return groups.size() == VOTERS
        && StreamSupport.stream(groups.spliterator(), false)
            .allMatch(group -> isSettled(group, learns));
  }

  private static boolean isSettled(JsonNode group, boolean learns) {
    Set<String> wanted = new HashSet<>();
    group.path("wanted").forEach(node -> wanted.add(node.asText()));
    Set<String> voters = new HashSet<>();
    Set<String> learners = new HashSet<>();
    boolean complete = !group.path("leader").isNull();
    for (JsonNode replica : group.path("replicas")) {
      boolean isLearner = replica.path("role").asText().equals("learner");
      (isLearner ? learners : voters).add(replica.path("node").asText());
      complete &= replica.path("lag").asLong(Long.MAX_VALUE) <= ON_ITS_WAY_BYTES;
    }
    return complete
        && wanted.size() == REPLICAS
        && voters.equals(wanted)
        && learners.equals(learns ? Set.of("node-" + LEARNER) : Set.of());
  }

  private static long copiesOn(int node, JsonNode groups) {
    return StreamSupport.stream(groups.spliterator(), false)
        .flatMap(group -> StreamSupport.stream(group.path("replicas").spliterator(), false))
        .filter(replica -> replica.path("node").asText().equals("node-" + node))
        .count();
  }
}
