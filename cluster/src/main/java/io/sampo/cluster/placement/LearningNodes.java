package io.sampo.cluster.placement;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which nodes only learn: they have a copy of every log group, vote in none and lead none, however
 * long they are there. Pure.
 */
final class LearningNodes {
  private LearningNodes() {}

  /** Who should have a learner of each log group. */
  static Set<String> staying(Map<String, NodeStanding> nodes, Collection<NodeCard> cards) {
    Set<String> learning = new TreeSet<>();
    for (NodeCard card : cards) {
      NodeStanding standing = nodes.get(card.node());
      if (card.learner() && (standing == NodeStanding.UP || standing == NodeStanding.AWAY)) {
        learning.add(card.node());
      }
    }
    return learning;
  }

  /** The standings as far as voters are concerned: who only learns keeps none and takes none. */
  static SortedMap<String, NodeStanding> withoutThem(
      Map<String, NodeStanding> nodes, Collection<NodeCard> cards) {
    SortedMap<String, NodeStanding> voting = new TreeMap<>(nodes);
    for (NodeCard card : cards) {
      if (card.learner()) {
        voting.put(card.node(), NodeStanding.LEAVING);
      }
    }
    return voting;
  }
}
