package io.sampo.cluster.replication;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/**
 * How a log recognises the retries of sends whose answers were lost: the {@code
 * sampo.deduplication} section.
 *
 * @param enabled whether it does
 * @param window how long after a send its retry is recognised
 * @param sends how many sends are remembered at least, per log
 * @param returns how many messages that consumer groups returned are remembered at least, per log
 * @param rebuildBytes how far back the log is read when a leadership begins
 */
public record DeduplicationSettings(
    boolean enabled, Duration window, int sends, int returns, long rebuildBytes) {
  private static final int SENDS_MIN = 1_000;
  private static final int SENDS_MAX = 100_000_000;
  private static final int RETURNS_MIN = 100;
  private static final int RETURNS_MAX = 10_000_000;
  private static final long REBUILD_BYTES_MIN = 64 << 10;

  /**
   * @param config the whole configuration, with {@code sampo} at its root
   * @throws ConfigException when a value is missing or makes no sense
   */
  static DeduplicationSettings of(Config config) {
    Duration window = config.getDuration("sampo.deduplication.window");
    if (window.compareTo(Duration.ofSeconds(1)) < 0 || window.compareTo(Duration.ofDays(1)) > 0) {
      throw bad(config, "window", "must be from 1 s to 1 day, was " + window.toMillis() + " ms");
    }
    int sends = number(config, "messages", SENDS_MIN, SENDS_MAX);
    int returns = number(config, "returned-messages", RETURNS_MIN, RETURNS_MAX);
    long rebuildBytes = config.getBytes("sampo.deduplication.rebuild-max");
    if (rebuildBytes < REBUILD_BYTES_MIN) {
      throw bad(
          config,
          "rebuild-max",
          "must be at least " + REBUILD_BYTES_MIN + " bytes, was " + rebuildBytes);
    }
    return new DeduplicationSettings(
        config.getBoolean("sampo.deduplication.enabled"), window, sends, returns, rebuildBytes);
  }

  private static int number(Config config, String name, int min, int max) {
    int number = config.getInt("sampo.deduplication." + name);
    if (number < min || number > max) {
      throw bad(config, name, "must be from %d to %d, was %d".formatted(min, max, number));
    }
    return number;
  }

  private static ConfigException bad(Config config, String name, String message) {
    String path = "sampo.deduplication." + name;
    return new ConfigException.BadValue(config.getValue(path).origin(), path, message);
  }
}
