package io.sampo.routing.request;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What a producer gets with a message that is delivered later, to cancel it. Clients from 5.3.2 on
 * read it to find the broker, so its form is RocketMQ's: base64, for URLs, of {@code v1 topic
 * broker deliver-timestamp unique-key}.
 *
 * @param dueMs when the message is due, in milliseconds since the epoch
 * @param uniqueKey the id that the producer gave it
 */
record RecallHandle(String topic, String broker, long dueMs, String uniqueKey) {
  private static final String VERSION = "v1";

  /** The handle of a message, null when it has no key to be found by. */
  static @Nullable String of(String topic, String broker, DeliveryTimes.Delivery delivery) {
    String key = delivery.uniqueKey();
    return key == null || key.indexOf(' ') >= 0
        ? null
        : new RecallHandle(topic, broker, delivery.dueMs(), key).encode();
  }

  /** The handle of the same message at another time; empty as it was for one without. */
  static String dueAt(String handle, long dueMs) {
    RecallHandle decoded = decode(handle);
    return decoded == null
        ? handle
        : new RecallHandle(decoded.topic, decoded.broker, dueMs, decoded.uniqueKey).encode();
  }

  String encode() {
    String text = String.join(" ", VERSION, topic, broker, Long.toString(dueMs), uniqueKey);
    return Base64.getUrlEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Reads a handle, null when it is none. */
  static @Nullable RecallHandle decode(String handle) {
    try {
      byte[] text = Base64.getUrlDecoder().decode(handle);
      String[] parts = new String(text, StandardCharsets.UTF_8).split(" ", -1);
      return parts.length == 5 && parts[0].equals(VERSION)
          ? new RecallHandle(parts[1], parts[2], Long.parseLong(parts[3]), parts[4])
          : null;
    } catch (IllegalArgumentException e) { // also a number that is none
      return null;
    }
  }
}
