package io.sampo.actors.group;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/**
 * The {@code sampo.query} section.
 *
 * @param messagesMax how many messages one query by key brings at most
 * @param bytesMax how many bytes of messages one query brings at most, apart from the first message
 * @param timeMax how long a query may take, the wait for those before it included
 * @param waitingMax queries of one log group that may be under way or wait
 */
public record FinderSettings(int messagesMax, int bytesMax, Duration timeMax, int waitingMax) {
  private static final String PATH = "sampo.query";

  public FinderSettings {
    requirePositive("messages-max", messagesMax);
    requirePositive("bytes-max", bytesMax);
    requirePositive("time-max", timeMax.toMillis());
    requirePositive("waiting-max", waitingMax);
  }

  /** Reads the section from a whole configuration. */
  public static FinderSettings from(Config config) {
    Config section = config.getConfig(PATH);
    long bytesMax = section.getBytes("bytes-max");
    return new FinderSettings(
        section.getInt("messages-max"),
        (int) Math.min(bytesMax, Integer.MAX_VALUE),
        section.getDuration("time-max"),
        section.getInt("waiting-max"));
  }

  private static void requirePositive(String name, long value) {
    if (value < 1) {
      throw new ConfigException.BadValue(PATH + "." + name, "must be positive, was " + value);
    }
  }
}
