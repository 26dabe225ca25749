package io.sampo.cluster.placement;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes should have a voter of which log group. Pure; what comes out, put in again, comes out
 * the same.
 *
 * <p>As many nodes for each log group as it should have replicas, or as there are; replicas are
 * spread evenly over the nodes that are up, no two of these more than one apart; and no replica
 * moves that need not for that. A node that is away keeps what it has. The first of a log group's
 * nodes is its preferred leader; no two nodes of a log group are that two times more than the
 * other.
 */
public final class ReplicaPlacement {
  private final SortedMap<String, NodeStanding> nodes;
  private final int replicas;
  private final SortedMap<String, List<String>> wanted = new TreeMap<>();
  private final Map<String, Integer> load = new HashMap<>();

  private ReplicaPlacement(Map<String, NodeStanding> nodes, int replicas) {
    this.nodes = new TreeMap<>(nodes);
    this.replicas = replicas;
  }

  /**
   * Decides for all log groups.
   *
   * @param now the nodes that have a voter of each log group, or should have one by the decision
   *     before, the preferred leader first
   * @param nodes all that are known; one that isn't among them is taken for away
   * @param replicas how many each log group should have
   * @return for each log group its nodes, those that stay in the order that they had
   */
  public static SortedMap<String, List<String>> decide(
      Map<String, List<String>> now, Map<String, NodeStanding> nodes, int replicas) {
    ReplicaPlacement placement = new ReplicaPlacement(nodes, replicas);
    placement.keep(now);
    for (String logGroup : placement.wanted.keySet()) {
      placement.trim(logGroup);
      placement.replaceGivenUp(logGroup);
      placement.fill(logGroup);
    }
    placement.level();
    placement.levelLeaders();
    return placement.wanted;
  }

  private NodeStanding standing(String node) {
    return nodes.getOrDefault(node, NodeStanding.AWAY);
  }

  /**
   * What a log group had, without nodes that leave. When all of them leave and nobody takes over,
   * it stays where it is.
   */
  private void keep(Map<String, List<String>> now) {
    now.forEach(
        (logGroup, had) -> {
          List<String> kept = new ArrayList<>(had);
          kept.removeIf(node -> standing(node) == NodeStanding.LEAVING);
          if (kept.isEmpty() && takers(node -> true).isEmpty()) {
            kept.addAll(had);
          }
          wanted.put(logGroup, kept);
          kept.forEach(node -> load.merge(node, 1, Integer::sum));
        });
  }

  private void trim(String logGroup) {
    List<String> has = voters(logGroup);
    while (has.size() > replicas) {
      String surplus =
          has.stream()
              .max(
                  Comparator.comparing((String node) -> standing(node) == NodeStanding.GIVEN_UP)
                      .thenComparing(this::load)
                      .thenComparing(has::indexOf))
              .orElseThrow();
      has.remove(surplus);
      load.merge(surplus, -1, Integer::sum);
    }
  }

  private void replaceGivenUp(String logGroup) {
    List<String> has = voters(logGroup);
    for (String node : List.copyOf(has)) {
      if (standing(node) == NodeStanding.GIVEN_UP) {
        String taker = leastLoaded(has);
        if (taker != null) {
          move(logGroup, node, taker);
        }
      }
    }
  }

  private void fill(String logGroup) {
    List<String> has = voters(logGroup);
    while (has.size() < replicas) {
      String taker = leastLoaded(has);
      if (taker == null) {
        return;
      }
      has.add(taker);
      load.merge(taker, 1, Integer::sum);
    }
  }

  /** Each move makes two loads more alike, so this comes to an end. */
  private void level() {
    while (true) {
      List<String> up = new ArrayList<>(takers(node -> true));
      up.sort(Comparator.comparing(this::load));
      if (up.isEmpty()) {
        return;
      }
      String least = up.get(0);
      String most = up.get(up.size() - 1);
      if (load(most) - load(least) < 2) {
        return;
      }
      move(toMove(most, least), most, least);
    }
  }

  /**
   * Who has two more than another has one that the other hasn't. A log group is moved rather from
   * those who aren't its preferred leader.
   */
  private String toMove(String from, String to) {
    return wanted.entrySet().stream()
        .filter(each -> each.getValue().contains(from) && !each.getValue().contains(to))
        .max(Comparator.comparing(each -> Math.min(each.getValue().indexOf(from), 1)))
        .orElseThrow()
        .getKey();
  }

  /** As above: each change makes two numbers more alike. */
  private void levelLeaders() {
    Map<String, Integer> leads = new HashMap<>();
    wanted.values().forEach(nodesOf -> leads.merge(nodesOf.get(0), 1, Integer::sum));
    boolean changed = true;
    while (changed) {
      changed = false;
      for (List<String> voters : wanted.values()) {
        String first = voters.get(0);
        String better =
            voters.stream()
                .filter(node -> standing(node) == NodeStanding.UP)
                .min(Comparator.comparing(node -> leads.getOrDefault(node, 0)))
                .orElse(first);
        if (leads.getOrDefault(first, 0) - leads.getOrDefault(better, 0) >= 2) {
          voters.remove(better);
          voters.add(0, better);
          leads.merge(first, -1, Integer::sum);
          leads.merge(better, 1, Integer::sum);
          changed = true;
        }
      }
    }
  }

  private void move(String logGroup, String from, String to) {
    List<String> has = voters(logGroup);
    has.remove(from);
    has.add(to);
    load.merge(from, -1, Integer::sum);
    load.merge(to, 1, Integer::sum);
  }

  private @Nullable String leastLoaded(List<String> but) {
    return takers(node -> !but.contains(node)).stream()
        .min(Comparator.comparing(this::load))
        .orElse(null);
  }

  private NavigableSet<String> takers(Predicate<String> those) {
    NavigableSet<String> takers = new TreeSet<>();
    nodes.forEach(
        (node, standing) -> {
          if (standing == NodeStanding.UP && those.test(node)) {
            takers.add(node);
          }
        });
    return takers;
  }

  private int load(String node) {
    return load.getOrDefault(node, 0);
  }

  private List<String> voters(String logGroup) {
    return wanted.getOrDefault(logGroup, List.of());
  }
}
