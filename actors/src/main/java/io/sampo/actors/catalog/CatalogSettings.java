package io.sampo.actors.catalog;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/**
 * The {@code sampo.catalog} section.
 *
 * @param topicsMax topics that may exist, retry topics of groups among them, system topics not
 * @param groupsMax subscription groups that may exist
 * @param queuesMax queues of all these topics in one log group
 * @param snapshotEvery events between two snapshots
 * @param askTimeout how long a node waits for the catalog's answer
 * @param growOnJoin whether topics get queues in log groups that are opened later
 * @param asksMax questions to the catalog that one node may have open
 */
public record CatalogSettings(
    int topicsMax,
    int groupsMax,
    int queuesMax,
    int snapshotEvery,
    Duration askTimeout,
    boolean growOnJoin,
    int asksMax) {
  private static final String PATH = "sampo.catalog";

  public CatalogSettings {
    requirePositive("topics-max", topicsMax);
    requirePositive("groups-max", groupsMax);
    requirePositive("queues-max", queuesMax);
    requirePositive("snapshot-every", snapshotEvery);
    requirePositive("ask-timeout", askTimeout.toMillis());
    requirePositive("asks-max", asksMax);
  }

  /** Reads the section from a whole configuration. */
  public static CatalogSettings from(Config config) {
    Config section = config.getConfig(PATH);
    return new CatalogSettings(
        section.getInt("topics-max"),
        section.getInt("groups-max"),
        section.getInt("queues-max"),
        section.getInt("snapshot-every"),
        section.getDuration("ask-timeout"),
        config.getBoolean("sampo.topic.grow-on-join"),
        section.getInt("asks-max"));
  }

  private static void requirePositive(String name, long value) {
    if (value < 1) {
      throw new ConfigException.BadValue(PATH + "." + name, "must be positive, was " + value);
    }
  }
}
