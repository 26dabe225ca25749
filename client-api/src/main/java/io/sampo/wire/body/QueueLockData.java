package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * The body of a request for queue locks (41) and of giving them back (42).
 *
 * @param group the consumer group
 * @param clientId who wants or has the locks
 * @param queues of one broker, as the client knows it
 */
public record QueueLockData(String group, String clientId, List<QueueName> queues) {
  public QueueLockData {
    queues = List.copyOf(queues);
  }

  /**
   * Reads a body; its indices don't move.
   *
   * @throws io.sampo.wire.BadBodyException when it isn't such a request
   */
  public static QueueLockData fromJson(ByteBuf body) {
    JsonNode root = BodyJson.readObject(body, "a lock request");
    return new QueueLockData(
        BodyJson.text(root, "consumerGroup"),
        BodyJson.text(root, "clientId"),
        BodyJson.list(root, "mqSet", QueueName::fromNode));
  }

  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    root.put("clientId", clientId);
    root.put("consumerGroup", group);
    BodyJson.putList(root, "mqSet", queues, QueueName::toNode);
    root.put("onlyThisBroker", false);
    return BodyJson.write(root);
  }
}
