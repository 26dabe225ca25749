package io.sampo.cluster.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class ReplicaPlacementTest {
  private static final int SEEDS = 2_000;
  private static final List<NodeStanding> STANDINGS = List.of(NodeStanding.values());

  private static SortedMap<String, List<String>> ring(int nodes, int replicas) {
    SortedMap<String, List<String>> ring = new TreeMap<>();
    for (int i = 0; i < nodes; i++) {
      List<String> voters = new ArrayList<>();
      for (int k = 0; k < Math.min(replicas, nodes); k++) {
        voters.add("n" + (i + k) % nodes);
      }
      ring.put("broker-" + i, voters);
    }
    return ring;
  }

  private static SortedMap<String, NodeStanding> nodes(int count) {
    SortedMap<String, NodeStanding> nodes = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      nodes.put("n" + i, NodeStanding.UP);
    }
    return nodes;
  }

  private static long moved(Map<String, List<String>> from, Map<String, List<String>> to) {
    return to.entrySet().stream()
        .mapToLong(
            each ->
                each.getValue().stream()
                    .filter(node -> !from.getOrDefault(each.getKey(), List.of()).contains(node))
                    .count())
        .sum();
  }

  @Test
  void aFoundingIsLeftAsItIs() {
    assertThat(ReplicaPlacement.decide(ring(5, 3), nodes(5), 3)).isEqualTo(ring(5, 3));
  }

  @Test
  void aNodeThatIsAwayKeepsItsReplicas() {
    SortedMap<String, NodeStanding> nodes = nodes(4);
    SortedMap<String, List<String>> now = ReplicaPlacement.decide(ring(3, 3), nodes, 3);
    nodes.put("n1", NodeStanding.AWAY);

    assertThat(ReplicaPlacement.decide(now, nodes, 3)).isEqualTo(now);
  }

  @Test
  void aNodeThatJoinsTakesItsShareAndNothingElseMoves() {
    SortedMap<String, List<String>> now = ring(3, 3);

    SortedMap<String, List<String>> next = ReplicaPlacement.decide(now, nodes(4), 3);

    assertThat(moved(now, next)).as("9 replicas on 4 nodes: %s", next).isEqualTo(2);
    assertThat(next.values()).allSatisfy(voters -> assertThat(voters).hasSize(3));
  }

  @Test
  void aNodeThatIsGivenUpIsReplacedOnlyIfThereIsAnother() {
    SortedMap<String, NodeStanding> nodes = nodes(3);
    nodes.put("n2", NodeStanding.GIVEN_UP);
    assertThat(ReplicaPlacement.decide(ring(3, 3), nodes, 3)).isEqualTo(ring(3, 3));

    nodes.put("n3", NodeStanding.UP);
    assertThat(ReplicaPlacement.decide(ring(3, 3), nodes, 3).values())
        .allSatisfy(voters -> assertThat(voters).containsExactlyInAnyOrder("n0", "n1", "n3"));
  }

  @Test
  void aNodeThatLeavesKeepsNothingAlsoWhenNobodyTakesItsPlace() {
    SortedMap<String, NodeStanding> nodes = nodes(3);
    nodes.put("n2", NodeStanding.LEAVING);

    assertThat(ReplicaPlacement.decide(ring(3, 3), nodes, 3).values())
        .allSatisfy(voters -> assertThat(voters).containsExactlyInAnyOrder("n0", "n1"));
  }

  @Test
  void theLastNodeCantGiveItsReplicasToNobody() {
    SortedMap<String, NodeStanding> nodes = nodes(1);
    nodes.put("n0", NodeStanding.LEAVING);

    assertThat(ReplicaPlacement.decide(ring(1, 3), nodes, 3)).isEqualTo(ring(1, 1));
  }

  @Test
  void isEvenAndStableWhateverHappened() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Random random = new Random(seed);
      int replicas = 1 + random.nextInt(4);
      SortedMap<String, List<String>> now = ring(1 + random.nextInt(6), replicas);
      SortedMap<String, NodeStanding> nodes = nodes(now.size());
      for (int step = 0; step < 20; step++) {
        String node = "n" + random.nextInt(8);
        nodes.put(node, STANDINGS.get(random.nextInt(STANDINGS.size())));

        SortedMap<String, List<String>> next = ReplicaPlacement.decide(now, nodes, replicas);

        String told = "seed %d, step %d: %s on %s".formatted(seed, step, next, nodes);
        assertThat(ReplicaPlacement.decide(next, nodes, replicas)).as(told).isEqualTo(next);
        checkNumbers(next, nodes, replicas, told);
        now = next;
      }
    }
  }

  private static void checkNumbers(
      SortedMap<String, List<String>> placed,
      Map<String, NodeStanding> nodes,
      int replicas,
      String told) {
    List<String> up =
        nodes.keySet().stream().filter(node -> nodes.get(node) == NodeStanding.UP).toList();
    Map<String, Integer> load = new TreeMap<>();
    up.forEach(node -> load.put(node, 0));
    placed.forEach(
        (logGroup, voters) -> {
          assertThat(voters).as(told).doesNotHaveDuplicates().isNotEmpty();
          assertThat(voters.size()).as(told).isLessThanOrEqualTo(replicas);
          assertThat(voters.size()).as(told).isGreaterThanOrEqualTo(Math.min(replicas, up.size()));
          voters.forEach(node -> load.computeIfPresent(node, (name, count) -> count + 1));
        });
    if (!up.isEmpty()) {
      int most = load.values().stream().max(Integer::compare).orElse(0);
      int least = load.values().stream().min(Integer::compare).orElse(0);
      assertThat(most - least).as(told).isLessThanOrEqualTo(1);
    }
    if (!up.isEmpty()) {
      assertThat(placed.values())
          .as(told)
          .allSatisfy(
              voters ->
                  assertThat(voters).noneMatch(node -> nodes.get(node) == NodeStanding.LEAVING));
    }
  }
}
