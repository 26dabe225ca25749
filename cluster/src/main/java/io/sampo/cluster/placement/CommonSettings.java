package io.sampo.cluster.placement;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The settings that must be the same on all nodes of a cluster, which goes by those in its {@link
 * Charter}: what one node says differently changes nothing until all of them say so. How sends are
 * acknowledged is each leader's own matter, and only compared.
 *
 * @param replicas of each log group
 * @param replaceAfterMs after how long a node that is away is replaced, if there is another
 * @param growOnJoin whether a node that joins gets a log group of its own
 * @param acknowledge whose copies a send waits for
 */
public record CommonSettings(
    int replicas, long replaceAfterMs, boolean growOnJoin, String acknowledge) {
  /**
   * What is to be agreed on now; null when it stays as it is. Pure.
   *
   * @param agreed null when nothing was agreed yet
   * @param said by the nodes that stay, by their names; not empty
   */
  static @Nullable CommonSettings next(
      @Nullable CommonSettings agreed, SortedMap<String, CommonSettings> said) {
    CommonSettings first = said.get(said.firstKey());
    if (agreed == null) {
      return first;
    }
    boolean allSaySo = said.values().stream().distinct().count() == 1;
    return allSaySo && !agreed.equals(first) ? first : null;
  }

  /** How a node's settings differ from those that the cluster goes by, for people. */
  public List<String> differences(CommonSettings agreed) {
    List<String> found = new ArrayList<>();
    add(found, "sampo.cluster.replicas", replicas, agreed.replicas);
    add(
        found,
        "sampo.cluster.replace-after",
        Duration.ofMillis(replaceAfterMs),
        Duration.ofMillis(agreed.replaceAfterMs));
    add(found, "sampo.cluster.grow-on-join", growOnJoin, agreed.growOnJoin);
    if (!acknowledge.equals(agreed.acknowledge)) {
      found.add(
          "sampo.replication.acknowledge is %s here and %s in the cluster; sends to log groups that this node leads go by its own"
              .formatted(acknowledge, agreed.acknowledge));
    }
    return found;
  }

  private static void add(List<String> found, String name, Object here, Object agreed) {
    if (!here.equals(agreed)) {
      found.add(
          "%s is %s here, but the cluster goes by %s until all of its nodes say otherwise"
              .formatted(name, here, agreed));
    }
  }
}
