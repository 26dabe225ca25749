package io.sampo.bench;

import io.sampo.bench.TrialRunner.Conditions;
import io.sampo.bench.load.LoadAmount;
import io.sampo.bench.load.Workloads;
import io.sampo.bench.report.Comparison;
import io.sampo.bench.report.ConsoleReport;
import io.sampo.bench.report.GuardedRatio;
import io.sampo.bench.report.Pairing;
import io.sampo.bench.report.Spread;
import io.sampo.bench.report.Trial;
import io.sampo.bench.server.Flush;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Fails when Sampo has become slower next to RocketMQ: measures the workloads that
 * bench/guard.properties names, both servers in the same run, and compares each ratio with the one
 * written there. A quarter is allowed for noise. Exit status 1 when a ratio is worse than that or
 * couldn't be measured.
 */
@Command(
    name = "guard",
    description = "Fails when a ratio to RocketMQ is worse by a quarter than the committed one.",
    mixinStandardHelpOptions = true)
final class GuardCommand implements Callable<Integer> {
  private static final LoadAmount AMOUNT =
      new LoadAmount(Duration.ofSeconds(8), Duration.ofSeconds(8), 300_000, 300_000, 5_000);

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description = "How often each server is measured (default: ${DEFAULT-VALUE}).")
  int rounds;

  @Option(
      names = "--accept",
      description = "Writes what is measured to bench/guard.properties instead of comparing.")
  boolean accept;

  @Override
  public Integer call() throws Exception {
    Layout layout = Bench.layout();
    List<GuardedRatio> committed = read(layout.guardFile());
    List<Trial> trials = new ArrayList<>();
    Set<Trial.Series> measured = new LinkedHashSet<>();
    committed.forEach(figure -> measured.add(figure.series()));
    try (TrialRunner runner = new TrialRunner(layout)) {
      for (Trial.Series series : measured) {
        trials.addAll(measure(runner, layout, series));
      }
    }
    List<Comparison> comparisons = Comparison.of(Pairing.WITH_ROCKETMQ, trials);
    ConsoleReport.print(comparisons, System.out);
    System.out.println();
    return accept
        ? accept(layout.guardFile(), committed, comparisons)
        : judge(committed, comparisons);
  }

  private List<Trial> measure(TrialRunner runner, Layout layout, Trial.Series series)
      throws Exception {
    Conditions conditions =
        new Conditions(
            Workloads.named(series.workload()),
            Flush.of(series.flush()),
            series.client(),
            AMOUNT,
            List.of());
    Pairing pairing = Pairing.WITH_ROCKETMQ;
    List<String> servers = List.of(pairing.base(), pairing.other());
    List<Trial> trials = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      for (String server : servers) {
        Trial trial =
            new Trial(series, server, round, runner.run(Bench.server(server, layout), conditions));
        System.out.printf(
            "%s, round %d, %s: %s%n", series, round, server, ConsoleReport.line(trial));
        trials.add(trial);
      }
    }
    return trials;
  }

  private static int judge(List<GuardedRatio> committed, List<Comparison> comparisons) {
    long broken = 0;
    for (GuardedRatio figure : committed) {
      Spread ratio = figure.measured(comparisons);
      boolean bad = figure.isBrokenBy(ratio);
      broken += bad ? 1 : 0;
      System.out.printf(
          Locale.ROOT,
          "%s %s: %.3f, committed %.3f%n",
          bad ? "WORSE" : "ok   ",
          figure.name(),
          ratio.median(),
          figure.ratio());
    }
    if (committed.isEmpty()) {
      System.out.println("nothing is committed, so nothing can be guarded");
      return 1;
    }
    if (broken > 0) {
      System.out.printf(
          "%d of %d ratios are worse than the committed ones by more than a quarter%n",
          broken, committed.size());
      return 1;
    }
    return 0;
  }

  private static int accept(Path file, List<GuardedRatio> committed, List<Comparison> comparisons)
      throws IOException {
    List<String> lines =
        new ArrayList<>(
            Files.readAllLines(file).stream().filter(line -> line.startsWith("#")).toList());
    for (GuardedRatio figure : committed) {
      Spread ratio = figure.measured(comparisons);
      if (ratio.isEmpty()) {
        System.out.println("not written: " + figure.name() + " couldn't be measured");
        return 1;
      }
      lines.add(String.format(Locale.ROOT, "%s=%.3f", figure.name(), ratio.median()));
    }
    Files.write(file, lines);
    System.out.println("written: " + file);
    return 0;
  }

  private static List<GuardedRatio> read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    }
    List<GuardedRatio> committed = new ArrayList<>();
    for (String name : new TreeSet<>(properties.stringPropertyNames())) {
      committed.add(GuardedRatio.of(name, properties.getProperty(name)));
    }
    return committed;
  }
}
