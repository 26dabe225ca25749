package io.sampo.cluster.replication;

import java.net.InetSocketAddress;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * How other nodes are reached. Asked for every small message, so an answer must be had without
 * waiting; addresses may change, also to null and back. Safe from any thread.
 */
public interface ReplicaPeers {
  /** Of a node that has no peers. */
  ReplicaPeers NONE =
      new ReplicaPeers() {
        @Override
        public String clusterId() {
          return "";
        }

        @Override
        public @Nullable ActorRef<CommitLog.Command> commitLog(String node, String logGroup) {
          return null;
        }

        @Override
        public @Nullable InetSocketAddress replicationAddress(String node) {
          return null;
        }
      };

  /** The cluster that this node belongs to; a replica of another one is a stranger. */
  String clusterId();

  /**
   * The actor that owns a node's replica of a log group; null when it isn't known where the node
   * is. Whether there is such an actor need not be known.
   */
  @Nullable ActorRef<CommitLog.Command> commitLog(String node, String logGroup);

  /** Where a node takes the connections of followers; null when that isn't known. */
  @Nullable InetSocketAddress replicationAddress(String node);
}
