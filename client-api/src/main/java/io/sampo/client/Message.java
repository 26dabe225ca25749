package io.sampo.client;

import io.sampo.record.MessageProperties;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A message to be sent. Immutable, except that the body is not copied: leave it alone until the
 * send has completed.
 */
public final class Message {
  /** The longest topic, in characters. */
  public static final int TOPIC_CHARS_MAX = 127;

  private static final Pattern TOPIC =
      Pattern.compile("[%|a-zA-Z0-9_-]{1," + TOPIC_CHARS_MAX + "}");

  /** Names with a meaning to brokers, to this client or to official ones. */
  private static final Set<String> RESERVED =
      Set.of(
          MessageProperties.KEYS,
          MessageProperties.TAGS,
          MessageProperties.UNIQUE_KEY,
          MessageProperties.WAIT,
          "DELAY",
          "RETRY_TOPIC",
          "REAL_TOPIC",
          "REAL_QID",
          "TRAN_MSG",
          "PGROUP",
          "MIN_OFFSET",
          "MAX_OFFSET",
          "BUYER_ID",
          "ORIGIN_MESSAGE_ID",
          "TRANSFER_FLAG",
          "CORRECTION_FLAG",
          "MQ2_FLAG",
          "RECONSUME_TIME",
          "MSG_REGION",
          "TRACE_ON",
          "MAX_RECONSUME_TIMES",
          "CONSUME_START_TIME",
          "POP_CK",
          "POP_CK_OFFSET",
          "1ST_POP_TIME",
          "TRAN_PREPARED_QUEUE_OFFSET",
          "DUP_INFO",
          "EXTEND_UNIQ_INFO",
          "INSTANCE_ID",
          "CORRELATION_ID",
          "REPLY_TO_CLIENT",
          "TTL",
          "ARRIVE_TIME",
          "PUSH_REPLY_TIME",
          "CLUSTER",
          "MSG_TYPE",
          "INNER_NUM",
          "INNER_BASE",
          "TRACE_CONTEXT",
          "__transactionId__",
          "TIMER_OUT_MS",
          "TIMER_ENQUEUE_MS",
          "TIMER_DEQUEUE_MS",
          "TIMER_ROLL_TIMES",
          "TIMER_DEL_UNIQKEY");

  private final String topic;
  private final byte[] body;
  private final int flag;
  private final Map<String, String> properties;

  private Message(Builder builder) {
    this.topic = builder.topic;
    this.body = builder.body;
    this.flag = builder.flag;
    this.properties = Collections.unmodifiableMap(new LinkedHashMap<>(builder.properties));
  }

  /** A message with nothing but a body. */
  public static Message of(String topic, byte[] body) {
    return to(topic).body(body).build();
  }

  /**
   * Starts a message.
   *
   * @throws IllegalArgumentException when no topic can be called so
   */
  public static Builder to(String topic) {
    if (!TOPIC.matcher(topic).matches()) {
      throw new IllegalArgumentException(
          "a topic is 1 to " + TOPIC_CHARS_MAX + " of [%|a-zA-Z0-9_-], not '" + topic + "'");
    }
    return new Builder(topic);
  }

  public String topic() {
    return topic;
  }

  public byte[] body() {
    return body;
  }

  /** A number of the user's own. */
  public int flag() {
    return flag;
  }

  /** All properties, tag and keys among them. */
  public Map<String, String> properties() {
    return properties;
  }

  @Override
  public String toString() {
    return "Message[topic="
        + topic
        + ", bodyBytes="
        + body.length
        + ", properties="
        + properties
        + "]";
  }

  /** Collects the parts of a message. Not thread-safe. */
  public static final class Builder {
    private final String topic;
    private final Map<String, String> properties = new LinkedHashMap<>();
    private byte[] body = new byte[0];
    private int flag;

    private Builder(String topic) {
      this.topic = topic;
    }

    public Builder body(byte[] bytes) {
      this.body = bytes;
      return this;
    }

    /** The tag, by which consumers may filter. */
    public Builder tag(String tag) {
      return put(MessageProperties.TAGS, tag);
    }

    /** Keys by which the message can be found; without blanks inside. */
    public Builder keys(String... keys) {
      for (String key : keys) {
        if (key.isEmpty() || key.indexOf(' ') >= 0) {
          throw new IllegalArgumentException(
              "a key must not be empty or hold blanks: '" + key + "'");
        }
      }
      return put(MessageProperties.KEYS, String.join(" ", List.of(keys)));
    }

    public Builder flag(int value) {
      this.flag = value;
      return this;
    }

    /**
     * A property of the user's own.
     *
     * @throws IllegalArgumentException when the name is reserved, or name or value is empty
     */
    public Builder property(String name, String value) {
      if (RESERVED.contains(name)) {
        throw new IllegalArgumentException("the property name " + name + " is reserved");
      }
      return put(name, value);
    }

    private Builder put(String name, String value) {
      if (name.isEmpty() || value.isEmpty()) {
        throw new IllegalArgumentException("a property needs a name and a value: " + name);
      }
      properties.put(name, value);
      return this;
    }

    public Message build() {
      return new Message(this);
    }
  }
}
