package io.sampo.bench.report;

import io.sampo.bench.load.LoadResult.Figure;
import io.sampo.bench.load.Workloads;
import io.sampo.bench.report.TrialFile.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Writes what was measured into a Markdown page, between two marks for each pairing; the text
 * around them is written by hand and stays.
 */
public final class BenchmarksPage {
  /** Where the measured part of a pairing begins and ends. */
  private record Marks(String begin, String end) {
    static Marks of(Pairing pairing) {
      String name = pairing.equals(Pairing.WITH_ROCKETMQ) ? "measured" : pairing.other();
      return new Marks(
          "<!-- " + name + ": begin; bench/run writes what follows -->",
          "<!-- " + name + ": end -->");
    }
  }

  private static final List<Figure> LOAD =
      List.of(Figure.MESSAGES_PER_SECOND, Figure.SERVER_CPU_SECONDS_PER_MILLION);
  private static final List<Figure> LATENCY =
      List.of(Figure.P50_MICROS, Figure.P99_MICROS, Figure.P999_MICROS);
  private static final List<Figure> MEMORY =
      List.of(
          Figure.RESIDENT_MIB,
          Figure.RESIDENT_ANONYMOUS_MIB,
          Figure.ALLOCATED_BYTES_PER_MESSAGE,
          Figure.START_MILLIS);
  private static final List<Figure> AROUND =
      List.of(
          Figure.MEGABYTES_PER_SECOND,
          Figure.CLIENT_CPU_SECONDS_PER_MILLION,
          Figure.OTHERS_CPU_PERCENT);
  private static final List<Figure> COPIES = List.of(Figure.COPIED_BYTES_PER_STORED_BYTE);

  private final Path page;
  private final Path chart;

  /**
   * @param page has the two marks
   * @param chart where the picture goes, beside the page
   */
  public BenchmarksPage(Path page, Path chart) {
    this.page = page;
    this.chart = chart;
  }

  /**
   * Writes a pairing's part of the page, and for RocketMQ's the picture.
   *
   * @param settings of the servers, a line each
   */
  public void write(Pairing pairing, List<Entry> entries, List<String> settings)
      throws IOException {
    List<Comparison> comparisons = inOrder(pairing, entries);
    StringBuilder out = new StringBuilder();
    conditions(out, entries, settings);
    if (pairing.equals(Pairing.WITH_ROCKETMQ)) {
      out.append("\n![Sampo as a multiple of RocketMQ](").append(chart.getFileName()).append(")\n");
      targets(out, comparisons);
      RatioChart.write(
          chart,
          comparisons.stream()
              .filter(comparison -> !comparison.ratio(Figure.MESSAGES_PER_SECOND).isEmpty())
              .toList());
    }
    table(out, pairing, "Throughput and server CPU", comparisons, LOAD);
    table(out, pairing, "Latency", comparisons, LATENCY);
    table(out, pairing, "Memory and start", comparisons, MEMORY);
    table(out, pairing, "Around it", comparisons, AROUND);
    if (pairing.equals(Pairing.WITH_THREE_NODES)) {
      table(out, pairing, "Between the nodes", comparisons, COPIES);
    }
    invalid(out, comparisons);
    replace(Marks.of(pairing), out);
  }

  private void replace(Marks marks, CharSequence measured) throws IOException {
    String text = Files.readString(page);
    int begin = text.indexOf(marks.begin());
    int end = text.indexOf(marks.end());
    if (begin < 0 || end < begin) {
      throw new IOException(page + " lacks the marks " + marks.begin() + " and " + marks.end());
    }
    Files.writeString(
        page,
        text.substring(0, begin + marks.begin().length())
            + "\n\n"
            + measured
            + "\n"
            + text.substring(end));
  }

  private static List<Comparison> inOrder(Pairing pairing, List<Entry> entries) {
    List<String> names = Workloads.ALL.stream().map(workload -> workload.name()).toList();
    return Comparison.of(pairing, entries.stream().map(Entry::trial).toList()).stream()
        .sorted(
            Comparator.comparing((Comparison comparison) -> comparison.series().client())
                .thenComparing(comparison -> comparison.series().flush())
                .thenComparing(comparison -> names.indexOf(comparison.series().workload())))
        .toList();
  }

