package io.sampo.actors.retention;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.sampo.storage.upkeep.Retention;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * The {@code sampo.retention} section.
 *
 * @param dataDir the folder of this node, whose disk is looked at
 * @param rule which segments are old
 * @param checkInterval how often that is looked at
 */
public record RetentionSettings(Path dataDir, Retention rule, Duration checkInterval) {
  private static final String PATH = "sampo.retention";

  /** Reads the section from a whole configuration. */
  public static RetentionSettings from(Config config) {
    Config section = config.getConfig(PATH);
    Duration time = section.getDuration("time");
    if (time.isNegative() || time.isZero()) {
      throw bad(section, "time", "must be positive");
    }
    int diskUsedMax = section.getInt("disk-used-max");
    if (diskUsedMax < 1 || diskUsedMax > 100) {
      throw bad(section, "disk-used-max", "must be a percentage from 1 to 100");
    }
    Duration checkInterval = section.getDuration("check-interval");
    if (checkInterval.toMillis() < 1) {
      throw bad(section, "check-interval", "must be positive");
    }
    return new RetentionSettings(
        Path.of(config.getString("sampo.data-dir")),
        new Retention(time, hours(section), diskUsedMax / 100.0),
        checkInterval);
  }

  private static Set<Integer> hours(Config section) {
    Set<Integer> hours = new HashSet<>();
    for (String text : section.getString("delete-at").split("[;, ]+", -1)) {
      if (!text.matches("[01]?[0-9]|2[0-3]")) {
        throw bad(section, "delete-at", "must be hours from 0 to 23 with \";\" between them");
      }
      hours.add(Integer.parseInt(text));
    }
    return hours;
  }

  private static ConfigException bad(Config section, String name, String problem) {
    return new ConfigException.BadValue(
        section.getValue(name).origin(),
        PATH + "." + name,
        problem + ", was " + section.getValue(name).unwrapped());
  }
}
