package io.sampo.routing.request;

import io.sampo.actors.catalog.TopicConfig;
import io.sampo.routing.net.RelayPeer.Address;
import io.sampo.routing.request.Brokers.Broker;
import io.sampo.routing.request.LogGroupPlace.Leader;
import io.sampo.wire.body.TopicRouteData.BrokerData;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The brokers as routes name them: each log group has the address of the node that leads it now, as
 * id 0, and those of the nodes with its other copies behind it, as slaves have theirs; last those
 * that only learn, since each node answers what it is asked by asking the leader. Order and names
 * never change, so clients see a moved leader as a changed address and nothing else. Made anew when
 * something happens, so reading costs nothing; any thread.
 *
 * <p>While nobody is known to lead, the last address stays: any node that lives answers for any log
 * group, so it works as long as that node does.
 */
final class BrokerRoutes {
  private static final long LEADER_ID = 0;

  private final Brokers brokers;
  private final @Nullable ClusterNodes nodes;
  private final Map<String, Address> lastLeaders = new HashMap<>();
  private volatile List<BrokerData> current;

  /**
   * @param brokers with this node's own addresses
   * @param nodes null when there is only this one
   */
  BrokerRoutes(Brokers brokers, @Nullable ClusterNodes nodes) {
    this.brokers = brokers;
    this.nodes = nodes;
    this.current = brokers.routeData();
    look();
  }

  List<BrokerData> brokers() {
    return current;
  }

  /** Something may have changed. */
  synchronized void look() {
    ClusterNodes others = nodes;
    if (others != null) {
      current =
          brokers.brokers().stream()
              .filter(broker -> isTold(broker, others))
              .map(broker -> broker(broker, others))
              .toList();
    }
  }

  /** One that was just opened is in no route before somebody leads it. */
  private boolean isTold(Broker own, ClusterNodes others) {
    if (!brokers.isTold(own) && others.leader(own.name()) != null) {
      brokers.tell(own.name());
    }
    return brokers.isTold(own);
  }

  /** Those that have queues of a topic. */
  List<BrokerData> brokersOf(TopicConfig topic) {
    List<BrokerData> all = current;
    return topic.isEverywhere()
        ? all
        : all.stream().filter(broker -> topic.isIn(brokers.index(broker.brokerName()))).toList();
  }

  private BrokerData broker(Broker own, ClusterNodes others) {
    Leader leader = others.leader(own.name());
    if (leader != null) {
      Address address = leader.address();
      lastLeaders.put(own.name(), address == null ? own.port() : address);
    }
    Address leading = lastLeaders.getOrDefault(own.name(), own.port());
    SortedMap<Long, String> addresses = new TreeMap<>();
    addresses.put(LEADER_ID, leading.toString());
    for (Address copy : others.copies(own.name(), leading)) {
      addresses.put((long) addresses.size(), copy.toString());
    }
    return new BrokerData(brokers.clusterName(), own.name(), addresses);
  }
}
