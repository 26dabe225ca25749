package io.sampo.cluster.placement;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether a cluster needs one more log group, and where it should begin. Pure.
 *
 * <p>A log group is opened while there are fewer of them than nodes that stay, for a node that is
 * up and the preferred leader of none. So a node that joins gets one of its own, unless somebody
 * who left has left one to lead; to be asked again, or by another, opens no second one.
 */
final class LogGroupGrowth {
  private LogGroupGrowth() {}

  /**
   * The nodes that should found the next log group, the one that should lead it first; null when
   * there are enough, or a node that should take part isn't up now.
   *
   * @param wanted the nodes that should have the voters of each log group
   * @param replicas how many each log group should have
   */
  static @Nullable List<String> next(
      Map<String, List<String>> wanted, Map<String, NodeStanding> nodes, int replicas) {
    List<String> up = new ArrayList<>();
    int staying = 0;
    for (Map.Entry<String, NodeStanding> node : new TreeMap<>(nodes).entrySet()) {
      if (node.getValue() == NodeStanding.UP) {
        up.add(node.getKey());
      }
      staying += isStaying(node.getValue()) ? 1 : 0;
    }
    if (wanted.size() >= Math.min(staying, Charter.LOG_GROUPS_MAX)
        || up.size() < Math.min(replicas, staying)) {
      return null;
    }
    for (String node : up) {
      if (wanted.values().stream().noneMatch(has -> has.indexOf(node) == 0)) {
        return founders(node, up, wanted, replicas);
      }
    }
    return null;
  }

  private static boolean isStaying(NodeStanding standing) {
    return standing == NodeStanding.UP || standing == NodeStanding.AWAY;
  }

  private static List<String> founders(
      String first, List<String> up, Map<String, List<String>> wanted, int replicas) {
    Map<String, Integer> load = new HashMap<>();
    wanted.values().forEach(has -> has.forEach(node -> load.merge(node, 1, Integer::sum)));
    List<String> founders = new ArrayList<>(List.of(first));
    founders.addAll(
        up.stream()
            .filter(node -> !node.equals(first))
            .sorted(Comparator.comparing(node -> load.getOrDefault(node, 0)))
            .limit(replicas - 1L)
            .collect(Collectors.toList()));
    return founders;
  }
}
