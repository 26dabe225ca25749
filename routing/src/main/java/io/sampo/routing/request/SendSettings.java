package io.sampo.routing.request;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;

/**
 * What may be sent, from {@code sampo.message} and {@code sampo.topic}.
 *
 * @param bodyBytesMax the longest body, and the longest batch
 * @param batchMessagesMax messages in one batch
 * @param autoCreate whether a send to an unknown topic creates it
 * @param defaultQueues of a topic that is created so, when the client has no wish of its own
 * @param typeCheck whether messages that don't fit their topic's type are refused
 * @param deduplication whether retries of sends are to be recognised ({@code sampo.deduplication})
 */
public record SendSettings(
    int bodyBytesMax,
    int batchMessagesMax,
    boolean autoCreate,
    int defaultQueues,
    boolean typeCheck,
    boolean deduplication) {
  private static final int QUEUES_MAX = 1024;
  private static final int BODY_BYTES_MIN = 1024;
  private static final int BODY_BYTES_MAX = 512 * 1024 * 1024;

  /** Reads and checks the settings. */
  public static SendSettings from(Config config) {
    long bodyBytesMax = config.getBytes("sampo.message.max-size");
    if (bodyBytesMax < BODY_BYTES_MIN || bodyBytesMax > BODY_BYTES_MAX) {
      throw new ConfigException.BadValue(
          config.getValue("sampo.message.max-size").origin(),
          "sampo.message.max-size",
          "must be from 1 KiB to 512 MiB, was " + bodyBytesMax);
    }
    int batchMessagesMax = config.getInt("sampo.message.batch-max");
    if (batchMessagesMax < 1) {
      throw new ConfigException.BadValue(
          config.getValue("sampo.message.batch-max").origin(),
          "sampo.message.batch-max",
          "must be positive, was " + batchMessagesMax);
    }
    int defaultQueues = config.getInt("sampo.topic.default-queues");
    if (defaultQueues < 1 || defaultQueues > QUEUES_MAX) {
      throw new ConfigException.BadValue(
          config.getValue("sampo.topic.default-queues").origin(),
          "sampo.topic.default-queues",
          "must be from 1 to " + QUEUES_MAX + ", was " + defaultQueues);
    }
    return new SendSettings(
        (int) bodyBytesMax,
        batchMessagesMax,
        config.getBoolean("sampo.topic.auto-create"),
        defaultQueues,
        config.getBoolean("sampo.message.type-check"),
        config.getBoolean("sampo.deduplication.enabled"));
  }
}
