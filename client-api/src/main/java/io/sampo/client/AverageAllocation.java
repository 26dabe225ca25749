package io.sampo.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Divides queues among the members of a group: each gets a run of neighbours, the first ones get
 * one more when it doesn't come out even. It is what official clients do by default, so that both
 * can be members of one group: whoever computes it from the same lists gets the same result.
 */
final class AverageAllocation {
  private AverageAllocation() {}

  /**
   * The share of one member; none when it isn't a member or there are fewer queues than members.
   */
  static List<TopicQueue> shareOf(
      String clientId, Collection<TopicQueue> queues, Collection<String> clientIds) {
    List<String> members = clientIds.stream().sorted().toList();
    int index = members.indexOf(clientId);
    if (index < 0) {
      return List.of();
    }
    List<TopicQueue> sorted = new ArrayList<>(queues);
    sorted.sort(null);
    int share = sorted.size() / members.size();
    int remainder = sorted.size() % members.size();
    int from = index * share + Math.min(index, remainder);
    int end = from + share + (index < remainder ? 1 : 0);
    return List.copyOf(sorted.subList(from, end));
  }
}
