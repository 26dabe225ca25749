package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sampo.wire.BadBodyException;

/**
 * A queue as clients name it in bodies.
 *
 * @param broker what the client calls the broker; empty when it doesn't say
 * @param queueId as sent, so perhaps of no queue at all
 */
public record QueueName(String broker, String topic, int queueId) {
  static QueueName fromNode(JsonNode node) {
    JsonNode queueId = node.path("queueId");
    if (!queueId.isInt()) {
      throw new BadBodyException("the body has a queue without a queueId", null);
    }
    return new QueueName(
        BodyJson.text(node, "brokerName", ""), BodyJson.text(node, "topic"), queueId.intValue());
  }

  JsonNode toNode() {
    ObjectNode node = BodyJson.object();
    node.put("brokerName", broker);
    node.put("queueId", queueId);
    node.put("topic", topic);
    return node;
  }
}
