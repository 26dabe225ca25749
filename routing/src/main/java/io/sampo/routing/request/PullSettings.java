package io.sampo.routing.request;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.sampo.actors.filter.FilterSettings;
import java.time.Duration;

/**
 * The {@code sampo.pull} section, and {@code sampo.filter}.
 *
 * @param messagesMax messages in one answer, whatever the client asks for
 * @param bytesMax bytes of records in one answer, though at least one record
 * @param waitMax the longest that a pull waits for a message, whatever the client asks for
 * @param filter what a filter expression may be
 */
public record PullSettings(int messagesMax, int bytesMax, Duration waitMax, FilterSettings filter) {
  private static final String PATH = "sampo.pull.";

  /** Clients read frames of up to 16 MiB; the last record may go beyond the limit. */
  private static final long BYTES_MAX = 8 * 1024 * 1024;

  /** Reads it from a whole configuration and checks it. */
  public static PullSettings from(Config config) {
    int messagesMax = config.getInt(PATH + "messages-max");
    if (messagesMax < 1) {
      throw bad(config, "messages-max", "must be positive, was " + messagesMax);
    }
    long bytesMax = config.getBytes(PATH + "bytes-max");
    if (bytesMax < 1 || bytesMax > BYTES_MAX) {
      throw bad(config, "bytes-max", "must be from 1 byte to 8 MiB, was " + bytesMax);
    }
    Duration waitMax = config.getDuration(PATH + "wait-max");
    if (waitMax.isNegative() || waitMax.toHours() > 1) {
      throw bad(config, "wait-max", "must be from 0 to 1 hour, was " + waitMax);
    }
    return new PullSettings(messagesMax, (int) bytesMax, waitMax, FilterSettings.from(config));
  }

  private static ConfigException bad(Config config, String name, String problem) {
    return new ConfigException.BadValue(
        config.getValue(PATH + name).origin(), PATH + name, problem);
  }
}
