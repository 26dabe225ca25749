package io.sampo.actors.group;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/**
 * The {@code sampo.queue} section.
 *
 * @param inFlightMax appends of one queue that may be on their way to the log at a time
 * @param parkedPullsMax pulls that may wait at one queue at a time
 * @param scanEntriesMax index entries that one pull may look at
 * @param waitMax the longest that a pull waits, whatever it asks for
 */
public record QueueSettings(
    int inFlightMax, int parkedPullsMax, int scanEntriesMax, Duration waitMax) {
  private static final String PATH = "sampo.queue";

  public QueueSettings {
    requirePositive("in-flight-max", inFlightMax);
    requirePositive("parked-pulls-max", parkedPullsMax);
    requirePositive("scan-entries-max", scanEntriesMax);
    requirePositive("wait-max", waitMax.toMillis());
  }

  /** Reads the section from a whole configuration. */
  public static QueueSettings from(Config config) {
    Config section = config.getConfig(PATH);
    return new QueueSettings(
        section.getInt("in-flight-max"),
        section.getInt("parked-pulls-max"),
        section.getInt("scan-entries-max"),
        section.getDuration("wait-max"));
  }

  private static void requirePositive(String name, long value) {
    if (value < 1) {
      throw new ConfigException.BadValue(PATH + "." + name, "must be positive, was " + value);
    }
  }
}
