package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.sampo.wire.body.TopicRouteData.BrokerData;
import java.util.List;

/**
 * The brokers of all clusters (the answer to 106).
 *
 * @param brokers in the order in which they are written
 */
public record ClusterData(List<BrokerData> brokers) {
  public ClusterData {
    brokers = List.copyOf(brokers);
  }

  /**
   * Reads a body; its indices don't move.
   *
   * @throws io.sampo.wire.BadBodyException when it isn't such an answer
   */
  public static ClusterData fromJson(ByteBuf body) {
    JsonNode root = BodyJson.readObject(body, "cluster information");
    return new ClusterData(BodyJson.list(root, "brokerAddrTable", BrokerData::fromNode));
  }

  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    ObjectNode byName = root.putObject("brokerAddrTable");
    ObjectNode namesByCluster = root.putObject("clusterAddrTable");
    for (BrokerData broker : brokers) {
      byName.set(broker.brokerName(), broker.toNode());
      ArrayNode names = namesByCluster.withArrayProperty(broker.cluster());
      names.add(broker.brokerName());
    }
    return BodyJson.write(root);
  }
}
