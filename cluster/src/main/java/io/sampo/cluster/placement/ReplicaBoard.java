package io.sampo.cluster.placement;

import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.jspecify.annotations.Nullable;

/**
 * The node's copy of what all nodes say of their replicas, and of where the {@link ReplicaPlacer}
 * wants them, spread by Distributed Data. Read by any thread without waiting; fed by the {@link
 * ReplicaBoardFeed} alone. All of it are hints: who is in a log group says its log.
 */
public final class ReplicaBoard {
  /**
   * Where the voters of a log group should be.
   *
   * @param nodes the preferred leader first
   */
  record Wanted(List<String> nodes) implements BoardNote {
    Wanted {
      nodes = List.copyOf(nodes);
    }
  }

  /** Who leads a log group, as it said itself, or else whoever knows the newest membership. */
  private static final Comparator<NodeReplicas.View> NEWEST =
      Comparator.comparing(NodeReplicas.View::leads)
          .thenComparing(view -> view.leads() ? view.epoch() : 0L)
          .thenComparing(NodeReplicas.View::membershipEnd);

  private final CharterBook book;
  private volatile Map<String, NodeReplicas> byNode = Map.of();
  private volatile Map<String, Wanted> wanted = Map.of();
  private volatile @Nullable ActorRef<ReplicaBoardFeed.Command> feed;

  /**
   * @param book what counts as long as nothing newer is known
   */
  public ReplicaBoard(CharterBook book) {
    this.book = book;
  }

  /** Starts the node's copy, with an actor under the given one that feeds it. Once per node. */
  public static ReplicaBoard start(ActorContext<?> context, CharterBook book) {
    ReplicaBoard board = new ReplicaBoard(book);
    board.feed = context.spawn(ReplicaBoardFeed.create(board), "replica-board");
    return board;
  }

  /** Tells all nodes of this one's replicas. What is on a board without a feed stays there. */
  void publish(NodeReplicas own) {
    tell(new ReplicaBoardFeed.Publish(own));
  }

  /** Tells all nodes where voters should be. */
  void want(Map<String, Wanted> changed) {
    tell(new ReplicaBoardFeed.Want(changed));
  }

  private void tell(ReplicaBoardFeed.Command command) {
    ActorRef<ReplicaBoardFeed.Command> actor = feed;
    if (actor != null) {
      actor.tell(command);
    }
  }

  /** Feed's thread. */
  void take(Map<String, NodeReplicas> nodes, Map<String, Wanted> wantedVoters) {
    byNode = Map.copyOf(nodes);
    wanted = Map.copyOf(wantedVoters);
  }

  /** What a node says of its replicas; null when it has said nothing yet. */
  @Nullable NodeReplicas node(String node) {
    return byNode.get(node);
  }

  /** The replica that says it leads a log group, under the newest epoch; null when none does. */
  public @Nullable ReplicaId leader(String logGroup) {
    return views(logGroup)
        .filter(NodeReplicas.View::leads)
        .max(NEWEST)
        .map(NodeReplicas.View::replica)
        .orElse(null);
  }

  private Stream<NodeReplicas.View> views(String logGroup) {
    return byNode.values().stream().map(node -> node.view(logGroup)).filter(Objects::nonNull);
  }

  /** The membership of a log group, as far as anybody said. */
  public Membership membership(String logGroup) {
    Membership known =
        views(logGroup)
            .filter(view -> view.membership() != null && !view.membership().voters().isEmpty())
            .max(NEWEST)
            .map(NodeReplicas.View::membership)
            .orElse(null);
    if (known != null) {
      return known;
    }
    LogGroupPlan founded = book.plan().logGroup(logGroup);
    return founded == null ? Membership.NOBODY : founded.membership();
  }

  /** The nodes that should have a log group's voters; null when nobody has said so. */
  @Nullable List<String> wanted(String logGroup) {
    Wanted known = wanted.get(logGroup);
    return known == null ? null : known.nodes();
  }

  /**
   * The nodes that may lead a log group, the preferred one first: those of its voters that are
   * there and are to stay, or else all that are there. Any thread.
   */
  public List<String> candidates(String logGroup) {
    List<String> voters =
        membership(logGroup).voters().stream()
            .filter(voter -> !isLost(logGroup, voter))
            .map(ReplicaId::node)
            .distinct()
            .toList();
    List<String> order = wanted(logGroup);
    if (order == null) {
      LogGroupPlan founded = book.plan().logGroup(logGroup);
      order =
          founded == null
              ? List.of()
              : founded.voters().stream().map(ReplicaId::node).distinct().toList();
      return Stream.concat(order.stream().filter(voters::contains), voters.stream())
          .distinct()
          .toList();
    }
    List<String> staying = order.stream().filter(voters::contains).toList();
    return staying.isEmpty() ? voters : staying;
  }

  /**
   * The nodes that have a log group: the {@link #candidates}, then those that have it without a
   * vote. Any thread.
   */
  public List<String> holders(String logGroup) {
    return Stream.concat(
            candidates(logGroup).stream(),
            membership(logGroup).learners().stream().map(ReplicaId::node))
        .distinct()
        .toList();
  }

  /** Whether its node says that it has no such replica, or another one. */
  private boolean isLost(String logGroup, ReplicaId replica) {
    NodeReplicas said = node(replica.node());
    return said != null && !said.has(logGroup, replica);
  }

  List<String> logGroups() {
    return book.logGroupNames();
  }
}
