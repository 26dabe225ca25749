package io.sampo.routing.boot;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.typesafe.config.Config;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows that it works: a node in this process, a producer, a consumer, and what came of it. */
@Command(
    name = "quickstart",
    description =
        "Starts a node in a temporary directory, sends messages to it and consumes them, and sums"
            + " up. Ends by itself.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class QuickstartCommand implements Callable<Integer> {
  private static final int MESSAGES_MAX = 10_000_000;
  private static final List<String> PORTS =
      List.of(
          "sampo.name-server.port",
          "sampo.broker.port",
          "sampo.cluster.port",
          "sampo.replication.port",
          "sampo.management.port");

  @Option(
      names = "--keep",
      description = "Leave the node running, on the default ports, until Ctrl-C or SIGTERM.")
  private boolean keep;

  @Option(
      names = "--messages",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many messages to send; ${DEFAULT-VALUE} by default.")
  private int messages;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final PrintStream out = System.out;
  private volatile @Nullable SampoNode node;

  @Override
  public Integer call() throws IOException, StartFailedException, InterruptedException {
    if (messages < 1 || messages > MESSAGES_MAX) {
      throw new ParameterException(
          spec.commandLine(), "--messages must be from 1 to " + MESSAGES_MAX);
    }
    Logger ours = (Logger) LoggerFactory.getLogger("io.sampo");
    ours.setLevel(Level.WARN); // the steps are told here
    Path directory = Files.createTempDirectory("sampo-quickstart-");
    Thread tidying = new Thread(() -> tidyUp(directory), "tidy-up");
    Runtime.getRuntime().addShutdownHook(tidying); // for an end by Ctrl-C
    QuickstartRun.Summary summary;
    try (SampoNode started = start(directory)) {
      node = started;
      summary = new QuickstartRun(started.addresses().nameServer(), messages, out).run();
      tell(summary);
      tellNext(started.addresses());
      if (keep) {
        ours.setLevel(Level.INFO);
        started.awaitStop();
      }
    }
    tidyUp(directory);
    return summary.isPerfect() ? 0 : Main.EXIT_FAILED;
  }

  /** Ends the node and removes its data, unless both are to stay. */
  private synchronized void tidyUp(Path directory) {
    SampoNode running = node;
    if (running != null) {
      running.close();
    }
    if (!keep) {
      Scratch.delete(directory);
    }
  }

  private SampoNode start(Path directory) throws StartFailedException, InterruptedException {
    out.println("Starting a node ...");
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("sampo.data-dir", directory.toString());
    if (!keep) {
      PORTS.forEach(port -> settings.put(port, "0"));
    }
    Config config = NodeConfig.load(null, settings);
    SampoNode node = SampoNode.start(SampoSettings.from(config, directory), config);
    out.println("  it is ready: " + node.addresses().describe());
    return node;
  }

  private void tell(QuickstartRun.Summary summary) {
    out.println();
    out.printf(
        Locale.ROOT,
        "%s: %,d sent in %.2f s (%,.0f per second), %,d received in %.2f s, %,d lost%s.%n",
        summary.isPerfect() ? "It works" : "It does not work",
        summary.sent(),
        summary.sendSeconds(),
        summary.sent() / summary.sendSeconds(),
        summary.received(),
        summary.receiveSeconds(),
        summary.lost(),
        summary.repeated() == 0 ? "" : ", " + summary.repeated() + " repeated");
    if (summary.sent() < summary.wanted()) {
      out.printf(Locale.ROOT, "%,d were not accepted.%n", summary.wanted() - summary.sent());
    }
  }

  private void tellNext(NodeAddresses addresses) {
    out.println();
    if (keep) {
      out.println("The node keeps running. Point any RocketMQ client at it:");
      out.println("  namesrvAddr=" + addresses.nameServer());
      out.println(
          "Stop it with Ctrl-C or: kill "
              + ProcessHandle.current().pid()
              + ". Its data stays in "
              + addresses.dataDirectory());
    } else {
      out.println("Next:");
      out.println(
          "  bin/sampo server               a node that keeps its data; settings in application.conf");
      out.println(
          "  bin/sampo quickstart --keep    this again, and the node stays for your own clients");
      out.println("  docs/architecture.md           what happened inside");
    }
  }
}
