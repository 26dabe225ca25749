package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * A subscription group as tools see and set it (the body of 200 and of the answer to 352).
 *
 * @param consumeEnable whether it may pull at all
 * @param consumeBroadcastEnable whether it may consume as a broadcast
 * @param retryQueues queues of its retry topic, at each broker
 * @param retryMaxTimes how often a message is tried again before it is a dead letter
 * @param notifyOnChange whether members are told when the group changes
 * @param others names of fields that ask for something that isn't here and that differs from what a
 *     group has which was never configured. Not among them is what nothing depends on: {@code
 *     consumeFromMinEnable}, {@code brokerId} and {@code whichBrokerWhenConsumeSlowly}
 */
public record GroupConfigData(
    String name,
    boolean consumeEnable,
    boolean consumeBroadcastEnable,
    int retryQueues,
    int retryMaxTimes,
    boolean notifyOnChange,
    List<String> others) {
  private static final int RETRY_QUEUES = 1;
  private static final int RETRY_MAX_TIMES = 16;
  private static final int CONSUME_TIMEOUT_MINUTES = 15;
  private static final String CUSTOMIZED = "CUSTOMIZED";

  public GroupConfigData {
    others = List.copyOf(others);
  }

  /**
   * Reads a body; its indices don't move.
   *
   * @throws io.sampo.wire.BadBodyException when it isn't a group
   */
  public static GroupConfigData fromJson(ByteBuf body) {
    return fromNode(BodyJson.readObject(body, "a subscription group"));
  }

  static GroupConfigData fromNode(JsonNode node) {
    return new GroupConfigData(
        BodyJson.text(node, "groupName"),
        node.path("consumeEnable").asBoolean(true),
        node.path("consumeBroadcastEnable").asBoolean(true),
        node.path("retryQueueNums").asInt(RETRY_QUEUES),
        node.path("retryMaxTimes").asInt(RETRY_MAX_TIMES),
        node.path("notifyConsumerIdsChangedEnable").asBoolean(true),
        others(node));
  }

  private static List<String> others(JsonNode node) {
    List<String> others = new ArrayList<>();
    if (node.path("consumeMessageOrderly").asBoolean(false)) {
      others.add("consumeMessageOrderly");
    }
    if (node.path("groupSysFlag").asInt(0) != 0) {
      others.add("groupSysFlag");
    }
    if (node.path("consumeTimeoutMinute").asInt(CONSUME_TIMEOUT_MINUTES)
        != CONSUME_TIMEOUT_MINUTES) {
      others.add("consumeTimeoutMinute");
    }
    JsonNode retry = node.path("groupRetryPolicy");
    if (!BodyJson.text(retry, "type", CUSTOMIZED).equals(CUSTOMIZED)
        || retry.path("customizedRetryPolicy").isObject()
        || retry.path("exponentialRetryPolicy").isObject()) {
      others.add("groupRetryPolicy");
    }
    for (String collection : List.of("subscriptionDataSet", "attributes")) {
      if (!node.path(collection).isEmpty()) {
        others.add(collection);
      }
    }
    return others;
  }

  public byte[] toJson() {
    return BodyJson.write(toNode());
  }

  /** What isn't here is written as a group has it that was never configured. */
  ObjectNode toNode() {
    ObjectNode node = BodyJson.object();
    node.putObject("attributes");
    node.put("brokerId", 0);
    node.put("consumeBroadcastEnable", consumeBroadcastEnable);
    node.put("consumeEnable", consumeEnable);
    node.put("consumeFromMinEnable", true);
    node.put("consumeMessageOrderly", false);
    node.put("consumeTimeoutMinute", CONSUME_TIMEOUT_MINUTES);
    node.put("groupName", name);
    node.putObject("groupRetryPolicy").put("type", CUSTOMIZED);
    node.put("groupSysFlag", 0);
    node.put("notifyConsumerIdsChangedEnable", notifyOnChange);
    node.put("retryMaxTimes", retryMaxTimes);
    node.put("retryQueueNums", retryQueues);
    node.put("whichBrokerWhenConsumeSlowly", 1);
    return node;
  }
}
