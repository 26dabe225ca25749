package io.sampo.actors.schedule;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The {@code sampo.schedule} section.
 *
 * @param dataDir the folder of this node; each log group has a folder in it
 * @param levels the delay levels
 * @param delayMax the longest delay that a message may ask for
 * @param pendingMax messages of one log group that may wait for their time
 * @param clockSettle how long the wall clock must keep to a new time until it is believed
 * @param batch how much is delivered together
 * @param index how the index of due times is kept
 */
public record ScheduleSettings(
    Path dataDir,
    DelayLevels levels,
    Duration delayMax,
    long pendingMax,
    Duration clockSettle,
    Batch batch,
    Index index) {
  private static final String PATH = "sampo.schedule";

  /**
   * How much is delivered together.
   *
   * @param messages the most messages of one append
   * @param bytes the most bytes of one append; a single larger message goes alone
   */
  public record Batch(int messages, int bytes) {
    public Batch {
      requirePositive("batch-messages", messages);
      requirePositive("batch-bytes", bytes);
    }
  }

  /**
   * How the index of due times is kept.
   *
   * @param cacheBytes the most heap that pages read from it may take
   * @param commitInterval how long changes may wait to be written
   */
  public record Index(long cacheBytes, Duration commitInterval) {
    public Index {
      if (cacheBytes < 1 << 20) {
        throw bad("index-cache", "must be at least 1 MiB, was " + cacheBytes + " bytes");
      }
      requirePositive("index-commit-interval", commitInterval.toMillis());
    }
  }

  public ScheduleSettings {
    requirePositive("delay-max", delayMax.toMillis());
    requirePositive("pending-max", pendingMax);
    requirePositive("clock-settle", clockSettle.toMillis());
    if (levels.longestMs() > delayMax.toMillis()) {
      throw bad("delay-levels", "must not be longer than delay-max");
    }
  }

  /** Reads the section from a whole configuration. */
  public static ScheduleSettings from(Config config) {
    Config section = config.getConfig(PATH);
    return new ScheduleSettings(
        Path.of(config.getString("sampo.data-dir")),
        levels(section),
        section.getDuration("delay-max"),
        section.getLong("pending-max"),
        section.getDuration("clock-settle"),
        new Batch(section.getInt("batch-messages"), section.getBytes("batch-bytes").intValue()),
        new Index(section.getBytes("index-cache"), section.getDuration("index-commit-interval")));
  }

  private static DelayLevels levels(Config section) {
    try {
      return DelayLevels.parse(section.getString("delay-levels"));
    } catch (IllegalArgumentException e) {
      throw new ConfigException.BadValue(
          section.getValue("delay-levels").origin(),
          PATH + ".delay-levels",
          String.valueOf(e.getMessage()));
    }
  }

  /** Where the index of a log group's due times is. */
  Path indexFile(String logGroup) {
    return dataDir.resolve(logGroup).resolve("schedule").resolve("due.index");
  }

  private static void requirePositive(String name, long value) {
    if (value < 1) {
      throw bad(name, "must be positive, was " + value);
    }
  }

  private static ConfigException bad(String name, String problem) {
    return new ConfigException.BadValue(PATH + "." + name, problem);
  }
}
