package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * The body of a heartbeat (34): all groups that a client belongs to. Its fingerprint is not read,
 * so that clients never leave their subscriptions out.
 *
 * @param clientId who is alive
 * @param producerGroups the groups it produces for
 * @param consumers the groups it consumes in
 */
public record HeartbeatData(
    String clientId, List<String> producerGroups, List<ConsumerData> consumers) {
  public HeartbeatData {
    producerGroups = List.copyOf(producerGroups);
    consumers = List.copyOf(consumers);
  }

  /**
   * Reads a body; its indices don't move.
   *
   * @throws io.sampo.wire.BadBodyException when it isn't a heartbeat
   */
  public static HeartbeatData fromJson(ByteBuf body) {
    JsonNode root = BodyJson.readObject(body, "a heartbeat");
    return new HeartbeatData(
        BodyJson.text(root, "clientID"),
        BodyJson.list(root, "producerDataSet", producer -> BodyJson.text(producer, "groupName")),
        BodyJson.list(root, "consumerDataSet", ConsumerData::fromNode));
  }

  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    root.put("clientID", clientId);
    BodyJson.putList(
        root,
        "producerDataSet",
        producerGroups,
        group -> BodyJson.object().put("groupName", group));
    BodyJson.putList(root, "consumerDataSet", consumers, ConsumerData::toNode);
    return BodyJson.write(root);
  }
}
