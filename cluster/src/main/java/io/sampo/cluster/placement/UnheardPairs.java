package io.sampo.cluster.placement;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Members of which one doesn't hear the other while somebody hears both, as when one cable of
 * several is cut, and who has to go so that all who stay hear each other. Pure; the same on every
 * node that knows of the same pairs.
 */
final class UnheardPairs<M> {
  private final Map<M, Set<M>> unheard = new HashMap<>();

  /** One of the two doesn't hear the other; which of them makes no difference. */
  void add(M one, M other) {
    unheard.computeIfAbsent(one, member -> new HashSet<>()).add(other);
    unheard.computeIfAbsent(other, member -> new HashSet<>()).add(one);
  }

  /**
   * Who has to go: always the one who is in most of the pairs that are left, so that one who hears
   * nobody goes and not everybody else.
   *
   * @param dearest of those who are in equally many, the last one goes
   */
  Set<M> toGo(Comparator<M> dearest) {
    Map<M, Set<M>> left = new HashMap<>();
    unheard.forEach((member, others) -> left.put(member, new HashSet<>(others)));
    Comparator<Map.Entry<M, Set<M>>> worst =
        Comparator.<Map.Entry<M, Set<M>>>comparingInt(member -> member.getValue().size())
            .thenComparing(Map.Entry::getKey, dearest);
    Set<M> going = new HashSet<>();
    while (!left.isEmpty()) {
      M goes = left.entrySet().stream().max(worst).orElseThrow().getKey();
      going.add(goes);
      left.remove(goes);
      left.values().forEach(others -> others.remove(goes));
      left.values().removeIf(Set::isEmpty);
    }
    return going;
  }
}
