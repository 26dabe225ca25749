package io.sampo.cluster.placement;

import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.ReplicaPeers;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.jspecify.annotations.Nullable;

/**
 * Finds the replicas on other nodes by the nodes' cards. A commit log is an actor below its node's
 * {@link ReplicaKeeper}, by a name that follows from its log group's. Any thread.
 */
public final class NodePeers implements ReplicaPeers {
  private final ActorRefResolver resolver;
  private final NodeDirectory nodes;
  private final String clusterId;
  private final Map<String, Peer> peers = new ConcurrentHashMap<>();

  /** What was made of a card. */
  private record Peer(
      NodeCard card,
      InetSocketAddress replicationAddress,
      Map<String, ActorRef<CommitLog.Command>> commitLogs) {}

  public NodePeers(ActorSystem<?> system, NodeDirectory nodes, String clusterId) {
    this.resolver = ActorRefResolver.get(system);
    this.nodes = nodes;
    this.clusterId = clusterId;
  }

  /** What the actor of a log group's log is to be called, on every node. */
  public static String commitLogName(String logGroup) {
    return "commit-log-" + logGroup;
  }

  @Override
  public String clusterId() {
    return clusterId;
  }

  @Override
  public @Nullable ActorRef<CommitLog.Command> commitLog(String node, String logGroup) {
    Peer peer = peer(node);
    return peer == null
        ? null
        : peer.commitLogs()
            .computeIfAbsent(
                logGroup,
                name ->
                    resolver.resolveActorRef(
                        peer.card().clusterAddress()
                            + "/user/"
                            + ReplicaKeeper.NAME
                            + "/"
                            + commitLogName(name)));
  }

  /** The actor that keeps a node's replicas; null when it isn't known where the node is. */
  @Nullable ActorRef<ReplicaKeeper.Command> keeper(String node) {
    Peer peer = peer(node);
    return peer == null
        ? null
        : resolver.resolveActorRef(peer.card().clusterAddress() + "/user/" + ReplicaKeeper.NAME);
  }

  @Override
  public @Nullable InetSocketAddress replicationAddress(String node) {
    Peer peer = peer(node);
    return peer == null || peer.card().replicationPort() == 0 ? null : peer.replicationAddress();
  }

  private @Nullable Peer peer(String node) {
    NodeCard card = nodes.card(node);
    if (card == null) {
      return null;
    }
    Peer known = peers.get(node);
    if (known == null || !known.card().equals(card)) {
      known =
          new Peer(
              card,
              InetSocketAddress.createUnresolved(card.host(), card.replicationPort()),
              new ConcurrentHashMap<>());
      peers.put(node, known);
    }
    return known;
  }
}
