package io.sampo.cluster.placement;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Judges what can be expected of each node, from who is a member and what nodes say of themselves.
 * Remembers since when a node is away, so one thread. A node counts as up only when it has said
 * what it has: before that nobody knows what it lost.
 */
final class NodeStandings {
  private final Map<String, Long> awaySinceMs = new HashMap<>();
  private Set<String> reachable = Set.of();

  /** Whether a node is a member that can be reached and has said what it has. */
  boolean isReachable(String node) {
    return reachable.contains(node);
  }

  /**
   * @param members the nodes that are members and can be reached
   * @param known the nodes that anything is known of
   * @param charter which nodes are not waited for when they are away
   * @param replaceAfterMs after how long a node that is away is given up
   */
  SortedMap<String, NodeStanding> judge(
      Set<String> members,
      Set<String> known,
      Charter charter,
      long replaceAfterMs,
      ReplicaBoard board,
      long nowMs) {
    Set<String> removed = charter.removed();
    SortedMap<String, NodeStanding> standings = new TreeMap<>();
    Set<String> there = new HashSet<>();
    for (String node : known) {
      NodeReplicas said = board.node(node);
      boolean leaving = said != null && said.leaving();
      if (members.contains(node) && said != null) {
        there.add(node);
        awaySinceMs.remove(node);
        standings.put(node, leaving ? NodeStanding.LEAVING : NodeStanding.UP);
      } else {
        long since = awaySinceMs.computeIfAbsent(node, name -> nowMs);
        boolean isOver = nowMs - since >= replaceAfterMs;
        standings.put(
            node,
            leaving || removed.contains(node)
                ? NodeStanding.LEAVING
                : isOver ? NodeStanding.GIVEN_UP : NodeStanding.AWAY);
      }
    }
    awaySinceMs.keySet().retainAll(known);
    reachable = there;
    return standings;
  }
}
