package io.sampo.bench;

import io.sampo.bench.load.Workload;
import io.sampo.bench.load.Workloads;
import io.sampo.bench.server.RocketMqServer;
import io.sampo.bench.server.SampoServer;
import io.sampo.bench.server.Server;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The benchmarks' command line; bench/run starts it with everything built. */
@Command(
    name = "bench/run",
    description = "Measures Sampo next to RocketMQ on this machine.",
    mixinStandardHelpOptions = true,
    subcommands = {
      CompareCommand.class,
      ProfileCommand.class,
      GuardCommand.class,
      FailoverCommand.class
    })
public final class Bench {
  /** Set by bench/run. */
  private static final String ROOT_PROPERTY = "sampo.bench.root";

  private Bench() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new Bench()).execute(args));
  }

  @Command(name = "workloads", description = "Lists the workloads.")
  int workloads() {
    for (Workload workload : Workloads.ALL) {
      System.out.printf("%-14s %s%n", workload.name(), workload.summary());
    }
    return 0;
  }

  static Layout layout() {
    String root = System.getProperty(ROOT_PROPERTY);
    if (root == null) {
      throw new IllegalStateException("start this through bench/run, which sets " + ROOT_PROPERTY);
    }
    return new Layout(Path.of(root).toAbsolutePath().normalize());
  }

  static Server server(String name, Layout layout) throws IOException {
    return switch (name) {
      case "rocketmq" -> new RocketMqServer(layout.rocketMq(), layout.rocketMqVersion());
      case "sampo" -> SampoServer.oneNode(layout.root());
      case "sampo-plain" -> SampoServer.plain(layout.root());
      case "sampo-3" -> SampoServer.cluster(layout.root(), 3);
      default ->
          throw new IllegalArgumentException(
              "no server " + name + "; rocketmq, sampo, sampo-plain or sampo-3");
    };
  }

  static List<Workload> workloads(List<String> names) {
    if (names.equals(List.of("all"))) {
      return Workloads.ALL;
    }
    List<Workload> chosen = new ArrayList<>();
    for (String name : names) {
      chosen.add(Workloads.named(name));
    }
    return chosen;
  }
}
