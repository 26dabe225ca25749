package io.sampo.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.bench.load.LoadResult;
import io.sampo.bench.load.LoadResult.Figure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From trials through the file to the page and the picture. */
class BenchmarksPageTest {
  @TempDir Path directory;

  @Test
  void writesBetweenTheMarksAndLeavesTheRestAlone() throws IOException {
    Path page = page("before\n<!-- measured: begin; bench/run writes what follows -->\nold\n");
    TrialFile file = new TrialFile(directory.resolve("benchmarks.csv"));
    file.replace(
        List.of(
            entry("async-1k", "rocketmq", 20_000, 50),
            entry("async-1k", "sampo", 30_000, 20),
            entry("drain", "rocketmq", 100_000, 6)));

    new BenchmarksPage(page, directory.resolve("chart.svg"))
        .write(Pairing.WITH_ROCKETMQ, file.read(), List.of("settings"));

    assertThat(Files.readString(page))
        .startsWith("before\n")
        .endsWith("<!-- measured: end -->\nafter\n")
        .doesNotContain("old")
        .contains("- 2026-01-01, a machine; with 2 cores\n", "- settings\n")
        .contains("| async-1k, async | 20 000 | 30 000 | **1.50** | 50.0 | 20.0 | **0.40** |")
        .contains("| drain, async | 100 000 | – | **–** | 6.00 | – | **–** |")
        .contains("| async-1k, async flush | server CPU, s per million | ≤ 0.5× | 0.40 | yes |")
        .contains("| drain, async flush | messages/s | ≥ 1.1× | not measured | – |");
    assertThat(directory.resolve("chart.svg")).content().contains("async-1k, async", ">1.50<");
  }

  @Test
  void threeNodesHaveAPartOfTheirOwn() throws IOException {
    Path page =
        page(
            """
            before
            <!-- sampo-3: begin; bench/run writes what follows -->
            old
            <!-- sampo-3: end -->
            <!-- measured: begin; bench/run writes what follows -->
            RocketMQ's
            """);
    TrialFile file = new TrialFile(directory.resolve("benchmarks-sampo-3.csv"));
    TrialFile.Entry three = entry("sync-32", "sampo-3", 5_000, 120);
    three.trial().result().put(Figure.COPIED_BYTES_PER_STORED_BYTE, 2.1);
    file.replace(List.of(entry("sync-32", "sampo", 20_000, 30), three));

    new BenchmarksPage(page, directory.resolve("chart.svg"))
        .write(Pairing.WITH_THREE_NODES, file.read(), List.of("settings"));

    assertThat(Files.readString(page))
        .doesNotContain("old", "Targets")
        .contains("messages/s: one node | three nodes | ratio")
        .contains("| sync-32, async | 20 000 | 5 000 | **0.25** | 30.0 | 120 | **4.00** |")
        .contains("| sync-32, async | – | 2.10 | **–** |")
        .endsWith("RocketMQ's\n<!-- measured: end -->\nafter\n");
    assertThat(directory.resolve("chart.svg")).doesNotExist();
  }

  @Test
  void aNewMeasurementReplacesThatOfItsSeriesAlone() throws IOException {
    TrialFile file = new TrialFile(directory.resolve("benchmarks.csv"));
    file.replace(List.of(entry("async-1k", "sampo", 1, 1), entry("drain", "sampo", 2, 1)));

    file.replace(List.of(entry("async-1k", "sampo", 3, 1)));

    assertThat(file.read())
        .extracting(
            entry -> entry.trial().series().workload(),
            entry -> entry.trial().result().number(Figure.MESSAGES_PER_SECOND))
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("drain", 2.0),
            org.assertj.core.groups.Tuple.tuple("async-1k", 3.0));
  }

  @Test
  void refusesAPageWithoutTheMarks() throws IOException {
    Path page = directory.resolve("page.md");
    Files.writeString(page, "nothing");

    assertThatThrownBy(
            () ->
                new BenchmarksPage(page, directory.resolve("chart.svg"))
                    .write(Pairing.WITH_ROCKETMQ, List.of(), List.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("lacks the marks");
  }

  private Path page(String before) throws IOException {
    Path page = directory.resolve("page.md");
    Files.writeString(page, before + "<!-- measured: end -->\nafter\n");
    return page;
  }

  private static TrialFile.Entry entry(
      String workload, String server, double messagesPerSecond, double cpu) {
    LoadResult result = new LoadResult();
    result.put(Figure.MESSAGES_PER_SECOND, messagesPerSecond);
    result.put(Figure.SERVER_CPU_SECONDS_PER_MILLION, cpu);
    Trial.Series series = new Trial.Series(workload, "async", "official");
    return new TrialFile.Entry(
        "2026-01-01", "a machine; with 2 cores", new Trial(series, server, 1, result));
  }
}
