package io.sampo.cluster.replication;

import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.protocol.ReplicaMessage;
import io.sampo.cluster.replication.CommitLog.Command;
import io.sampo.cluster.replication.CommitLog.FromPeer;
import org.apache.pekko.actor.typed.ActorRef;

/** Takes a replica's messages to the others of its log group. The commit log's thread only. */
final class PeerLinks {
  private final String logGroup;
  private final ReplicaId self;
  private final ReplicaPeers peers;

  PeerLinks(String logGroup, ReplicaId self, ReplicaPeers peers) {
    this.logGroup = logGroup;
    this.self = self;
    this.peers = peers;
  }

  /** Sends a message, if it is known where to; whoever sends one asks again. */
  void send(ReplicaId to, ReplicaMessage message) {
    ActorRef<Command> peer = peers.commitLog(to.node(), logGroup);
    if (peer != null) {
      peer.tell(new FromPeer(self, to, message));
    }
  }
}
