package io.sampo.routing.request;

import io.sampo.wire.body.QueueName;
import java.util.ArrayList;
import java.util.List;

/**
 * How the queues of a topic are shared out to the members of a group, by the rules that clients
 * have for doing it themselves. Pure.
 */
final class QueueShares {
  /** Runs of queues, the first members one more when it doesn't come out even. */
  private static final String AVERAGE = "AVG";

  /** Queues in turn. */
  private static final String BY_CIRCLE = "AVG_BY_CIRCLE";

  private final boolean inTurn;
  private final List<QueueName> queues;
  private final List<String> members;

  /**
   * @param queues of all brokers, sorted
   * @param members client ids, sorted
   */
  QueueShares(String strategy, List<QueueName> queues, List<String> members) {
    this.inTurn = strategy.equals(BY_CIRCLE);
    this.queues = queues;
    this.members = members;
  }

  static boolean isKnown(String strategy) {
    return strategy.equals(AVERAGE) || strategy.equals(BY_CIRCLE);
  }

  /** A member's own queues; none for a client that isn't one. */
  List<QueueName> own(String clientId) {
    int index = members.indexOf(clientId);
    return index < 0 ? List.of() : share(index, members.size());
  }

  /**
   * A member's own queues and those of the members after it.
   *
   * @param others of how many other members
   */
  List<QueueName> shared(String clientId, int others) {
    int index = members.indexOf(clientId);
    if (index < 0 || queues.isEmpty()) {
      return List.of();
    }
    if (members.size() > queues.size()) { // everybody gets something
      return List.of(queues.get(index % queues.size()));
    }
    List<QueueName> shared = new ArrayList<>();
    for (int i = 0; i <= Math.min(others, members.size() - 1); i++) {
      shared.addAll(share((index + i) % members.size(), members.size()));
    }
    return shared;
  }

  private List<QueueName> share(int index, int count) {
    if (inTurn) {
      List<QueueName> share = new ArrayList<>();
      for (int i = index; i < queues.size(); i += count) {
        share.add(queues.get(i));
      }
      return share;
    }
    int even = queues.size() / count;
    int more = queues.size() % count;
    int from = index * even + Math.min(index, more);
    return queues.subList(from, from + even + (index < more ? 1 : 0));
  }
}
