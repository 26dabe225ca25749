package io.sampo.actors.transaction;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Groups that no producer was found of, for a while: all their half messages would otherwise be
 * read and offered to every node, each by itself. Holds the newest {@value #GROUPS_MAX}. Owned by
 * the checker of a log group.
 */
final class AbsentGroups {
  static final int GROUPS_MAX = 1024;

  private final long restMs;
  private final Map<String, Long> untilMs = new LinkedHashMap<>();

  /**
   * @param restMs how long after it wasn't found a group counts as absent
   */
  AbsentGroups(long restMs) {
    this.restMs = restMs;
  }

  void add(String group, long nowMs) {
    untilMs.remove(group);
    untilMs.put(group, nowMs + restMs);
    if (untilMs.size() > GROUPS_MAX) {
      untilMs.remove(untilMs.keySet().iterator().next());
    }
  }

  boolean contains(String group, long nowMs) {
    Long until = untilMs.get(group);
    return until != null && nowMs < until && until - nowMs <= restMs; // a clock may be set back
  }
}
