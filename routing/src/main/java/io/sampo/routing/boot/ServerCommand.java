package io.sampo.routing.boot;

import com.typesafe.config.Config;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a node in the foreground until it is told to stop (SIGTERM, Ctrl-C). */
@Command(
    name = "server",
    description = "Runs a node in the foreground until it gets SIGTERM or Ctrl-C.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class ServerCommand implements Callable<Integer> {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = {
        "The settings file, or a broker.conf of RocketMQ;",
        "application.conf in the installation's root by default."
      })
  private @Nullable Path file;

  @Option(
      names = "-D",
      paramLabel = "NAME=VALUE",
      description = "Sets one setting, such as -Dsampo.broker.port=10911; stronger than the file.")
  private Map<String, String> overrides = new LinkedHashMap<>();

  @Override
  public Integer call() throws StartFailedException, InterruptedException {
    Path root = installationRoot();
    Config config = NodeConfig.load(file == null ? defaultFile(root) : file, overrides);
    new NodeRunner(config, node -> tellReady(node.addresses()))
        .run(SampoSettings.from(config, root));
    return 0;
  }

  private static void tellReady(NodeAddresses addresses) {
    System.out.printf(
        Locale.ROOT,
        "Sampo %s is ready after %.2f s: %s%n",
        Main.Version.text(),
        sinceJvmStart().toMillis() / 1000.0,
        addresses.describe());
    System.out.flush();
  }

  /** Where bin/sampo belongs to; the current directory when something else started the program. */
  static Path installationRoot() {
    String home = System.getenv("SAMPO_HOME");
    return Path.of(home == null ? "" : home).toAbsolutePath();
  }

  private static @Nullable Path defaultFile(Path root) {
    Path file = root.resolve("application.conf");
    return Files.exists(file) ? file : null;
  }

  private static Duration sinceJvmStart() {
    return Duration.ofMillis(
        System.currentTimeMillis()
            - java.lang.management.ManagementFactory.getRuntimeMXBean().getStartTime());
  }
}
