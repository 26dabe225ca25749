package io.sampo.storage.keys;

/**
 * What to look for.
 *
 * @param topic that the messages are stored under
 * @param key the whole key; neither a pattern nor a part of one
 * @param uniqueOnly true when only the id that the producer gave is meant, false when any of the
 *     message's keys may be it, that id included
 * @param fromMs the earliest store time, milliseconds since the epoch
 * @param toMs the latest store time, inclusive
 * @param max how many messages at most, at least 1
 */
public record KeyQuery(
    String topic, String key, boolean uniqueOnly, long fromMs, long toMs, int max) {
  public KeyQuery {
    if (max < 1) {
      throw new IllegalArgumentException("a query is for at least one message, was " + max);
    }
  }
}
