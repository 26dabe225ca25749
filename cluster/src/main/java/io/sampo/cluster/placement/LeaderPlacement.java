package io.sampo.cluster.placement;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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

  /** A log group should be led on another node. */
  public record Move(String logGroup, String from, String to) {}

  /**
   * The log groups that should be led elsewhere; the first of them that can is to be moved, and
   * then this is to be asked again.
   *
   * @param ledOn the node that leads each log group
   * @param candidates of each log group
   */
  public static List<Move> moves(Map<String, String> ledOn, Map<String, Candidates> candidates) {
    Map<String, Integer> leads = leads(ledOn);
    List<Move> moves = new ArrayList<>();
    for (Map.Entry<String, String> led : new TreeMap<>(ledOn).entrySet()) {
      Candidates mayLead = candidates.get(led.getKey());
      String better = mayLead == null ? null : betterThan(led.getValue(), mayLead, leads);
      if (better != null) {
        moves.add(new Move(led.getKey(), led.getValue(), better));
      }
    }
    return moves;
  }

  /** How many log groups each node leads. */
  public static Map<String, Integer> leads(Map<String, String> ledOn) {
    Map<String, Integer> leads = new HashMap<>();
    ledOn.values().forEach(node -> leads.merge(node, 1, Integer::sum));
    return leads;
  }

  private static @Nullable String betterThan(
      String leader, Candidates mayLead, Map<String, Integer> leads) {
    String better = choose(mayLead, leads);
    if (better == null || better.equals(leader)) {
      return null;
    }
    boolean isPreferred = better.equals(mayLead.voters().get(0));
    boolean leaderMustGo = !mayLead.ready().contains(leader);
    boolean isMoreEven = leads.getOrDefault(leader, 0) - leads.getOrDefault(better, 0) > 1;
    return isPreferred || leaderMustGo || isMoreEven ? better : null;
  }
}
