package io.sampo.bench;

import io.sampo.bench.failover.Episode;
import io.sampo.bench.failover.FailoverReport;
import io.sampo.bench.failover.FailoverRun;
import io.sampo.bench.failover.Fault;
import io.sampo.bench.failover.FaultyCluster;
import io.sampo.bench.failover.SendLog;
import io.sampo.bench.report.PageSection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures how long clients go without an acknowledged send when the leader of a log group is
 * killed, stopped, paused or cut off, over and over. Exit status 1 when a target is missed or
 * anything that was acknowledged is lost.
 */
@Command(
    name = "failover",
    description = "Kills, stops, pauses and cuts off leaders, and measures what clients notice.",
    mixinStandardHelpOptions = true)
final class FailoverCommand implements Callable<Integer> {
  @Option(
      names = "--kills",
      defaultValue = "30",
      description = "How many kills (default: ${DEFAULT-VALUE}).")
  int kills;

  @Option(
      names = "--stops",
      defaultValue = "9",
      description = "How many planned stops (default: ${DEFAULT-VALUE}).")
  int stops;

  @Option(
      names = "--pauses",
      defaultValue = "6",
      description = "How many pauses (default: ${DEFAULT-VALUE}).")
  int pauses;

  @Option(
      names = "--cuts",
      defaultValue = "6",
      description = "How many partitions (default: ${DEFAULT-VALUE}).")
  int cuts;

  @Option(
      names = "--rate",
      defaultValue = "1000",
      description = "Sends a second (default: ${DEFAULT-VALUE}).")
  int rate;

  @Option(
      names = "--minutes-max",
      defaultValue = "60",
      description = "After so long no more faults are made (default: ${DEFAULT-VALUE}).")
  int minutesMax;

  @Option(names = "--write", description = "Writes the result to docs/benchmarks.md.")
  boolean write;

  @Override
  public Integer call() throws Exception {
    Layout layout = Bench.layout();
    Path directory =
        Files.createDirectories(layout.runs().resolve(ProcessHandle.current().pid() + "-failover"));
    List<Episode> episodes = new ArrayList<>();
    SendLog log;
    try (FaultyCluster cluster = FaultyCluster.start(layout.root(), directory.resolve("server"));
        FailoverRun run =
            FailoverRun.start(cluster, directory, layout.loadClassPath("official"), rate)) {
      long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutesMax);
      repeat(run, Fault.STOP, stops, episodes, deadline);
      repeat(run, Fault.PAUSE, pauses, episodes, deadline);
      repeat(run, Fault.CUT, cuts, episodes, deadline);
      repeat(run, Fault.KILL, kills, episodes, deadline);
      log = run.finish();
    } finally {
      TrialRunner.deleteData(directory.resolve("server"));
    }
    FailoverReport report = new FailoverReport(episodes, log);
    String section = report.section(conditions(layout));
    System.out.println(section);
    if (write) {
      new PageSection(layout.page(), "failover").write(section);
    }
    return report.isGood() ? 0 : 1;
  }

  private static void repeat(
      FailoverRun run, Fault fault, int times, List<Episode> episodes, long deadlineNanos)
      throws Exception {
    for (int i = 0; i < times && System.nanoTime() - deadlineNanos < 0; i++) {
      Episode episode = run.befall(fault, i % FaultyCluster.NODES);
      episodes.add(episode);
      System.out.printf(
          "%s %d of %d: another leader after %d ms%n",
          fault.title(),
          i + 1,
          times,
          (episode.times().led() - episode.times().began()) / 1_000_000);
    }
  }

  private List<String> conditions(Layout layout) throws Exception {
    return List.of(
        LocalDate.now(ZoneOffset.UTC) + ", " + Machine.describe(),
        "Three nodes on this one machine, each in a network of its own: bin/sampo server with its"
            + " defaults; three replicas, quorum, sync flush",
        "Official producer "
            + layout.rocketMqVersion()
            + " with its defaults, "
            + rate
            + " sends/s by 32 threads, 512 bytes, no order; an official push consumer");
  }
}
