package io.sampo.bench.report;

import io.sampo.bench.load.LoadResult.Figure;
import java.util.List;
import java.util.Locale;

/** How figures are named and written for people. */
final class Figures {
  /** What the console shows of a comparison, in this order. */
  static final List<Figure> SHOWN =
      List.of(
          Figure.MESSAGES_PER_SECOND,
          Figure.MEGABYTES_PER_SECOND,
          Figure.SERVER_CPU_SECONDS_PER_MILLION,
          Figure.CLIENT_CPU_SECONDS_PER_MILLION,
          Figure.P50_MICROS,
          Figure.P99_MICROS,
          Figure.P999_MICROS,
          Figure.ALLOCATED_BYTES_PER_MESSAGE,
          Figure.RESIDENT_MIB,
          Figure.RESIDENT_ANONYMOUS_MIB,
          Figure.START_MILLIS,
          Figure.COPIED_BYTES_PER_STORED_BYTE,
          Figure.OTHERS_CPU_PERCENT);

  private Figures() {}

  static String title(Figure figure) {
    return switch (figure) {
      case INVALID -> "invalid";
      case MESSAGES_PER_SECOND -> "messages/s";
      case MEGABYTES_PER_SECOND -> "MB/s";
      case P50_MICROS -> "latency p50, µs";
      case P99_MICROS -> "latency p99, µs";
      case P999_MICROS -> "latency p99.9, µs";
      case SERVER_CPU_SECONDS_PER_MILLION -> "server CPU, s per million";
      case CLIENT_CPU_SECONDS_PER_MILLION -> "client CPU, s per million";
      case OTHERS_CPU_PERCENT -> "machine used by others, %";
      case ALLOCATED_BYTES_PER_MESSAGE -> "server allocates, B per message";
      case RESIDENT_MIB -> "resident, MiB";
      case RESIDENT_ANONYMOUS_MIB -> "resident without mapped files, MiB";
      case MESSAGES -> "messages measured";
      case SECONDS -> "seconds measured";
      case START_MILLIS -> "start to first message, ms";
      case COPIED_BYTES_PER_STORED_BYTE -> "bytes between nodes by bytes stored in a copy";
    };
  }

  /** Three digits that matter, no more. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "–";
    }
    double size = Math.abs(value);
    String format = size >= 100 || size == 0 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, format, value).replace(',', ' ');
  }

  static String ratio(Spread spread) {
    return spread.isEmpty() ? "–" : String.format(Locale.ROOT, "%.2f", spread.median());
  }

  /** The median with the ends, when there is more than one. */
  static String spread(Spread spread) {
    if (spread.count() < 2) {
      return number(spread.median());
    }
    return number(spread.median())
        + " ("
        + number(spread.least())
        + "…"
        + number(spread.most())
        + ")";
  }
}
