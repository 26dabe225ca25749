package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A topic as tools see and set it (the answer to 351).
 *
 * @param readQueues consumers see the queues 0 to readQueues - 1, at each broker
 * @param writeQueues producers see the queues 0 to writeQueues - 1, at each broker
 * @param perm the PERM_ bits of {@link TopicRouteData}
 * @param filterType SINGLE_TAG, or MULTI_TAG of old
 * @param sysFlag passed through
 * @param order whether a tool marked it as ordered
 * @param attributes such as message.type; clients before 5.0 don't know them
 */
public record TopicConfigData(
    String name,
    int readQueues,
    int writeQueues,
    int perm,
    String filterType,
    int sysFlag,
    boolean order,
    Map<String, String> attributes) {
  /** What every topic has but those of old. */
  public static final String SINGLE_TAG = "SINGLE_TAG";

  public TopicConfigData {
    attributes = Map.copyOf(attributes);
  }

  /**
   * Reads a body; its indices don't move.
   *
   * @throws io.sampo.wire.BadBodyException when it isn't a topic
   */
  public static TopicConfigData fromJson(ByteBuf body) {
    return fromNode(BodyJson.readObject(body, "a topic"));
  }

  static TopicConfigData fromNode(JsonNode node) {
    Map<String, String> attributes = new LinkedHashMap<>();
    node.path("attributes")
        .properties()
        .forEach(entry -> attributes.put(entry.getKey(), entry.getValue().asText()));
    return new TopicConfigData(
        BodyJson.text(node, "topicName"),
        node.path("readQueueNums").asInt(),
        node.path("writeQueueNums").asInt(),
        node.path("perm").asInt(),
        BodyJson.text(node, "topicFilterType", SINGLE_TAG),
        node.path("topicSysFlag").asInt(),
        node.path("order").asBoolean(),
        attributes);
  }

  public byte[] toJson() {
    return BodyJson.write(toNode());
  }

  ObjectNode toNode() {
    ObjectNode node = BodyJson.object();
    ObjectNode named = node.putObject("attributes");
    attributes.forEach(named::put);
    node.put("order", order);
    node.put("perm", perm);
    node.put("readQueueNums", readQueues);
    node.put("topicFilterType", filterType);
    node.put("topicName", name);
    node.put("topicSysFlag", sysFlag);
    node.put("writeQueueNums", writeQueues);
    return node;
  }
}
