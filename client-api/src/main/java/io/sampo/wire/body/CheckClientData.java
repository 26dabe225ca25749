package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.sampo.wire.BadBodyException;

/**
 * The body of a check before a client starts (46): would the broker take this subscription?
 *
 * @param clientId who asks
 * @param group the consumer group
 * @param subscription what it wants to subscribe
 */
public record CheckClientData(String clientId, String group, SubscriptionData subscription) {
  /**
   * Reads a body; its indices don't move.
   *
   * @throws BadBodyException when it isn't such a check
   */
  public static CheckClientData fromJson(ByteBuf body) {
    JsonNode root = BodyJson.readObject(body, "a client check");
    JsonNode subscription = root.path("subscriptionData");
    if (!subscription.isObject()) {
      throw new BadBodyException("the body has no subscriptionData", null);
    }
    return new CheckClientData(
        BodyJson.text(root, "clientId"),
        BodyJson.text(root, "group"),
        SubscriptionData.fromNode(subscription));
  }

  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    root.put("clientId", clientId);
    root.put("group", group);
    root.set("subscriptionData", subscription.toNode());
    return BodyJson.write(root);
  }
}
