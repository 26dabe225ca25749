package io.sampo.bench;

import io.sampo.bench.TrialRunner.Conditions;
import io.sampo.bench.load.LoadResult;
import io.sampo.bench.load.LoadResult.Figure;
import io.sampo.bench.load.Workloads;
import io.sampo.bench.report.ConsoleReport;
import io.sampo.bench.report.StackProfile;
import io.sampo.bench.report.Trial;
import io.sampo.bench.server.Flush;
import io.sampo.bench.server.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Runs one workload once and shows where the server's time (or memory, or waiting) goes. Of several
 * processes the one that was started last is profiled.
 */
@Command(
    name = "profile",
    description = "Shows where a server's CPU time goes under a workload.",
    mixinStandardHelpOptions = true)
final class ProfileCommand implements Callable<Integer> {
  private static final int TOP = 30;

  @Option(names = "--workload", required = true, description = "Its name.")
  String workload = "";

  @Option(
      names = "--server",
      defaultValue = "sampo",
      description =
          "sampo, sampo-3 (of which one node is profiled) or rocketmq (default: ${DEFAULT-VALUE}).")
  String server = "";

  @Option(
      names = "--event",
      defaultValue = "cpu",
      description =
          "cpu, alloc, wall, lock or another of async-profiler (default: ${DEFAULT-VALUE}).")
  String event = "";

  @Option(
      names = "--flush",
      defaultValue = "async",
      description = "async or sync (default: ${DEFAULT-VALUE}).")
  String flush = "";

  @Option(
      names = "--client",
      defaultValue = "official",
      description = "official or sampo (default: ${DEFAULT-VALUE}).")
  String client = "";

  @Mixin AmountOptions amount = new AmountOptions();

  @Override
  public Integer call() throws Exception {
    Layout layout = Bench.layout();
    Path directory = layout.profiles().resolve(workload + "-" + server + "-" + event);
    Conditions conditions =
        new Conditions(
            Workloads.named(workload),
            Flush.of(flush),
            client,
            amount.amount(),
            // Without them a sample is counted for the nearest safepoint instead of its own line.
            List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:+DebugNonSafepoints"));
    AtomicReference<@Nullable AsyncProfiler> started = new AtomicReference<>();
    Server measured = Bench.server(server, layout);
    LoadResult result;
    try (TrialRunner runner = new TrialRunner(layout)) {
      result =
          runner.run(
              measured,
              conditions,
              running -> {
                try {
                  AsyncProfiler profiler = new AsyncProfiler(running.mainPid(), event, directory);
                  started.set(profiler);
                  return profiler;
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
    Trial.Series series = new Trial.Series(workload, flush, client);
    System.out.println(ConsoleReport.line(new Trial(series, server, 1, result)));
    AsyncProfiler profiler = started.get();
    if (profiler == null || !result.isValid()) {
      return 1;
    }
    StackProfile profile =
        StackProfile.read(
            profiler.collapsed(),
            server.startsWith("sampo") ? "io/sampo/" : "org/apache/rocketmq/");
    profile.print(System.out, unitsPerMessage(result), unit(), TOP);
    System.out.println();
    System.out.println("collapsed stacks: " + profiler.collapsed());
    System.out.println("flame graph:      " + profiler.flameGraph());
    return 0;
  }

  private double unitsPerMessage(LoadResult result) {
    return switch (event) {
      case "alloc" -> result.number(Figure.ALLOCATED_BYTES_PER_MESSAGE);
      case "cpu" -> result.number(Figure.SERVER_CPU_SECONDS_PER_MILLION);
      default -> Double.NaN;
    };
  }

  private String unit() {
    return switch (event) {
      case "alloc" -> "bytes allocated";
      case "cpu" -> "µs of CPU";
      default -> event;
    };
  }
}
