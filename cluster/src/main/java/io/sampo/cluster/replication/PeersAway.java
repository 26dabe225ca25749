package io.sampo.cluster.replication;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes that replicas here would follow and can't reach. It says so once when a node goes away
 * and once when it is back, however many log groups there are and however often they try. Any
 * thread.
 */
final class PeersAway {
  private static final Logger LOG = LoggerFactory.getLogger(PeersAway.class);

  private final Set<String> nodes = ConcurrentHashMap.newKeySet();

  /**
   * A connection to a node ended, or never came about.
   *
   * @param cause null when the node ended it
   */
  void lost(String node, @Nullable Throwable cause) {
    if (nodes.add(node)) {
      LOG.info(
          "{} can't be followed, its replication port {}; trying on",
          node,
          cause == null ? "was closed" : "gave: " + cause);
    }
  }

  /** A node was heard over a connection. */
  void heard(String node) {
    if (nodes.remove(node)) {
      LOG.info("{} can be followed again", node);
    }
  }
}
