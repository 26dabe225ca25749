package io.sampo.bench.report;

import io.sampo.bench.load.LoadResult.Figure;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** Comparisons for a terminal. */
public final class ConsoleReport {
  private ConsoleReport() {}

  /** One line that says how a trial went. */
  public static String line(Trial trial) {
    if (!trial.result().isValid()) {
      return "INVALID: " + trial.result().text(Figure.INVALID);
    }
    return String.format(
        Locale.ROOT,
        "%s msg/s, server CPU %s s/M, client CPU %s s/M, p50 %s p99 %s p99.9 %s µs, %s MiB",
        shown(trial, Figure.MESSAGES_PER_SECOND),
        shown(trial, Figure.SERVER_CPU_SECONDS_PER_MILLION),
        shown(trial, Figure.CLIENT_CPU_SECONDS_PER_MILLION),
        shown(trial, Figure.P50_MICROS),
        shown(trial, Figure.P99_MICROS),
        shown(trial, Figure.P999_MICROS),
        shown(trial, Figure.RESIDENT_MIB));
  }

  /** A table for each series: both servers' medians with the ends, and the ratio. */
  public static void print(List<Comparison> comparisons, PrintStream out) {
    for (Comparison comparison : comparisons) {
      out.println();
      out.println(comparison.series());
      Pairing pairing = comparison.pairing();
      out.printf(
          Locale.ROOT,
          "  %-36s %28s %28s %18s%n",
          "",
          pairing.base(),
          pairing.other(),
          pairing.other() + "/" + pairing.base());
      for (Figure figure : Figures.SHOWN) {
        Spread base = comparison.base(figure);
        Spread other = comparison.other(figure);
        if (!base.isEmpty() || !other.isEmpty()) {
          out.printf(
              Locale.ROOT,
              "  %-36s %28s %28s %18s%n",
              Figures.title(figure),
              Figures.spread(base),
              Figures.spread(other),
              Figures.spread(comparison.ratio(figure)));
        }
      }
      for (String invalid : comparison.invalid()) {
        out.println("  INVALID " + invalid);
      }
    }
  }

  private static String shown(Trial trial, Figure figure) {
    return Figures.number(trial.result().number(figure));
  }
}
