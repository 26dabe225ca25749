package io.sampo.wire.body;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * The producers that are connected, by their groups (the answers to 204 and 328).
 *
 * @param byGroup the producers of each group
 */
public record ProducerConnections(Map<String, List<Producer>> byGroup) {
  /**
   * One producer.
   *
   * @param seenAtMs its last heartbeat, in milliseconds since 1970
   */
  public record Producer(ConnectionData connection, long seenAtMs) {}

  public ProducerConnections {
    byGroup = Map.copyOf(byGroup);
  }

  /** The answer to 204, which is for one group. */
  public byte[] toJson(String group) {
    ObjectNode root = BodyJson.object();
    BodyJson.putList(
        root,
        "connectionSet",
        byGroup.getOrDefault(group, List.of()),
        producer -> producer.connection().toNode());
    return BodyJson.write(root);
  }

  /** The answer to 328, which is for all. */
  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    ObjectNode data = root.putObject("data");
    byGroup.forEach(
        (group, producers) -> {
          ArrayNode array = data.putArray(group);
          producers.forEach(
              producer -> {
                ObjectNode node = producer.connection().toNode();
                node.set("remoteIP", node.remove("clientAddr"));
                array.add(node.put("lastUpdateTimestamp", producer.seenAtMs()));
              });
        });
    return BodyJson.write(root);
  }
}
