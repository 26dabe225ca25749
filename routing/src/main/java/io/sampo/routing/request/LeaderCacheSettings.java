package io.sampo.routing.request;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/**
 * The {@code sampo.leader-cache} section.
 *
 * @param resolveTimeout how long requests wait until the actor that they are for is known
 * @param waitingMax requests that may wait for that, over all connections
 */
public record LeaderCacheSettings(Duration resolveTimeout, int waitingMax) {
  private static final String PATH = "sampo.leader-cache.";

  public LeaderCacheSettings {
    if (resolveTimeout.toMillis() < 1) {
      throw new ConfigException.BadValue(
          PATH + "resolve-timeout", "must be at least 1 ms, was " + resolveTimeout);
    }
    if (waitingMax < 1) {
      throw new ConfigException.BadValue(
          PATH + "waiting-max", "must be positive, was " + waitingMax);
    }
  }

  /** Reads the section from a whole configuration. */
  public static LeaderCacheSettings from(Config config) {
    return new LeaderCacheSettings(
        config.getDuration(PATH + "resolve-timeout"), config.getInt(PATH + "waiting-max"));
  }
}
