package io.sampo.routing.request;

import io.sampo.actors.catalog.TopicConfig;
import io.sampo.record.HostAddress;
import io.sampo.routing.net.RelayPeer;
import io.sampo.wire.body.TopicRouteData.BrokerData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The log groups as clients see them: brokers of one cluster, each at an address of this node.
 * Message ids name that address too, so it is one that clients can connect to; the node that leads
 * now is in {@link BrokerRoutes}. More may come at the end, when the cluster opens a log group. Any
 * thread.
 */
final class Brokers {
  private final String clusterName;
  private volatile List<Broker> brokers;

  /** Without those that nobody has led yet since they were opened. */
  private volatile List<Broker> told;

  /**
   * @param clusterName what routes call the cluster
   * @param brokers in the order in which routes name them
   */
  Brokers(String clusterName, List<Broker> brokers) {
    this.clusterName = clusterName;
    this.brokers = List.copyOf(brokers);
    this.told = this.brokers;
  }

  /**
   * One log group.
   *
   * @param name the log group, which is the broker name
   * @param port of this node
   * @param storeHost the same address as records and message ids hold it
   */
  record Broker(String name, RelayPeer.Address port, HostAddress storeHost) {
    /** "host:port" for routes. */
    String address() {
      return port.toString();
    }
  }

  /** What routes call the cluster. */
  String clusterName() {
    return clusterName;
  }

  /** In the order in which routes name them; unmodifiable. */
  List<Broker> brokers() {
    return brokers;
  }

  /** Those of them that have queues of a topic, as clients are told. */
  List<Broker> of(TopicConfig topic) {
    List<Broker> all = told;
    return topic.isEverywhere()
        ? all
        : all.stream().filter(broker -> topic.isIn(index(broker.name()))).toList();
  }

  /** One more, which was just opened: clients aren't told of it until somebody leads it. */
  synchronized void add(Broker broker) {
    List<Broker> more = new ArrayList<>(brokers);
    more.add(broker);
    brokers = List.copyOf(more);
  }

  /** Somebody leads it, or has led it. */
  synchronized void tell(String logGroup) {
    List<Broker> before = told;
    if (before.size() < brokers.size()
        && before.stream().noneMatch(broker -> broker.name().equals(logGroup))) {
      told =
          brokers.stream()
              .filter(broker -> before.contains(broker) || broker.name().equals(logGroup))
              .toList();
    }
  }

  /** Whether clients are told of it. */
  boolean isTold(Broker broker) {
    return told.contains(broker);
  }

  /** The log group's broker. */
  Broker broker(String logGroup) {
    return brokers.get(index(logGroup));
  }

  /**
   * The log group's place in the order, from 0. Asked for by every send, so without an iterator.
   */
  int index(String logGroup) {
    List<Broker> all = brokers;
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).name().equals(logGroup)) {
        return i;
      }
    }
    throw new IllegalArgumentException("no log group is called " + logGroup);
  }

  /** As routes name them when there is no other node. */
  List<BrokerData> routeData() {
    return brokers.stream()
        .map(
            broker ->
                new BrokerData(
                    clusterName, broker.name(), new TreeMap<>(Map.of(0L, broker.address()))))
        .toList();
  }

  List<String> logGroups() {
    return brokers.stream().map(Broker::name).toList();
  }
}
