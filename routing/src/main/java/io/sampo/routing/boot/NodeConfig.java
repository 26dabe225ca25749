package io.sampo.routing.boot;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValue;
import io.sampo.routing.brokerconf.BrokerConf;
import io.sampo.routing.brokerconf.Spelling;
import io.sampo.routing.brokerconf.Translation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the layers of a node's configuration on top of each other. From the strongest: the command
 * line, system properties, the operator's file, Sampo's tuning of Pekko (node-pekko.conf), and the
 * reference.conf of every module and library. The operator's file may be a broker.conf of RocketMQ.
 *
 * <p>A setting under {@code sampo} that no reference.conf knows is refused: it would otherwise be a
 * typing error that nobody notices.
 */
final class NodeConfig {
  private static final Logger LOG = LoggerFactory.getLogger(NodeConfig.class);
  private static final String ROOT = "sampo";

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
    String text = read(file);
    return BrokerConf.isOne(file, text)
        ? translate(BrokerConf.translate(file, text))
        : ConfigFactory.parseFile(file.toFile());
  }

  /** As the format of properties has it, in which every file can be read. */
  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new SettingsException(
          List.of("the settings file " + file + " can't be read: " + e.getMessage()));
    }
  }

  private static Config translate(Translation translation) {
    translation.warnings().forEach(LOG::warn);
    if (!translation.problems().isEmpty()) {
      throw new SettingsException(translation.problems());
    }
    return translation.settings();
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
                + Spelling.hint(path, known)
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
}
