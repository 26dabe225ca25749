package io.sampo.wire.body;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * What a group wants of a topic (the answer to 345).
 *
 * @param subscription null when none of its members names the topic
 */
public record GroupSubscription(
    String group, String topic, @Nullable SubscriptionData subscription) {
  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    root.put("group", group);
    if (subscription != null) {
      root.set("subscriptionData", subscription.toNode());
    }
    root.put("topic", topic);
    return BodyJson.write(root);
  }
}
