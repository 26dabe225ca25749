package io.sampo.routing.request;

import io.sampo.actors.catalog.TopicConfig;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A wish to change the attributes of a topic, "+name=value" and "-name" separated by commas, as
 * RocketMQ's AttributeParser reads it. Attributes and values that the broker can't honour are
 * refused, so that nobody relies on what doesn't happen.
 *
 * @param set attributes that get a value
 * @param removed attributes that go back to their default
 */
record TopicAttributes(Map<String, String> set, Set<String> removed) {
  /** Our own: whether retries of sends to the topic are recognised. */
  private static final String DEDUPLICATION = "sampo.deduplication";

  /** Which values an attribute may have, by its name. */
  private static final Map<String, Set<String>> VALUES =
      Map.of(
          MessageType.ATTRIBUTE,
          MessageType.names(),
          "queue.type",
          Set.of("SimpleCQ"),
          "cleanup.policy",
          Set.of("DELETE"),
          DEDUPLICATION,
          Set.of("ON", "OFF"),
          TopicConfig.LOG_GROUPS, // a number, which the catalog looks at
          Set.of());

  TopicAttributes {
    set = Map.copyOf(set);
    removed = Set.copyOf(removed);
  }

  /** Whether a topic wants the retries of its sends to be recognised; most do by saying nothing. */
  static boolean deduplicates(TopicConfig topic) {
    Map<String, String> attributes = topic.attributes();
    return attributes.isEmpty() || !"OFF".equals(attributes.get(DEDUPLICATION));
  }

  /**
   * @param text null for no change
   * @throws IllegalAttributesException with the reason for the client
   */
  static TopicAttributes parse(@Nullable String text) {
    Map<String, String> set = new HashMap<>();
    Set<String> removed = new HashSet<>();
    if (text != null && !text.isBlank()) {
      for (String change : text.split(",", -1)) {
        parse(change, set, removed);
      }
    }
    return new TopicAttributes(set, removed);
  }

  private static void parse(String change, Map<String, String> set, Set<String> removed) {
    int equals = change.indexOf('=');
    boolean sets = change.startsWith("+") && equals > 0;
    if (!sets && !(change.startsWith("-") && equals < 0)) {
      throw new IllegalAttributesException(
          "an attribute is changed by +name=value or -name, not by " + change);
    }
    String name = sets ? change.substring(1, equals) : change.substring(1);
    Set<String> values = VALUES.get(name);
    if (values == null) {
      throw new IllegalAttributesException("the attribute " + name + " is not supported");
    }
    if (set.containsKey(name) || removed.contains(name)) {
      throw new IllegalAttributesException("the attribute " + name + " is given twice");
    }
    if (!sets) {
      removed.add(name);
      return;
    }
    String value = change.substring(equals + 1);
    if (!name.equals(TopicConfig.LOG_GROUPS) && !values.contains(value)) {
      throw new IllegalAttributesException(
          "the attribute " + name + " can't be " + value + ", but " + values);
    }
    set.put(name, value);
  }

  /** The wish can't be granted; the message is for the client. */
  static final class IllegalAttributesException extends RuntimeException {
    IllegalAttributesException(String message) {
      super(message, null, false, false);
    }
  }
}
