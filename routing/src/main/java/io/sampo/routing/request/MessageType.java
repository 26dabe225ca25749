package io.sampo.routing.request;

import io.sampo.actors.catalog.CatalogRules;
import io.sampo.actors.catalog.TopicConfig;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What kind of messages a topic is for, by its attribute {@code message.type}, and of what kind a
 * message is, by its properties. The rule and its words are those of RocketMQ's
 * DefaultTopicMessageTypeValidator.
 */
enum MessageType {
  NORMAL,
  /** Has a sharding key. */
  FIFO,
  DELAY,
  TRANSACTION,
  /** Of topics only: takes all. */
  MIXED,
  /** Of topics only: takes none. */
  UNSPECIFIED;

  static final String ATTRIBUTE = "message.type";

  /** The values of the attribute. */
  static Set<String> names() {
    return Arrays.stream(values()).map(Enum::name).collect(Collectors.toUnmodifiableSet());
  }

  /** What a topic is for; plain messages unless it says otherwise. */
  static MessageType of(TopicConfig topic) {
    String name = topic.attributes().get(ATTRIBUTE);
    return name == null ? NORMAL : valueOf(name);
  }

  /**
   * The type of a message.
   *
   * @param scanned what {@link SendProperties#scan} found
   */
  static MessageType of(long scanned) {
    if ((scanned & SendProperties.TRANSACTIONAL) != 0) {
      return TRANSACTION;
    }
    if ((scanned & SendProperties.DELAYED) != 0) {
      return DELAY;
    }
    return (scanned & SendProperties.SHARDED) != 0 ? FIFO : NORMAL;
  }

  /**
   * Checks that a message fits its topic. A group's retry topic and its dead letters take all.
   *
   * @throws IllegalMessageException when it doesn't
   */
  static void check(TopicConfig topic, long scanned) {
    if (Names.isRetry(topic.name()) || topic.name().startsWith(CatalogRules.DEAD_LETTER_PREFIX)) {
      return;
    }
    MessageType expected = of(topic);
    MessageType actual = of(scanned);
    if (expected != MIXED && expected != actual) {
      throw new IllegalMessageException(
          "TopicMessageType validate failed, the expected type is "
              + expected
              + ", but actual type is "
              + actual);
    }
  }
}
