package io.sampo.routing.boot;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.sampo.actors.group.LogGroups;
import io.sampo.cluster.replication.CommitLogSettings;
import io.sampo.routing.request.RequestSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the node's parts, each in the record that the part is made with. All are read
 * before anything starts, so that a wrong one is told at once.
 */
record PartSettings(
    CommitLogSettings commitLog, LogGroups.Settings logGroups, RequestSettings requests) {
  private static final Pattern INVALID_VALUE =
      Pattern.compile("(?<origin>.*): Invalid value at '(?<path>[^']*)': (?<reason>.*)");

  /**
   * @param config resolved, with every default in it
   * @throws SettingsException naming a wrong setting of each part
   */
  static PartSettings from(Config config) {
    List<String> problems = new ArrayList<>();
    CommitLogSettings commitLog = read(CommitLogSettings::of, config, problems);
    LogGroups.Settings logGroups = read(LogGroups.Settings::from, config, problems);
    RequestSettings requests = read(RequestSettings::from, config, problems);
    if (commitLog == null || logGroups == null || requests == null) {
      throw new SettingsException(problems);
    }
    return new PartSettings(commitLog, logGroups, requests);
  }

  private static <T> @Nullable T read(
      Function<Config, T> reading, Config config, List<String> problems) {
    try {
      return reading.apply(config);
    } catch (ConfigException e) {
      problems.add(inOurWords(String.valueOf(e.getMessage())));
      return null;
    }
  }

  /** "origin: Invalid value at 'path': reason" as the node's own settings are told. */
  private static String inOurWords(String message) {
    Matcher invalid = INVALID_VALUE.matcher(message);
    return invalid.matches()
        ? invalid.group("path")
            + ": "
            + invalid.group("reason")
            + " ("
            + invalid.group("origin")
            + ")"
        : message;
  }
}
