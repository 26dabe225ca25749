package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * The queues that a client is to consume (the answer to 400).
 *
 * @param queues queue id -1 stands for all queues of the broker, which can be popped only
 * @param pop whether the client pops them; else it pulls
 */
public record QueueAssignments(List<QueueName> queues, boolean pop) {
  private static final String POP = "POP";
  private static final String PULL = "PULL";

  public QueueAssignments {
    queues = List.copyOf(queues);
  }

  /**
   * Reads a body in which all queues have the same mode; its indices don't move.
   *
   * @throws io.sampo.wire.BadBodyException when it isn't such an answer
   */
  public static QueueAssignments fromJson(ByteBuf body) {
    JsonNode root = BodyJson.readObject(body, "assigned queues");
    JsonNode first = root.path("messageQueueAssignments").path(0);
    return new QueueAssignments(
        BodyJson.list(
            root, "messageQueueAssignments", node -> QueueName.fromNode(node.path("messageQueue"))),
        BodyJson.text(first, "mode", PULL).equals(POP));
  }

  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    BodyJson.putList(
        root,
        "messageQueueAssignments",
        queues,
        queue -> {
          ObjectNode node = BodyJson.object();
          node.set("messageQueue", queue.toNode());
          node.put("mode", pop ? POP : PULL);
          return node;
        });
    return BodyJson.write(root);
  }
}
