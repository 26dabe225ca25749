package io.sampo.routing.request;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/**
 * The {@code sampo.relay} section: requests that are carried out by another node.
 *
 * @param leaderWait how long a request waits for a leader while none is known
 * @param waitingMax requests that may wait for that, of each log group
 * @param requestsMax that may be on their way to one log group's leader, long polls included
 * @param connectTimeout how long connecting to another node may take
 */
public record RelaySettings(
    Duration leaderWait, int waitingMax, int requestsMax, Duration connectTimeout) {
  private static final String PATH = "sampo.relay.";

  public RelaySettings {
    requirePositive("leader-wait", leaderWait.toMillis());
    requirePositive("waiting-max", waitingMax);
    requirePositive("requests-max", requestsMax);
    requirePositive("connect-timeout", connectTimeout.toMillis());
  }

  /** Reads the section from a whole configuration. */
  public static RelaySettings from(Config config) {
    return new RelaySettings(
        config.getDuration(PATH + "leader-wait"),
        config.getInt(PATH + "waiting-max"),
        config.getInt(PATH + "requests-max"),
        config.getDuration(PATH + "connect-timeout"));
  }

  private static void requirePositive(String name, long value) {
    if (value < 1) {
      throw new ConfigException.BadValue(PATH + name, "must be positive, was " + value);
    }
  }
}
