package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * The queues that a client holds the locks of (the answer to 41).
 *
 * @param queues equal to those that the client named: it looks for its own, broker name included
 */
public record LockedQueues(List<QueueName> queues) {
  public LockedQueues {
    queues = List.copyOf(queues);
  }

  /**
   * Reads a body; its indices don't move.
   *
   * @throws io.sampo.wire.BadBodyException when it isn't such an answer
   */
  public static LockedQueues fromJson(ByteBuf body) {
    JsonNode root = BodyJson.readObject(body, "locked queues");
    return new LockedQueues(BodyJson.list(root, "lockOKMQSet", QueueName::fromNode));
  }

  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    BodyJson.putList(root, "lockOKMQSet", queues, QueueName::toNode);
    return BodyJson.write(root);
  }
}
