package io.sampo.cluster.placement;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which members refuse connections, as this node sees it and as others say, and what is to be made
 * of it. A refusal is what the machine of an ended process says, and also what a firewall may say
 * in the name of a member that lives. So nobody is taken out on one node's word, and never by a
 * node that most members refuse: it is rather the one that is cut off.
 *
 * <p>Of two members neither can ask anybody else, and neither is a majority: one's word is all
 * there is, and what is acknowledged doesn't hang on it.
 *
 * <p>Members are named by their addresses and incarnations. One thread.
 */
final class Refusals {
  private final long validMs;
  private final Set<String> seen = new HashSet<>();
  private final Map<String, Map<String, Long>> told = new HashMap<>();

  /**
   * @param validMs how long what a witness says counts; who still sees it says it again
   */
  Refusals(long validMs) {
    this.validMs = validMs;
  }

  /** This node was refused often enough. */
  void saw(String member) {
    seen.add(member);
  }

  /** The member listens after all, or nothing can be said. */
  void tookBack(String member) {
    seen.remove(member);
  }

  /** Another member says that it is refused. */
  void heard(String member, String witness, long nowMs) {
    told.computeIfAbsent(member, each -> new HashMap<>()).put(witness, nowMs);
  }

  /** It is no member any more. */
  void left(String member) {
    seen.remove(member);
    told.remove(member);
    told.values().forEach(witnesses -> witnesses.remove(member));
  }

  /**
   * Whether a member's process has ended, as far as anybody can say.
   *
   * @param others the members without this one
   */
  boolean haveEnded(String member, Set<String> others, long nowMs) {
    if (!seen.contains(member)) {
      return false;
    }
    if (others.size() == 1) {
      return true;
    }
    int members = others.size() + 1;
    int refusing = (int) others.stream().filter(seen::contains).count();
    return (members - refusing) * 2 > members
        && told.getOrDefault(member, Map.of()).entrySet().stream()
            .anyMatch(
                witness ->
                    others.contains(witness.getKey())
                        && !witness.getKey().equals(member)
                        && !seen.contains(witness.getKey())
                        && nowMs - witness.getValue() <= validMs);
  }
}
