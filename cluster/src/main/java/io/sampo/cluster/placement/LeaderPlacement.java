package io.sampo.cluster.placement;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where log groups should be led. Pure.
 *
 * <p>A log group is led only where it has a voter. The first of its voters is preferred, and since
 * each node is the first of as many log groups, that is even. While it is away the voter that leads
 * the fewest takes its place. A log group that is led elsewhere goes back once its first voter may
 * lead it, one log group at a time; so consumers and producers never wait for more than one.
 */
public final class LeaderPlacement {
  /**
   * What it knows of a log group.
   *
   * @param voters nodes, the preferred one first
   * @param ready those of them that may be told to lead: they are there and have what it takes
   */
  public record Candidates(List<String> voters, Set<String> ready) {}

  private LeaderPlacement() {}

  /**
   * The node that should lead a log group which nobody leads; null when none can.
   *
   * @param leads how many log groups each node leads
   */
  public static @Nullable String choose(Candidates candidates, Map<String, Integer> leads) {
    List<String> voters = candidates.voters();
    if (!voters.isEmpty() && candidates.ready().contains(voters.get(0))) {
      return voters.get(0);
    }
    return voters.stream()
        .filter(candidates.ready()::contains)
        .min(Comparator.comparing(node -> leads.getOrDefault(node, 0)))
        .orElse(null);
  }

  /**
   * The log group that should be moved next, by being taken from where it is led; null when all is
   * well.
   *
   * @param ledOn the node that leads each log group
   * @param candidates of each log group
   */
  public static @Nullable String nextMove(
      Map<String, String> ledOn, Map<String, Candidates> candidates) {
    Map<String, Integer> leads = leads(ledOn);
    return ledOn.keySet().stream()
        .sorted()
        .filter(logGroup -> shouldMove(ledOn, candidates, leads, logGroup))
        .findFirst()
        .orElse(null);
  }

  /** How many log groups each node leads. */
  public static Map<String, Integer> leads(Map<String, String> ledOn) {
    Map<String, Integer> leads = new HashMap<>();
    ledOn.values().forEach(node -> leads.merge(node, 1, Integer::sum));
    return leads;
  }

  private static boolean shouldMove(
      Map<String, String> ledOn,
      Map<String, Candidates> candidates,
      Map<String, Integer> leads,
      String logGroup) {
    String leader = ledOn.get(logGroup);
    Candidates mayLead = candidates.get(logGroup);
    if (leader == null || mayLead == null || mayLead.voters().isEmpty()) {
      return false;
    }
    String better = choose(mayLead, leads);
    if (better == null || better.equals(leader)) {
      return false;
    }
    return better.equals(mayLead.voters().get(0))
        || !mayLead.ready().contains(leader)
        || leads.getOrDefault(leader, 0) - leads.getOrDefault(better, 0) > 1;
  }
}
