package io.sampo.routing.boot;

import io.sampo.cluster.placement.CharterBook;
import io.sampo.cluster.placement.NodeCard;
import io.sampo.cluster.placement.NodeDirectory;
import io.sampo.routing.request.ClientPorts;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a port on this node for each log group that its cluster opens while it runs, and tells the
 * others of it. A port that somebody else has is tried again until it is free, which the node's log
 * says once; until then this node can't answer for that log group. Any thread.
 */
final class GrowingPorts {
  private static final Logger LOG = LoggerFactory.getLogger(GrowingPorts.class);
  private static final Duration AGAIN = Duration.ofSeconds(2);
  private static final int PORT_MAX = 65535;

  private final ActorSystem<?> system;
  private final SampoSettings.Ports settings;
  private final ClientPorts clients;
  private final NodeDirectory nodes;
  private final CharterBook book;

  /** The log groups that have their ports, or are about to. */
  private final Set<String> known = new HashSet<>();

  private final Set<String> told = new HashSet<>();
  private NodeCard card;
  private volatile NodeAddresses addresses;

  /**
   * @param clients serving
   * @param card what the others know of this node
   * @param addresses as the node started with
   */
  GrowingPorts(
      ActorSystem<?> system,
      SampoSettings.Ports settings,
      ClientPorts clients,
      StartSteps.Serving serving,
      NodeCard card,
      NodeAddresses addresses) {
    this.system = system;
    this.settings = settings;
    this.clients = clients;
    this.nodes = serving.nodes();
    this.book = serving.book();
    this.card = card;
    this.addresses = addresses;
    known.addAll(addresses.brokerPorts().keySet());
  }

  /** Follows the cluster from now on. */
  void start() {
    book.addListener(plan -> look());
    look();
  }

  NodeAddresses addresses() {
    return addresses;
  }

  private synchronized void look() {
    List<String> all = book.logGroupNames();
    for (int i = 0; i < all.size(); i++) {
      if (known.add(all.get(i))) {
        open(all.get(i), settings.broker(i));
      }
    }
  }

  private void open(String logGroup, int port) {
    if (port > PORT_MAX) {
      LOG.error("{} can't be reached at this node: it has no port {}", logGroup, port);
      return;
    }
    clients
        .open(logGroup, port)
        .whenComplete(
            (taken, failure) -> {
              if (taken == null) {
                failed(logGroup, String.valueOf(failure));
              } else {
                opened(logGroup, taken);
              }
            });
  }

  private synchronized void opened(String logGroup, int port) {
    Map<String, Integer> ports = new LinkedHashMap<>(addresses.brokerPorts());
    ports.put(logGroup, port);
    addresses = addresses.withBrokerPorts(ports);
    card = card.withBrokerPorts(ports);
    nodes.publish(card);
    LOG.info("{} can be reached at port {}", logGroup, port);
  }

  private synchronized void failed(String logGroup, String reason) {
    if (told.add(logGroup)) {
      LOG.error(
          "{} can't be reached at this node yet: {}; it is tried again every {} s",
          logGroup,
          reason,
          AGAIN.toSeconds());
    }
    known.remove(logGroup);
    var unused = system.scheduler().scheduleOnce(AGAIN, this::look, system.executionContext());
  }
}
