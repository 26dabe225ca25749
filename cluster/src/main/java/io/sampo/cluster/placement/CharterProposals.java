package io.sampo.cluster.placement;

import io.sampo.cluster.protocol.ReplicaId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What the {@link ReplicaPlacer} sees that the charter should say, and proposes until it does. It
 * remembers nothing: what is proposed follows from how things are. The placer's thread only.
 */
final class CharterProposals {
  private final ReplicaPlacer.Home home;
  private final ActorRef<Amendments.Note> amendments;
  private final ActorRef<Charter> nobody;

  CharterProposals(
      ReplicaPlacer.Home home, ActorRef<Amendments.Note> amendments, ActorRef<Charter> nobody) {
    this.home = home;
    this.amendments = amendments;
    this.nobody = nobody;
  }

  /** A log group for a node that leads none. */
  void grow(
      Map<String, List<String>> wanted, Map<String, NodeStanding> nodes, CommonSettings settings) {
    List<String> founders =
        settings.growOnJoin() ? LogGroupGrowth.next(wanted, nodes, settings.replicas()) : null;
    if (founders == null) {
      return;
    }
    List<ReplicaId> voters = new ArrayList<>();
    for (String node : founders) {
      NodeCard card = home.nodes().card(node);
      if (card == null) {
        return;
      }
      voters.add(new ReplicaId(node, card.disk()));
    }
    LogGroupPlan next =
        new LogGroupPlan(ClusterPlan.logGroupName(wanted.size()), voters, List.of());
    propose(replyTo -> new CharterKeeper.OpenLogGroup(next, replyTo));
  }

  /** Nodes that were given up and are there again. */
  void welcomeBack(NodeStandings standings) {
    home.book().charter().removed().stream()
        .filter(standings::isReachable)
        .forEach(node -> propose(to -> new CharterKeeper.RemoveNode(node, false, to)));
  }

  /** The settings that all nodes say. */
  void agree(Map<String, NodeStanding> nodes) {
    SortedMap<String, CommonSettings> said = new TreeMap<>();
    nodes.forEach(
        (node, standing) -> {
          NodeCard card = home.nodes().card(node);
          if (card != null && (standing == NodeStanding.UP || standing == NodeStanding.AWAY)) {
            said.put(node, card.settings());
          }
        });
    CommonSettings next = said.isEmpty() ? null : CommonSettings.next(home.book().settings(), said);
    if (next != null) {
      propose(replyTo -> new CharterKeeper.AgreeOn(next, replyTo));
    }
  }

  private void propose(Function<ActorRef<Charter>, CharterKeeper.Command> proposal) {
    amendments.tell(new Amendments.Propose(proposal, nobody));
  }
}
