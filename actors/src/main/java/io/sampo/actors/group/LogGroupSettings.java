package io.sampo.actors.group;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/**
 * The {@code sampo.log-group} section.
 *
 * @param electionRetryMin how long after a refusal the log is asked again to lead
 * @param electionRetryMax up to where that time doubles
 * @param stashMax commands that may wait for the election
 * @param queuesMax queue actors of one log group
 * @param consumerGroupsMax consumer group actors of one log group
 * @param crossWritesMax writes from inside the log group that may be under way at a time
 * @param handOverMax how long consumer groups may write what they hold before a hand-over
 * @param successorWait how long after that a leader serves on until it is followed
 */
public record LogGroupSettings(
    Duration electionRetryMin,
    Duration electionRetryMax,
    int stashMax,
    int queuesMax,
    int consumerGroupsMax,
    int crossWritesMax,
    Duration handOverMax,
    Duration successorWait) {
  private static final String PATH = "sampo.log-group";

  public LogGroupSettings {
    requirePositive("election-retry-min", electionRetryMin.toMillis());
    requirePositive("stash-max", stashMax);
    requirePositive("queues-max", queuesMax);
    requirePositive("consumer-groups-max", consumerGroupsMax);
    requirePositive("cross-writes-max", crossWritesMax);
    requirePositive("hand-over-max", handOverMax.toMillis());
    requirePositive("successor-wait", successorWait.toMillis());
    if (electionRetryMax.compareTo(electionRetryMin) < 0) {
      throw new ConfigException.BadValue(
          PATH + ".election-retry-max", "must not be below election-retry-min");
    }
  }

  /** Reads the section from a whole configuration. */
  public static LogGroupSettings from(Config config) {
    Config section = config.getConfig(PATH);
    return new LogGroupSettings(
        section.getDuration("election-retry-min"),
        section.getDuration("election-retry-max"),
        section.getInt("stash-max"),
        section.getInt("queues-max"),
        section.getInt("consumer-groups-max"),
        section.getInt("cross-writes-max"),
        section.getDuration("hand-over-max"),
        section.getDuration("successor-wait"));
  }

  private static void requirePositive(String name, long value) {
    if (value < 1) {
      throw new ConfigException.BadValue(PATH + "." + name, "must be positive, was " + value);
    }
  }
}
