package io.sampo.routing.request;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/**
 * The {@code sampo.offset} section.
 *
 * @param firstMessageAgeMax a group without an offset starts at 0 while the queue's first message
 *     is younger
 */
public record OffsetSettings(Duration firstMessageAgeMax) {
  private static final String PATH = "sampo.offset.first-message-age-max";

  public OffsetSettings {
    if (firstMessageAgeMax.isNegative()) {
      throw new ConfigException.BadValue(PATH, "must not be negative, was " + firstMessageAgeMax);
    }
  }

  /** Reads the section from a whole configuration. */
  public static OffsetSettings from(Config config) {
    return new OffsetSettings(config.getDuration(PATH));
  }
}
