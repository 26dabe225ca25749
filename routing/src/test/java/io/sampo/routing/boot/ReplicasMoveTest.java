package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Replicas follow the nodes: a lost disk, a node that comes, one that goes, one that moves. */
@Timeout(150)
final class ReplicasMoveTest {
  @TempDir Path directory;
  private NodesInOneJvm nodes;

  @BeforeEach
  void chooseFourPlaces() throws IOException {
    nodes = new NodesInOneJvm(directory, 4);
  }

  @AfterEach
  void stopAll() {
    nodes.close();
  }

  @Test
  void aNodeThatComesBackWithAnEmptyDiskHasAllReplicasAgainAndVotes() throws Exception {
    nodes.found();
    fill("Orders");
    Map<String, Long> disksBefore = disksOf("n2");
    nodes.stop(2);
    nodes.emptyDisk(2);

    nodes.start(Map.of(), 2);

    nodes.awaitLogGroups(
        0,
        groups ->
            areComplete(groups)
                && disksOf("n2", groups).values().stream().noneMatch(disksBefore::containsValue));
    nodes.stop(0); // now its copies count: without them there is no majority
    for (int i = 0; i < 3; i++) {
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
  void aNodeThatJoinsTakesItsShareAndOneThatLeavesGivesItAway() throws Exception {
    Map<String, String> sameLogGroups = Map.of("sampo.cluster.grow-on-join", "off");
    nodes.start(
        Map.of("sampo.cluster.initial-nodes", "3", "sampo.cluster.grow-on-join", "off"), 0, 1, 2);
    fill("Orders");

    nodes.start(sameLogGroups, 3);

    nodes.awaitLogGroups(
        0, groups -> areComplete(groups) && replicasPerNode(groups).getOrDefault("n3", 0) == 2);
    assertThat(replicasPerNode(nodes.logGroups(3)).values()).allMatch(count -> count >= 2);
    assertThat(nodes.replication(3).get("receivedBytes").longValue())
        .as("bytes of the two logs that it has now")
        .isGreaterThan(
            StreamSupport.stream(nodes.replication(3).get("logs").spliterator(), false)
                .mapToLong(log -> log.get("end").longValue())
                .sum());

    assertThat(nodes.order(0, "POST", "/sampo/nodes/n1/decommission")).isEqualTo(202);

    nodes.awaitEnd(1);
    nodes.awaitLogGroups(
        0, groups -> areComplete(groups) && !replicasPerNode(groups).containsKey("n1"));
    assertThat(replicasPerNode(nodes.logGroups(2)).values()).allMatch(count -> count == 3);
    assertThatThrownBy(() -> nodes.start(Map.of(), 1))
        .rootCause()
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("has left its cluster for good");
    for (int i = 0; i < 3; i++) {
      String broker = "broker-" + i;
      assertThat(nodes.answer(3, broker, client -> client.maxOffset("Orders")))
          .as(broker)
          .contains("\"offset\":\"1\"");
    }
  }

  @Test
  @Tag("long")
  void aNodeThatDoesNotComeBackIsReplacedByOneThatHasRoom() throws Exception {
    Map<String, String> soon =
        Map.of("sampo.cluster.replace-after", "3 s", "sampo.cluster.grow-on-join", "off");
    Map<String, String> founding = new HashMap<>(soon);
    founding.put("sampo.cluster.initial-nodes", "3");
    nodes.start(founding, 0, 1, 2);
    fill("Orders");
    nodes.start(soon, 3);
    nodes.awaitLogGroups(0, this::areComplete);

    nodes.stop(1);

    nodes.awaitLogGroups(
        0, groups -> areComplete(groups) && !replicasPerNode(groups).containsKey("n1"));
    nodes.start(soon, 1);
    nodes.awaitLogGroups(
        0, groups -> areComplete(groups) && replicasPerNode(groups).getOrDefault("n1", 0) == 2);
    for (int i = 0; i < 3; i++) {
      String broker = "broker-" + i;
      assertThat(nodes.answer(1, broker, client -> client.maxOffset("Orders")))
          .as(broker)
          .contains("\"offset\":\"1\"");
    }
  }

  @Test
  @Tag("long")
  void anOrderToGiveUpADeadNodeOutlivesARestartOfTheOthers() throws Exception {
    Map<String, String> sameLogGroups = Map.of("sampo.cluster.grow-on-join", "off");
    nodes.start(
        Map.of("sampo.cluster.initial-nodes", "3", "sampo.cluster.grow-on-join", "off"), 0, 1, 2);
    fill("Orders");
    nodes.start(sameLogGroups, 3);
    nodes.awaitLogGroups(
        0, groups -> areComplete(groups) && replicasPerNode(groups).getOrDefault("n3", 0) == 2);
    nodes.stop(1);

    assertThat(nodes.order(0, "POST", "/sampo/nodes/n1/decommission")).isEqualTo(202);
    nodes.stop(0);
    nodes.stop(2);
    nodes.stop(3);
    nodes.start(sameLogGroups, 0, 2, 3);

    nodes.awaitLogGroups(
        0, groups -> areComplete(groups) && !replicasPerNode(groups).containsKey("n1"));
    for (int i = 0; i < 3; i++) {
      String broker = "broker-" + i;
      assertThat(nodes.answer(3, broker, client -> client.maxOffset("Orders")))
          .as(broker)
          .contains("\"offset\":\"1\"");
    }
  }

  @Test
  void aNodeThatIsSomewhereElseWithItsDataIsTheSameAsBefore() throws Exception {
    nodes.found();
    fill("Orders");
    Map<String, Long> disksBefore = disksOf("n2");
    nodes.stop(2);
    nodes.moveTo(2);
    send(0, "broker-0", "Orders");

    nodes.start(Map.of(), 2);

    nodes.awaitLogGroups(0, this::areComplete);
    assertThat(disksOf("n2")).isEqualTo(disksBefore);
    nodes.stop(1);
    assertThat(nodes.answer(2, "broker-0", client -> client.maxOffset("Orders")))
        .contains("\"offset\":\"2\"");
  }

  @Test
  void aReplicaWhoseLogFailedIsLearnedAnewIfNobodyRepairsIt() throws Exception {
    nodes.start(
        Map.of("sampo.cluster.initial-nodes", "3", "sampo.cluster.replace-after", "5 s"), 0, 1, 2);
    fill("Orders");
    Map<String, Long> disksBefore = disksOf("n1");
    Path log = nodes.directoryOf(1).resolve("broker-0").resolve("log");
    Files.move(log, log.resolveSibling("gone")); // no new segment can be made there
    String body = "x".repeat(100_000);
    for (int i = 0; i < 25; i++) { // two segments and more
      assertThat(nodes.answer(0, "broker-0", client -> client.send("Orders", body).header()))
          .contains("\"code\":0");
    }

    nodes.awaitLogGroups(0, groups -> problemOf("n1", groups.get(0)).contains("its log failed"));
    nodes.awaitLogGroups(
        0,
        groups ->
            areComplete(groups)
                && !Objects.equals(
                    disksOf("n1", groups).get("broker-0"), disksBefore.get("broker-0")));
    assertThat(disksOf("n1").get("broker-1")).isEqualTo(disksBefore.get("broker-1"));
    assertThat(problemOf("n1", nodes.logGroups(0).get(0))).isEqualTo("null");
    nodes.stop(2);
    assertThat(nodes.answer(1, "broker-0", client -> client.maxOffset("Orders")))
        .contains("\"offset\":\"26\"");
  }

  private static String problemOf(String node, JsonNode group) {
    for (JsonNode replica : group.get("replicas")) {
      if (replica.get("node").asText().equals(node)) {
        return replica.get("problem").asText();
      }
    }
    return "";
  }

  @Test
  @Tag("long")
  void twoNodesOfOneNameAreRefusedTheSecond() throws Exception {
    nodes.found();

    assertThatThrownBy(() -> nodes.start(Map.of("sampo.node.name", "n1"), 3))
        .rootCause()
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("another node that is called n1");

    nodes.awaitLogGroups(0, this::areComplete);
  }

  private void fill(String topic) throws IOException {
    for (int i = 0; i < 3; i++) {
      send(0, "broker-" + i, topic);
    }
  }

  private void send(int by, String broker, String topic) throws IOException {
    assertThat(nodes.answer(by, broker, client -> client.send(topic, "kept").header()))
        .contains("\"code\":0");
  }

  /** Everything is where it should be and has all there is. */
  private boolean areComplete(JsonNode groups) {
    for (JsonNode group : groups) {
      Set<String> wanted = new TreeSet<>();
      group.get("wanted").forEach(node -> wanted.add(node.asText()));
      Set<String> voters = new TreeSet<>();
      boolean behind = group.get("leader").isNull();
      for (JsonNode replica : group.get("replicas")) {
        behind |= replica.get("lag").isNull() || replica.get("lag").asLong() > 0;
        behind |= replica.get("role").asText().equals("learner");
        voters.add(replica.get("node").asText());
      }
      if (behind
          || !voters.equals(wanted)
          || group.get("replicas").size() != wanted.size()
          || wanted.size() != 3) {
        return false;
      }
    }
    return groups.size() == 3;
  }

  private static Map<String, Integer> replicasPerNode(JsonNode groups) {
    Map<String, Integer> replicas = new TreeMap<>();
    for (JsonNode group : groups) {
      group
          .get("replicas")
          .forEach(replica -> replicas.merge(replica.get("node").asText(), 1, Integer::sum));
    }
    return replicas;
  }

  private Map<String, Long> disksOf(String node) throws Exception {
    nodes.awaitLogGroups(0, this::areComplete);
    return disksOf(node, nodes.logGroups(0));
  }

  private static Map<String, Long> disksOf(String node, JsonNode groups) {
    Map<String, Long> disks = new TreeMap<>();
    for (JsonNode group : groups) {
      for (JsonNode replica : group.get("replicas")) {
        if (replica.get("node").asText().equals(node)) {
          disks.put(group.get("logGroup").asText(), replica.get("disk").asLong());
        }
      }
    }
    return disks;
  }
}
