package io.sampo.routing.boot;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Puts the layers of a node's configuration on top of each other. From the strongest: the command
 * line, system properties, the operator's file, Sampo's tuning of Pekko (node-pekko.conf), and the
 * reference.conf of every module and library.
 *
 * <p>A setting under {@code sampo} that no reference.conf knows is refused: it would otherwise be a
 * typing error that nobody notices.
 */
final class NodeConfig {
  private static final String ROOT = "sampo";
  private static final int CLOSE_ENOUGH = 4;

  private NodeConfig() {}

  /**
   * Reads and merges all layers.
   *
   * @param file the operator's file; null for none
   * @param overrides what the command line sets, by path
   * @throws SettingsException when the file can't be read or names an unknown setting
   */
  static Config load(@Nullable Path file, Map<String, String> overrides) {
    Config reference = ConfigFactory.defaultReferenceUnresolved();
    try {
      Config merged =
          ConfigFactory.parseMap(overrides, "command line")
              .withFallback(ConfigFactory.defaultOverrides())
              .withFallback(file == null ? ConfigFactory.empty() : parse(file))
              .withFallback(ConfigFactory.parseResources("node-pekko.conf"))
              .withFallback(reference)
              .resolve();
      refuseUnknown(merged, reference);
      return merged;
    } catch (ConfigException e) {
      throw new SettingsException(List.of(String.valueOf(e.getMessage())));
    }
  }

  private static Config parse(Path file) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new SettingsException(List.of("the settings file " + file + " can't be read"));
    }
    return ConfigFactory.parseFile(file.toFile());
  }

  private static void refuseUnknown(Config merged, Config reference) {
    Set<String> known = paths(reference);
    List<String> problems = new ArrayList<>();
    for (String path : new TreeSet<>(paths(merged))) {
      if (!known.contains(path)) {
        ConfigValue value = merged.getConfig(ROOT).getValue(path.substring(ROOT.length() + 1));
        problems.add(
            path
                + ": there is no such setting"
                + nearest(path, known)
                + SettingsReader.where(value.origin()));
      }
    }
    if (!problems.isEmpty()) {
      throw new SettingsException(problems);
    }
  }

  private static Set<String> paths(Config config) {
    if (!config.hasPath(ROOT)) {
      return Set.of();
    }
    return config.getObject(ROOT).toConfig().entrySet().stream()
        .map(entry -> ROOT + "." + entry.getKey())
        .collect(Collectors.toSet());
  }

  private static String nearest(String path, Set<String> known) {
    String best = "";
    int bestDistance = CLOSE_ENOUGH;
    for (String candidate : new TreeSet<>(known)) {
      int distance = editDistance(path, candidate);
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return best.isEmpty() ? "" : " (did you mean " + best + "?)";
  }

  /** How many letters must be put in, taken out or changed to make one text the other. */
  private static int editDistance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int above = row[j];
        int change = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], above) + 1, diagonal + change);
        diagonal = above;
      }
    }
    return row[to.length()];
  }
}
