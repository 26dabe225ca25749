package io.sampo.wire.body;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Who consumes in a group, and how (the answer to 203).
 *
 * @param consumeType as the heartbeats say, such as {@link ConsumerData#PUSH}
 * @param messageModel {@link ConsumerData#CLUSTERING} or {@link ConsumerData#BROADCASTING}
 * @param consumeFrom where a new group starts
 * @param subscriptions one of each topic
 */
public record ConsumerConnections(
    List<ConnectionData> connections,
    String consumeType,
    String messageModel,
    String consumeFrom,
    List<SubscriptionData> subscriptions) {
  public ConsumerConnections {
    connections = List.copyOf(connections);
    subscriptions = List.copyOf(subscriptions);
  }

  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    BodyJson.putList(root, "connectionSet", connections, ConnectionData::toNode);
    root.put("consumeType", consumeType);
    root.put("messageModel", messageModel);
    root.put("consumeFromWhere", consumeFrom);
    ObjectNode byTopic = root.putObject("subscriptionTable");
    subscriptions.forEach(subscription -> byTopic.set(subscription.topic(), subscription.toNode()));
    return BodyJson.write(root);
  }
}
