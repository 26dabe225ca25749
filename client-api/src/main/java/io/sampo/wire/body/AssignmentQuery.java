package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;

/**
 * The body of the question which queues a client is to consume, and how (400).
 *
 * @param strategy how queues are shared out, such as AVG
 * @param messageModel CLUSTERING or BROADCASTING
 */
public record AssignmentQuery(
    String group, String topic, String clientId, String strategy, String messageModel) {
  /** The strategy of clients that say nothing. */
  public static final String AVERAGE = "AVG";

  /**
   * Reads a body; its indices don't move.
   *
   * @throws io.sampo.wire.BadBodyException when it isn't such a question
   */
  public static AssignmentQuery fromJson(ByteBuf body) {
    JsonNode root = BodyJson.readObject(body, "a question for queues");
    return new AssignmentQuery(
        BodyJson.text(root, "consumerGroup"),
        BodyJson.text(root, "topic"),
        BodyJson.text(root, "clientId"),
        BodyJson.text(root, "strategyName", AVERAGE),
        BodyJson.text(root, "messageModel", "CLUSTERING"));
  }

  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    root.put("clientId", clientId);
    root.put("consumerGroup", group);
    root.put("messageModel", messageModel);
    root.put("strategyName", strategy);
    root.put("topic", topic);
    return BodyJson.write(root);
  }
}
