package io.sampo.routing.request;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/**
 * The {@code sampo.leader-cache} section.
 *
 * @param resolveTimeout how long requests wait until the actor that they are for is known
 * @param waitingMax requests that may wait for that, over all connections
 * @param questionsMax what consumer groups on other nodes may have been asked and not answered
 */
public record LeaderCacheSettings(Duration resolveTimeout, int waitingMax, int questionsMax) {
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
    if (questionsMax < 1) {
      throw new ConfigException.BadValue(
          PATH + "questions-max", "must be positive, was " + questionsMax);
    }
  }

  /** Reads the section from a whole configuration. */
  public static LeaderCacheSettings from(Config config) {
    return new LeaderCacheSettings(
        config.getDuration(PATH + "resolve-timeout"),
        config.getInt(PATH + "waiting-max"),
        config.getInt(PATH + "questions-max"));
  }
}
