package io.sampo.routing.boot;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where a running node can be reached, with the ports that it really got.
 *
 * @param host what all ports are bound to
 * @param nameServerPort what clients set as their name server
 * @param brokerPorts by log group, in their order
 * @param cluster which cluster the node is in, and its port for other nodes
 * @param managementPort health and membership over HTTP
 * @param dataDirectory absolute
 */
public record NodeAddresses(
    String host,
    int nameServerPort,
    Map<String, Integer> brokerPorts,
    ClusterAddress cluster,
    int managementPort,
    Path dataDirectory) {
  /** The cluster that the node is a member of, and its port there. */
  public record ClusterAddress(String name, int port) {}

  /** The same node with other ports for log groups. */
  NodeAddresses withBrokerPorts(Map<String, Integer> changed) {
    return new NodeAddresses(host, nameServerPort, changed, cluster, managementPort, dataDirectory);
  }

  /** What clients set as {@code namesrvAddr}. */
  public String nameServer() {
    return address(nameServerPort);
  }

  /** The port of a log group that the node has. */
  public int brokerPort(String logGroup) {
    Integer port = brokerPorts.get(logGroup);
    if (port == null) {
      throw new IllegalArgumentException("no log group is called " + logGroup);
    }
    return port;
  }

  /** All of it for people, in one line. */
  public String describe() {
    String brokers =
        brokerPorts.entrySet().stream()
            .map(broker -> broker.getKey() + " " + address(broker.getValue()))
            .collect(Collectors.joining(", "));
    return "name server "
        + nameServer()
        + ", "
        + brokers
        + ", cluster "
        + cluster.name()
        + " "
        + address(cluster.port())
        + ", management http://"
        + address(managementPort)
        + ", data "
        + dataDirectory;
  }

  private String address(int port) {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
