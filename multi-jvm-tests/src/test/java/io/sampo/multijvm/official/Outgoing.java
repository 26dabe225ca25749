package io.sampo.multijvm.official;

import java.util.Map;

/**
 * A message to send.
 *
 * @param tags one tag, empty for none
 * @param keys index keys separated by spaces, empty for none
 * @param properties the user's own
 */
public record Outgoing(
    String topic, byte[] body, String tags, String keys, Map<String, String> properties) {
  /** A message with a body and nothing else. */
  public static Outgoing of(String topic, byte[] body) {
    return new Outgoing(topic, body, "", "", Map.of());
  }

  /** A copy with a tag. */
  public Outgoing withTag(String tag) {
    return new Outgoing(topic, body, tag, keys, properties);
  }
}
