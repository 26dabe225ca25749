package io.sampo.actors.consumer;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/**
 * The {@code sampo.pop} section, as far as consumer groups need it.
 *
 * @param inFlightMax messages of one queue that one group may have handed out and not acknowledged
 * @param waitingMax requests of one group that may wait for messages
 * @param readMax how long reading a queue on behalf of the group keeps others from reading it
 * @param watchMax how long watching a queue for new messages may stay without an answer
 */
public record PopSettings(int inFlightMax, int waitingMax, Duration readMax, Duration watchMax) {
  private static final String PATH = "sampo.pop";

  public PopSettings {
    requirePositive("in-flight-max", inFlightMax);
    requirePositive("waiting-max", waitingMax);
    requirePositive("read-max", readMax.toMillis());
    requirePositive("watch-max", watchMax.toMillis());
  }

  /** Reads the section from a whole configuration. */
  static PopSettings from(Config config) {
    Config section = config.getConfig(PATH);
    return new PopSettings(
        section.getInt("in-flight-max"),
        section.getInt("waiting-max"),
        section.getDuration("read-max"),
        section.getDuration("watch-max"));
  }

  private static void requirePositive(String name, long value) {
    if (value < 1) {
      throw new ConfigException.BadValue(PATH + "." + name, "must be positive, was " + value);
    }
  }
}
