package io.sampo.bench;

import io.sampo.bench.TrialRunner.Conditions;
import io.sampo.bench.load.LoadResult;
import io.sampo.bench.load.Workload;
import io.sampo.bench.report.BenchmarksPage;
import io.sampo.bench.report.Comparison;
import io.sampo.bench.report.ConsoleReport;
import io.sampo.bench.report.Pairing;
import io.sampo.bench.report.Trial;
import io.sampo.bench.report.TrialFile;
import io.sampo.bench.server.Flush;
import io.sampo.bench.server.Server;
import java.io.IOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Runs workloads against the servers in turn, A B A B, and shows medians, spread and ratio. Exit
 * status 1 when a trial was invalid.
 */
@Command(
    name = "compare",
    description = "Runs workloads against both servers in turn and compares.",
    mixinStandardHelpOptions = true)
final class CompareCommand implements Callable<Integer> {
  @Option(
      names = "--workloads",
      split = ",",
      defaultValue = "all",
      description = "Names, or all (default: ${DEFAULT-VALUE}).")
  List<String> workloads = List.of();

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description = "How often each server is measured (default: ${DEFAULT-VALUE}).")
  int rounds;

  @Option(
      names = "--flush",
      split = ",",
      defaultValue = "async",
      description = "async, sync or async,sync (default: ${DEFAULT-VALUE}).")
  List<String> flushes = List.of();

  @Option(
      names = "--servers",
      split = ",",
      defaultValue = "rocketmq,sampo",
      description =
          "Which, in which order: rocketmq, sampo, sampo-3 for three nodes, sampo-plain for one"
              + " without deduplication (default: ${DEFAULT-VALUE}).")
  List<String> servers = List.of();

  @Option(
      names = "--client",
      split = ",",
      defaultValue = "official",
      description = "official or sampo (default: ${DEFAULT-VALUE}).")
  List<String> clients = List.of();

  @Option(
      names = "--no-page",
      description = "Leaves docs/benchmarks.md alone, as the short mode does.")
  boolean noPage;

  @Mixin AmountOptions amount = new AmountOptions();

  @Override
  public Integer call() throws Exception {
    Layout layout = Bench.layout();
    List<Trial> trials = new ArrayList<>();
    try (TrialRunner runner = new TrialRunner(layout)) {
      for (String flush : flushes) {
        for (Workload workload : Bench.workloads(workloads)) {
          for (String client : clients) {
            Trial.Series series = new Trial.Series(workload.name(), flush, client);
            Conditions conditions =
                new Conditions(workload, Flush.of(flush), client, amount.amount(), List.of());
            trials.addAll(rounds(runner, layout, series, conditions));
          }
        }
      }
    }
    Optional<Pairing> pairing = Pairing.of(servers);
    if (pairing.isPresent()) {
      ConsoleReport.print(Comparison.of(pairing.get(), trials), System.out);
      if (!noPage && !amount.brief) {
        writePage(layout, pairing.get(), trials);
      }
    }
    return trials.stream().allMatch(trial -> trial.result().isValid()) ? 0 : 1;
  }

  private void writePage(Layout layout, Pairing pairing, List<Trial> trials) throws IOException {
    String date = LocalDate.now(ZoneOffset.UTC).toString();
    String machine = Machine.describe();
    TrialFile file = new TrialFile(layout.trialFile(pairing));
    file.replace(trials.stream().map(trial -> new TrialFile.Entry(date, machine, trial)).toList());
    List<String> settings = new ArrayList<>();
    for (String name : List.of(pairing.base(), pairing.other())) {
      settings.add(Bench.server(name, layout).settings());
    }
    new BenchmarksPage(layout.page(), layout.chart()).write(pairing, file.read(), settings);
    System.out.println();
    System.out.println("written: " + layout.page());
  }

  private List<Trial> rounds(
      TrialRunner runner, Layout layout, Trial.Series series, Conditions conditions)
      throws Exception {
    List<Trial> trials = new ArrayList<>();
    for (int round = 1; round <= Math.min(rounds, conditions.workload().mostRounds()); round++) {
      for (String name : servers) {
        Server server = Bench.server(name, layout);
        LoadResult result = runner.run(server, conditions);
        Trial trial = new Trial(series, name, round, result);
        trials.add(trial);
        System.out.printf("%s, round %d, %s: %s%n", series, round, name, ConsoleReport.line(trial));
      }
    }
    return trials;
  }
}
