package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * A consumer group in a heartbeat. Types are text, so that what a newer client says is passed on
 * even when it isn't known here.
 *
 * @param group the group
 * @param consumeType {@link #PUSH}, {@link #PULL} or {@link #POP}
 * @param messageModel {@link #CLUSTERING} or {@link #BROADCASTING}
 * @param consumeFrom where a group without offsets starts
 * @param unitMode passed through
 * @param subscriptions by topic; none for clients that name theirs in each pull
 */
public record ConsumerData(
    String group,
    String consumeType,
    String messageModel,
    String consumeFrom,
    boolean unitMode,
    List<SubscriptionData> subscriptions) {
  public static final String PUSH = "CONSUME_PASSIVELY";
  public static final String PULL = "CONSUME_ACTIVELY";
  public static final String POP = "CONSUME_POP";
  public static final String CLUSTERING = "CLUSTERING";
  public static final String BROADCASTING = "BROADCASTING";
  public static final String FROM_LAST_OFFSET = "CONSUME_FROM_LAST_OFFSET";
  public static final String FROM_FIRST_OFFSET = "CONSUME_FROM_FIRST_OFFSET";
  public static final String FROM_TIMESTAMP = "CONSUME_FROM_TIMESTAMP";

  public ConsumerData {
    subscriptions = List.copyOf(subscriptions);
  }

  static ConsumerData fromNode(JsonNode node) {
    return new ConsumerData(
        BodyJson.text(node, "groupName"),
        BodyJson.text(node, "consumeType", PUSH),
        BodyJson.text(node, "messageModel", CLUSTERING),
        BodyJson.text(node, "consumeFromWhere", FROM_LAST_OFFSET),
        node.path("unitMode").asBoolean(),
        BodyJson.list(node, "subscriptionDataSet", SubscriptionData::fromNode));
  }

  ObjectNode toNode() {
    ObjectNode node = BodyJson.object();
    node.put("groupName", group);
    node.put("consumeType", consumeType);
    node.put("messageModel", messageModel);
    node.put("consumeFromWhere", consumeFrom);
    node.put("unitMode", unitMode);
    BodyJson.putList(node, "subscriptionDataSet", subscriptions, SubscriptionData::toNode);
    return node;
  }
}
