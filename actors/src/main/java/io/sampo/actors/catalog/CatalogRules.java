package io.sampo.actors.catalog;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a topic, a group and a client may be called and how many queues topics may have, as the
 * official clients know it. Pure functions that answer null, or the reason for a refusal in words
 * for the client.
 */
public final class CatalogRules {
  /** Prefix of the topic that a group's failed messages go to. */
  public static final String RETRY_PREFIX = "%RETRY%";

  /** Prefix of the topic where messages end that a group failed too often. */
  public static final String DEAD_LETTER_PREFIX = "%DLQ%";

  private static final int TOPIC_LENGTH_MAX = 127;
  private static final int GROUP_LENGTH_MAX = 255;
  private static final int CLIENT_ID_LENGTH_MAX = 255;
  private static final int QUEUES_MAX = 1024;
  private static final int PERMISSIONS_MAX = 7;
  private static final int ATTRIBUTES_MAX = 32;
  private static final int ATTRIBUTE_LENGTH_MAX = 1024;

  private static final Pattern LOG_GROUPS = Pattern.compile("[1-9][0-9]{0,2}");

  private CatalogRules() {}

  /** Whether a topic may have this name. Topics that belong to a group may be as long as it. */
  public static @Nullable String topicNameRefusal(String name) {
    String group = groupOf(name);
    if (group != null) {
      return groupNameRefusal(group);
    }
    return nameRefusal("topic", name, TOPIC_LENGTH_MAX);
  }

  /** Whether a group may have this name. */
  public static @Nullable String groupNameRefusal(String name) {
    return nameRefusal("group", name, GROUP_LENGTH_MAX);
  }

  /** Whether a client may call itself so: what it is called in groups is written to the log. */
  public static @Nullable String clientIdRefusal(String clientId) {
    return lengthRefusal("client's id", clientId, CLIENT_ID_LENGTH_MAX);
  }

  /**
   * Whether a producer group may have this name. Nothing is made of it, so only its length counts.
   */
  public static @Nullable String producerGroupRefusal(String name) {
    return lengthRefusal("producer group's name", name, GROUP_LENGTH_MAX);
  }

  /**
   * Whether a group may subscribe to a topic of this name. The topic need not exist; one that never
   * will, because of its name, must not keep the group from its others.
   */
  public static @Nullable String subscribedTopicRefusal(String name) {
    return lengthRefusal("subscribed topic's name", name, RETRY_PREFIX.length() + GROUP_LENGTH_MAX);
  }

  private static @Nullable String lengthRefusal(String what, String text, int lengthMax) {
    return text.length() <= lengthMax
        ? null
        : "the " + what + " is longer than " + lengthMax + " characters";
  }

  static @Nullable String topicRefusal(TopicConfig topic) {
    String refusal = topicNameRefusal(topic.name());
    if (refusal == null) {
      refusal = queuesRefusal("read queues", topic.readQueues());
    }
    if (refusal == null) {
      refusal = queuesRefusal("write queues", topic.writeQueues());
    }
    if (refusal == null && (topic.permissions() < 0 || topic.permissions() > PERMISSIONS_MAX)) {
      refusal = "the permissions must be 0 to 7, were " + topic.permissions();
    }
    if (refusal == null && topic.attributes().size() > ATTRIBUTES_MAX) {
      refusal = "a topic has at most " + ATTRIBUTES_MAX + " attributes";
    }
    if (refusal == null
        && topic.attributes().entrySet().stream()
            .anyMatch(
                entry ->
                    entry.getKey().length() + entry.getValue().length() > ATTRIBUTE_LENGTH_MAX)) {
      refusal = "an attribute has at most " + ATTRIBUTE_LENGTH_MAX + " characters";
    }
    String logGroups = topic.attributes().get(TopicConfig.LOG_GROUPS);
    if (refusal == null && logGroups != null && !LOG_GROUPS.matcher(logGroups).matches()) {
      refusal = TopicConfig.LOG_GROUPS + " must be a number from 1 to 999, was " + logGroups;
    }
    return refusal;
  }

  static @Nullable String groupRefusal(SubscriptionGroupConfig group) {
    String refusal = groupNameRefusal(group.name());
    if (refusal == null) {
      refusal = queuesRefusal("retry queues", group.retryQueues());
    }
    if (refusal == null && group.retryMaxTimes() < 0) {
      refusal = "the most retries must not be negative, were " + group.retryMaxTimes();
    }
    return refusal;
  }

  /** Whether a topic is a group's own, for its failed messages. */
  static boolean isOfGroup(String topic) {
    return groupOf(topic) != null;
  }

  private static @Nullable String groupOf(String topic) {
    if (topic.startsWith(RETRY_PREFIX)) {
      return topic.substring(RETRY_PREFIX.length());
    }
    return topic.startsWith(DEAD_LETTER_PREFIX)
        ? topic.substring(DEAD_LETTER_PREFIX.length())
        : null;
  }

  private static @Nullable String queuesRefusal(String what, int count) {
    return count >= 1 && count <= QUEUES_MAX
        ? null
        : "the number of " + what + " must be 1 to " + QUEUES_MAX + ", was " + count;
  }

  private static @Nullable String nameRefusal(String what, String name, int lengthMax) {
    if (name.isBlank()) {
      return "the " + what + "'s name is blank";
    }
    if (name.length() > lengthMax) {
      return "the " + what + "'s name is longer than " + lengthMax + " characters";
    }
    for (int i = 0; i < name.length(); i++) {
      if (!isLegal(name.charAt(i))) {
        return "the "
            + what
            + "'s name has a character other than letters, digits, '%', '|', '_' and '-' at "
            + i;
      }
    }
    return null;
  }

  private static boolean isLegal(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '-'
        || c == '%'
        || c == '|';
  }
}
