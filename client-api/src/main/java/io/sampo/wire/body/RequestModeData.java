package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.sampo.wire.BadBodyException;

/**
 * The body of the order to consume a topic by pop or by pull (401).
 *
 * @param pop else pull
 * @param sharedQueues how many other clients' queues each client pops beside its own, 0 for all
 */
public record RequestModeData(String group, String topic, boolean pop, int sharedQueues) {
  private static final String POP = "POP";
  private static final String PULL = "PULL";

  /**
   * Reads a body; its indices don't move.
   *
   * @throws BadBodyException when it isn't such an order
   */
  public static RequestModeData fromJson(ByteBuf body) {
    JsonNode root = BodyJson.readObject(body, "a mode of consumption");
    String mode = BodyJson.text(root, "mode");
    if (!mode.equals(POP) && !mode.equals(PULL)) {
      throw new BadBodyException("the mode is POP or PULL, not " + mode, null);
    }
    return new RequestModeData(
        BodyJson.text(root, "consumerGroup"),
        BodyJson.text(root, "topic"),
        mode.equals(POP),
        root.path("popShareQueueNum").asInt(0));
  }

  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    root.put("consumerGroup", group);
    root.put("mode", pop ? POP : PULL);
    root.put("popShareQueueNum", sharedQueues);
    root.put("topic", topic);
    return BodyJson.write(root);
  }
}
