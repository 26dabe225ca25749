package io.sampo.multijvm.raw;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is said and answered about popping, by hand. */
public final class Pops {
  public static final int UPDATE_GROUP = 200;
  public static final int SET_MESSAGE_REQUEST_MODE = 401;
  public static final int POP_MESSAGE = 200_050;
  public static final int ACK_MESSAGE = 200_051;
  public static final int CHANGE_INVISIBLE = 200_053;
  public static final int NOTIFICATION = 200_054;
  public static final int BATCH_ACK_MESSAGE = 200_151;

  public static final int NO_MESSAGE = 208;
  public static final int POLLING_TIMEOUT = 210;

  private static final int QUEUE_ID_AT = 12;
  private static final int QUEUE_OFFSET_AT = 20;
  private static final int RECONSUME_TIMES_AT = 72;

  private Pops() {}

  /** A popped message, with the handle that a client makes for it. */
  public record PoppedMessage(
      int queueId, long offset, int reconsumeTimes, long popTime, String handle) {}

  /** The body that has a group pop a topic (401). */
  public static byte[] popMode(String group, String topic) {
    return "{\"consumerGroup\":\"%s\",\"mode\":\"POP\",\"popShareQueueNum\":0,\"topic\":\"%s\"}"
        .formatted(group, topic)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** The fields of a pop of everything. */
  public static Map<String, String> pop(
      String group, String topic, int queueId, int messages, long invisibleMs, long pollMs) {
    Map<String, String> fields = Requests.groupQueue(group, topic, queueId);
    fields.put("maxMsgNums", Integer.toString(messages));
    fields.put("invisibleTime", Long.toString(invisibleMs));
    fields.put("pollTime", Long.toString(pollMs));
    fields.put("bornTime", Long.toString(System.currentTimeMillis()));
    fields.put("initMode", "0");
    fields.put("expType", "TAG");
    fields.put("exp", "*");
    return fields;
  }

  /** The fields that name a message (200051 and, with an invisible time, 200053). */
  public static Map<String, String> delivery(String group, String topic, PoppedMessage message) {
    Map<String, String> fields = Requests.groupQueue(group, topic, message.queueId());
    fields.put("extraInfo", message.handle());
    fields.put("offset", Long.toString(message.offset()));
    return fields;
  }

  /** The messages of an answer, of one queue; their addresses are IPv4. */
  public static List<PoppedMessage> messages(RawResponse answer) {
    List<PoppedMessage> messages = new ArrayList<>();
    ByteBuffer body = ByteBuffer.wrap(answer.body());
    for (int at = 0; at < body.limit(); at += body.getInt(at)) {
      String start = answer.fields().getOrDefault("startOffsetInfo", "");
      messages.add(
          new PoppedMessage(
              body.getInt(at + QUEUE_ID_AT),
              body.getLong(at + QUEUE_OFFSET_AT),
              body.getInt(at + RECONSUME_TIMES_AT),
              answer.number("popTime"),
              "%s %d %d %d 0 broker-0 %d %d"
                  .formatted(
                      start.substring(start.lastIndexOf(' ') + 1),
                      answer.number("popTime"),
                      answer.number("invisibleTime"),
                      answer.number("reviveQid"),
                      body.getInt(at + QUEUE_ID_AT),
                      body.getLong(at + QUEUE_OFFSET_AT))));
    }
    return messages;
  }
}
