package io.sampo.cluster.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class LearningNodesTest {
  private static final CommonSettings SETTINGS = new CommonSettings(3, 1000, true, "quorum");
  private static final List<CardOf> NODES =
      List.of(new CardOf("n0", false), new CardOf("n1", false), new CardOf("n2", true));

  private record CardOf(String node, boolean learner) {
    NodeCard card() {
      return new NodeCard(node, 1, "host", node, 1, 2, Map.of(), 3, learner, SETTINGS);
    }
  }

  private final List<NodeCard> cards = NODES.stream().map(CardOf::card).toList();
  private final SortedMap<String, NodeStanding> nodes = new TreeMap<>();

  LearningNodesTest() {
    NODES.forEach(node -> nodes.put(node.node(), NodeStanding.UP));
  }

  @Test
  void whoOnlyLearnsGetsNoVotersAndGivesThoseItHasAway() {
    Map<String, List<String>> now = Map.of("broker-0", List.of("n2", "n0"));

    assertThat(
            ReplicaPlacement.decide(now, LearningNodes.withoutThem(nodes, cards), 3)
                .get("broker-0"))
        .containsExactlyInAnyOrder("n0", "n1");
  }

  @Test
  void noLogGroupIsOpenedForIt() {
    Map<String, List<String>> wanted =
        Map.of("broker-0", List.of("n0", "n1"), "broker-1", List.of("n1", "n0"));

    assertThat(LogGroupGrowth.next(wanted, nodes, 2)).startsWith("n2");
    assertThat(LogGroupGrowth.next(wanted, LearningNodes.withoutThem(nodes, cards), 2)).isNull();
  }

  @Test
  void keepsItsLearnersWhileItIsAwayAndNotWhenItLeaves() {
    assertThat(LearningNodes.staying(nodes, cards)).containsExactly("n2");
    nodes.put("n2", NodeStanding.AWAY);
    assertThat(LearningNodes.staying(nodes, cards)).containsExactly("n2");
    nodes.put("n2", NodeStanding.LEAVING);
    assertThat(LearningNodes.staying(nodes, cards)).isEmpty();
    nodes.put("n2", NodeStanding.GIVEN_UP);
    assertThat(LearningNodes.staying(nodes, cards)).isEmpty();
  }
}
