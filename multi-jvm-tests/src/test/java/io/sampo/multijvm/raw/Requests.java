package io.sampo.multijvm.raw;

import java.util.LinkedHashMap;
import java.util.Map;

/** Request and response codes that the tests speak by hand, and the fields that go with them. */
public final class Requests {
  public static final int PULL_MESSAGE = 11;
  public static final int QUERY_CONSUMER_OFFSET = 14;
  public static final int UPDATE_CONSUMER_OFFSET = 15;
  public static final int GET_MAX_OFFSET = 30;
  public static final int CONSUMER_SEND_MSG_BACK = 36;
  public static final int END_TRANSACTION = 37;
  public static final int GET_ROUTE = 105;
  public static final int RESET_OFFSET = 222;
  public static final int SEND_MESSAGE_V2 = 310;
  public static final int SEND_BATCH_MESSAGE = 320;
  public static final int RESUME_CHECK_HALF_MESSAGE = 323;

  public static final int SUCCESS = 0;
  public static final int SYSTEM_ERROR = 1;
  public static final int REQUEST_CODE_NOT_SUPPORTED = 3;
  public static final int MESSAGE_ILLEGAL = 13;
  public static final int TOPIC_NOT_EXIST = 17;
  public static final int PULL_NOT_FOUND = 19;
  public static final int PULL_OFFSET_MOVED = 21;
  public static final int QUERY_NOT_FOUND = 22;
  public static final int SUBSCRIPTION_PARSE_FAILED = 23;
  public static final int INVALID_PARAMETER = 29;

  private static final int MAY_SUSPEND_AND_HAS_SUBSCRIPTION = 0x2 | 0x4;

  private Requests() {}

  /**
   * The fields of a send of one message (code 310).
   *
   * @param properties in the wire's form, empty for none
   */
  public static Map<String, String> send(String topic, int queueId, String properties) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("a", "raw-producer");
    fields.put("b", topic);
    fields.put("c", "TBW102");
    fields.put("d", "4");
    fields.put("e", Integer.toString(queueId));
    fields.put("f", "0");
    fields.put("g", Long.toString(System.currentTimeMillis()));
    fields.put("h", "0");
    fields.put("i", properties);
    return fields;
  }

  /**
   * The fields of a pull (code 11) that brings its own subscription to all tags.
   *
   * @param suspendMillis how long the broker may hold it, 0 for an answer at once
   */
  public static Map<String, String> pull(
      String group, String topic, int queueId, long offset, long suspendMillis) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("consumerGroup", group);
    fields.put("topic", topic);
    fields.put("queueId", Integer.toString(queueId));
    fields.put("queueOffset", Long.toString(offset));
    fields.put("maxMsgNums", "32");
    fields.put(
        "sysFlag",
        Integer.toString(
            suspendMillis > 0
                ? MAY_SUSPEND_AND_HAS_SUBSCRIPTION
                : MAY_SUSPEND_AND_HAS_SUBSCRIPTION & ~0x2));
    fields.put("commitOffset", "0");
    fields.put("suspendTimeoutMillis", Long.toString(suspendMillis));
    fields.put("subscription", "*");
    fields.put("subVersion", "0");
    fields.put("expressionType", "TAG");
    return fields;
  }

  /** The fields that name a group's place in a queue (codes 14 and, with an offset, 15). */
  public static Map<String, String> groupQueue(String group, String topic, int queueId) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("consumerGroup", group);
    fields.put("topic", topic);
    fields.put("queueId", Integer.toString(queueId));
    return fields;
  }
}
