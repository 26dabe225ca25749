package io.sampo.routing.request;

import io.sampo.actors.group.LeaderDirectory;
import io.sampo.actors.group.LogGroup.LeaderAnnouncement;
import io.sampo.cluster.placement.NodeCard;
import io.sampo.routing.net.RelayPeer.Address;
import io.sampo.routing.request.LogGroupPlace.Leader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The ports of the cluster's nodes: whom clients and relayed requests are sent to. Reads what the
 * node knows of leaders, cards and members, and waits for nothing. Any thread.
 */
final class ClusterNodes {
  /** What the nodes say of themselves; each answers null for a node whose card has not come. */
  interface Cards {
    /** By the node's address in the cluster. */
    @Nullable NodeCard at(String clusterAddress);

    /** By the node's name. */
    @Nullable NodeCard of(String node);
  }

  private final LeaderDirectory leaders;
  private final Cards cards;
  private final Function<String, List<String>> replicaNodes;
  private final Supplier<Set<String>> reachable;
  private final ToLongFunction<String> ledEpoch;

  /**
   * @param replicaNodes the names of the nodes that have a log group, the preferred leader first
   * @param reachable the cluster addresses of the members that are up and can be reached
   * @param ledEpoch the epoch under which this node's log of a log group is led, 0 when it isn't
   */
  ClusterNodes(
      LeaderDirectory leaders,
      Cards cards,
      Function<String, List<String>> replicaNodes,
      Supplier<Set<String>> reachable,
      ToLongFunction<String> ledEpoch) {
    this.leaders = leaders;
    this.cards = cards;
    this.replicaNodes = replicaNodes;
    this.reachable = reachable;
    this.ledEpoch = ledEpoch;
  }

  /**
   * Who leads a log group, null when nobody is known to, or where that is. When it is this node its
   * log must say so, too: that knows first when another one leads.
   */
  @Nullable Leader leader(String logGroup) {
    LeaderAnnouncement announced = leaders.leadership(logGroup);
    if (announced == null) {
      return null;
    }
    if (!RemoteGroups.isRemote(announced.leader())) {
      return ledEpoch.applyAsLong(logGroup) == announced.epoch()
          ? new Leader(announced.epoch(), null)
          : null;
    }
    NodeCard card = cards.at(announced.leader().path().address().toString());
    Address address = card == null ? null : port(card, logGroup);
    return address == null ? null : new Leader(announced.epoch(), address);
  }

  /** The ports of the nodes that have a copy of a log group and can be reached, but one. */
  List<Address> copies(String logGroup, Address leader) {
    Set<String> up = reachable.get();
    List<Address> copies = new ArrayList<>();
    for (String node : replicaNodes.apply(logGroup)) {
      NodeCard card = cards.of(node);
      Address address =
          card == null || !up.contains(card.clusterAddress()) ? null : port(card, logGroup);
      if (address != null && !address.equals(leader)) {
        copies.add(address);
      }
    }
    return copies;
  }

  /** A port of each node that can be reached, but this one's. */
  List<Address> others(String logGroup, Address here) {
    List<Address> others = new ArrayList<>();
    for (String clusterAddress : reachable.get()) {
      NodeCard card = cards.at(clusterAddress);
      Address address = card == null ? null : port(card, logGroup);
      if (address != null && !address.equals(here)) {
        others.add(address);
      }
    }
    return others;
  }

  private static @Nullable Address port(NodeCard card, String logGroup) {
    Integer port = card.brokerPorts().get(logGroup);
    return port == null ? null : new Address(card.host(), port);
  }
}
