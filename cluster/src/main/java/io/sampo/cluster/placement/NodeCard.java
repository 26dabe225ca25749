package io.sampo.cluster.placement;

import io.sampo.cluster.serialization.ControlMessage;
import java.util.Map;

/**
 * What a node tells the others of itself: who it is and where it can be reached. Written by the
 * node alone, at each start and when it opens a port.
 *
 * @param node its name, which stays
 * @param disk the number of its data directory
 * @param host what its ports are bound to, and what clients are told
 * @param clusterAddress its address as a member of the cluster, as Pekko writes it
 * @param replicationPort for the streams that copy logs
 * @param nameServerPort for clients' route requests
 * @param brokerPorts for clients, by log group
 * @param managementPort health and membership over HTTP; 0 when that isn't available
 * @param learner whether the node only learns: it has copies, and votes and leads nowhere
 * @param settings those that should be the same on all nodes
 */
public record NodeCard(
    String node,
    long disk,
    String host,
    String clusterAddress,
    int replicationPort,
    int nameServerPort,
    Map<String, Integer> brokerPorts,
    int managementPort,
    boolean learner,
    CommonSettings settings)
    implements ControlMessage {
  public NodeCard {
    brokerPorts = Map.copyOf(brokerPorts);
  }

  /** The same node with other ports for clients. */
  public NodeCard withBrokerPorts(Map<String, Integer> changed) {
    return new NodeCard(
        node,
        disk,
        host,
        clusterAddress,
        replicationPort,
        nameServerPort,
        changed,
        managementPort,
        learner,
        settings);
  }
}
