package io.sampo.actors.transaction;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/**
 * The {@code sampo.transaction} section.
 *
 * @param timeout how old a half message gets before its producers are asked
 * @param checkInterval between two questions about one half message
 * @param checkMax questions until it is parked
 * @param pendingMax undecided half messages of one log group
 * @param waitingMax requests that may wait while the undecided half messages are read from the log
 * @param checksInFlightMax questions of one log group on their way to a producer
 * @param snapshotEvery the fewest half messages and events between two snapshots
 * @param producersMax producers of one node that may be asked
 */
public record TransactionSettings(
    Duration timeout,
    Duration checkInterval,
    int checkMax,
    int pendingMax,
    int waitingMax,
    int checksInFlightMax,
    int snapshotEvery,
    int producersMax) {
  private static final String PATH = "sampo.transaction";

  public TransactionSettings {
    requirePositive("timeout", timeout.toMillis());
    requirePositive("check-interval", checkInterval.toMillis());
    requirePositive("check-max", checkMax);
    requirePositive("pending-max", pendingMax);
    requirePositive("waiting-max", waitingMax);
    requirePositive("checks-in-flight-max", checksInFlightMax);
    requirePositive("snapshot-every", snapshotEvery);
    requirePositive("producers-max", producersMax);
  }

  /** Reads the section from a whole configuration. */
  public static TransactionSettings from(Config config) {
    Config section = config.getConfig(PATH);
    return new TransactionSettings(
        section.getDuration("timeout"),
        section.getDuration("check-interval"),
        section.getInt("check-max"),
        section.getInt("pending-max"),
        section.getInt("waiting-max"),
        section.getInt("checks-in-flight-max"),
        section.getInt("snapshot-every"),
        section.getInt("producers-max"));
  }

  PendingHalves.Limits limits() {
    return new PendingHalves.Limits(checkInterval.toMillis(), checkMax, pendingMax, snapshotEvery);
  }

  private static void requirePositive(String name, long value) {
    if (value < 1) {
      throw new ConfigException.BadValue(PATH + "." + name, "must be positive, was " + value);
    }
  }
}
