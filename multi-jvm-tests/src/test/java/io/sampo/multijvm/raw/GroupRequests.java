package io.sampo.multijvm.raw;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** What members of groups ask, as fields and bodies. */
public final class GroupRequests {
  private GroupRequests() {}

  /** Returns a failed message (36). */
  public static Map<String, String> sendBack(String group, long position) {
    return Map.of("group", group, "offset", Long.toString(position), "delayLevel", "0");
  }

  /** Sets a group to the beginning of a topic (222). */
  public static Map<String, String> reset(String group, String topic) {
    Map<String, String> fields = new HashMap<>();
    fields.put("group", group);
    fields.put("topic", topic);
    fields.put("timestamp", "0");
    fields.put("isForce", "true");
    return fields;
  }

  /** Ends a transaction (37). */
  public static Map<String, String> end(
      String group, String offset, String position, String outcome) {
    return Map.of(
        "producerGroup",
        group,
        "tranStateTableOffset",
        offset,
        "commitLogOffset",
        position,
        "commitOrRollback",
        outcome,
        "fromTransactionCheck",
        "false",
        "msgId",
        "none");
  }

  /** The body of a request for a queue lock (41). */
  public static byte[] lock(String group, String clientId, String topic) {
    return utf8(
        "{\"clientId\":\"%s\",\"consumerGroup\":\"%s\",\"mqSet\":[{\"brokerName\":\"broker-0\","
                .formatted(clientId, group)
            + "\"queueId\":0,\"topic\":\"%s\"}],\"onlyThisBroker\":false}".formatted(topic));
  }

  /** The body of a heartbeat (34) of a consumer. */
  public static byte[] heartbeat(String group, String clientId, String topic) {
    return utf8(
        ("{\"clientID\":\"%s\",\"consumerDataSet\":[{\"groupName\":\"%s\","
                + "\"consumeType\":\"CONSUME_PASSIVELY\",\"messageModel\":\"CLUSTERING\","
                + "\"consumeFromWhere\":\"CONSUME_FROM_FIRST_OFFSET\",\"unitMode\":false,"
                + "\"subscriptionDataSet\":[{\"topic\":\"%s\",\"subString\":\"*\","
                + "\"expressionType\":\"TAG\",\"tagsSet\":[],\"codeSet\":[],\"subVersion\":1,"
                + "\"classFilterMode\":false}]}],\"producerDataSet\":[]}")
            .formatted(clientId, group, topic));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
