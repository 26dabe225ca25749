package io.sampo.actors.consumer;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/**
 * The {@code sampo.consumer} section, and what {@code sampo.pop} says of groups.
 *
 * @param memberTimeout how long a member stays without a heartbeat
 * @param rejoinTimeout how long a new leader counts those as members who were there before
 * @param notifyInterval the shortest time between two notifications of a group's members
 * @param membersMax members of one group
 * @param topicsMax topics that one group may subscribe
 * @param offsetQueuesMax queues that one group may have offsets of
 * @param offsetFlushInterval how long an advanced offset may wait until it is written
 * @param waitingMax commits and questions that may wait for the log
 * @param snapshotEvery events between two snapshots of a group's offsets, its locks and its pops
 * @param lockTimeout how long a queue lock that is not renewed keeps others away
 * @param locksMax queues of one group that may be locked
 * @param pop what popping groups may
 */
public record ConsumerSettings(
    Duration memberTimeout,
    Duration rejoinTimeout,
    Duration notifyInterval,
    int membersMax,
    int topicsMax,
    int offsetQueuesMax,
    Duration offsetFlushInterval,
    int waitingMax,
    int snapshotEvery,
    Duration lockTimeout,
    int locksMax,
    PopSettings pop) {
  private static final String PATH = "sampo.consumer";

  /** RocketMQ's clients consume this long on the word of one answer. */
  private static final Duration CLIENT_LOCK_TIME = Duration.ofSeconds(30);

  public ConsumerSettings {
    requirePositive("member-timeout", memberTimeout.toMillis());
    requirePositive("rejoin-timeout", rejoinTimeout.toMillis());
    requirePositive("notify-interval", notifyInterval.toMillis());
    requirePositive("members-max", membersMax);
    requirePositive("topics-max", topicsMax);
    requirePositive("offset-queues-max", offsetQueuesMax);
    requirePositive("offset-flush-interval", offsetFlushInterval.toMillis());
    requirePositive("waiting-max", waitingMax);
    requirePositive("snapshot-every", snapshotEvery);
    if (lockTimeout.compareTo(CLIENT_LOCK_TIME) < 0) {
      throw new ConfigException.BadValue(
          PATH + ".lock-timeout",
          "clients rely on a lock for " + CLIENT_LOCK_TIME + ", was " + lockTimeout);
    }
    requirePositive("locks-max", locksMax);
  }

  /** Reads the section from a whole configuration. */
  public static ConsumerSettings from(Config config) {
    Config section = config.getConfig(PATH);
    return new ConsumerSettings(
        section.getDuration("member-timeout"),
        section.getDuration("rejoin-timeout"),
        section.getDuration("notify-interval"),
        section.getInt("members-max"),
        section.getInt("topics-max"),
        section.getInt("offset-queues-max"),
        section.getDuration("offset-flush-interval"),
        section.getInt("waiting-max"),
        section.getInt("snapshot-every"),
        section.getDuration("lock-timeout"),
        section.getInt("locks-max"),
        PopSettings.from(config));
  }

  private static void requirePositive(String name, long value) {
    if (value < 1) {
      throw new ConfigException.BadValue(PATH + "." + name, "must be positive, was " + value);
    }
  }
}
