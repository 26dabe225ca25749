package io.sampo.routing.request;

import io.sampo.record.HostAddress;
import io.sampo.routing.net.RelayPeer;
import io.sampo.wire.body.TopicRouteData.BrokerData;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The log groups as clients see them: brokers of one cluster, each at an address of this node.
 * Message ids name that address too, so it is one that clients can connect to; the node that leads
 * now is in {@link BrokerRoutes}.
 *
 * @param clusterName what routes call the cluster
 * @param brokers in the order in which routes name them
 */
record Brokers(String clusterName, List<Broker> brokers) {
  Brokers {
    brokers = List.copyOf(brokers);
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

  /** The log group's broker. Asked for by every send, so without an iterator. */
  Broker broker(String logGroup) {
    for (int i = 0; i < brokers.size(); i++) {
      if (brokers.get(i).name().equals(logGroup)) {
        return brokers.get(i);
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