  private static void conditions(StringBuilder out, List<Entry> entries, List<String> settings) {
    Set<String> conditions = new LinkedHashSet<>();
    entries.forEach(entry -> conditions.add(entry.date() + ", " + entry.machine()));
    conditions.forEach(condition -> out.append("- ").append(condition).append('\n'));
    settings.forEach(setting -> out.append("- ").append(setting).append('\n'));
  }

  private static void targets(StringBuilder out, List<Comparison> comparisons) {
    out.append("\n### Targets\n\n| workload | figure | target | measured | reached |\n");
    out.append("| --- | --- | --- | --- | --- |\n");
    for (Target target : Target.ALL) {
      Optional<Spread> ratio = target.ratio(comparisons);
      row(
          out,
          List.of(
              target.workload() + ", " + target.flush() + " flush",
              Figures.title(target.figure()),
              target.toString(),
              ratio.map(Figures::spread).orElse("not measured"),
              ratio.map(found -> target.isReachedBy(found.median()) ? "yes" : "no").orElse("–")));
    }
    queues(out, comparisons);
  }

  /** The one target that compares Sampo with itself. */
  private static void queues(StringBuilder out, List<Comparison> comparisons) {
    double many = ours(comparisons, "queues-10000");
    double few = ours(comparisons, "async-1k");
    boolean known = !Double.isNaN(many) && !Double.isNaN(few);
    row(
        out,
        List.of(
            "10 000 queues, async flush",
            "messages/s by those over 8 queues",
            "≥ 0.9×",
            known ? String.format(Locale.ROOT, "%.2f", many / few) : "not measured",
            known ? (many / few >= 0.9 ? "yes" : "no") : "–"));
  }

  private static double ours(List<Comparison> comparisons, String workload) {
    return comparisons.stream()
        .filter(
            comparison ->
                comparison.series().equals(new Trial.Series(workload, "async", "official")))
        .mapToDouble(comparison -> comparison.other(Figure.MESSAGES_PER_SECOND).median())
        .findFirst()
        .orElse(Double.NaN);
  }

  private static void table(
      StringBuilder out,
      Pairing pairing,
      String title,
      List<Comparison> comparisons,
      List<Figure> figures) {
    List<String> head = new ArrayList<>(List.of("workload"));
    List<String> rule = new ArrayList<>(List.of("---"));
    for (Figure figure : figures) {
      head.add(Figures.title(figure) + ": " + pairing.baseTitle());
      head.add(pairing.otherTitle());
      head.add("ratio");
      rule.addAll(List.of("---:", "---:", "---:"));
    }
    out.append("\n### ").append(title).append("\n\n");
    row(out, head);
    row(out, rule);
    for (Comparison comparison : comparisons) {
      List<String> cells = new ArrayList<>(List.of(label(comparison.series())));
      boolean any = false;
      for (Figure figure : figures) {
        Spread base = comparison.base(figure);
        Spread other = comparison.other(figure);
        any |= !base.isEmpty() || !other.isEmpty();
        cells.add(Figures.spread(base));
        cells.add(Figures.spread(other));
        cells.add("**" + Figures.ratio(comparison.ratio(figure)) + "**");
      }
      if (any) {
        row(out, cells);
      }
    }
  }

  private static void invalid(StringBuilder out, List<Comparison> comparisons) {
    boolean any = false;
    for (Comparison comparison : comparisons) {
      for (String reason : comparison.invalid()) {
        if (!any) {
          out.append("\n### Not counted\n\n");
          any = true;
        }
        out.append("- ").append(comparison.series()).append(", ").append(reason).append('\n');
      }
    }
  }

  private static String label(Trial.Series series) {
    return series.workload()
        + ", "
        + series.flush()
        + (series.client().equals("official") ? "" : ", own client");
  }

  private static void row(StringBuilder out, List<String> cells) {
    out.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
