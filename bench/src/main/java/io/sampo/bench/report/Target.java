package io.sampo.bench.report;

import io.sampo.bench.load.LoadResult.Figure;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a ratio to RocketMQ is meant to be, with the official client.
 *
 * @param atMost whether the bound is one from above
 */
record Target(String workload, String flush, Figure figure, boolean atMost, double bound) {
  private static final String ASYNC = "async";
  private static final String SYNC = "sync";

  static final List<Target> ALL =
      List.of(
          atMost("async-1k", Figure.SERVER_CPU_SECONDS_PER_MILLION, 0.5),
          atLeast("async-128", ASYNC, Figure.MESSAGES_PER_SECOND, 1.3),
          atLeast("async-1k", ASYNC, Figure.MESSAGES_PER_SECOND, 1.3),
          atLeast("sync-32", SYNC, Figure.MESSAGES_PER_SECOND, 1.5),
          atMost("drain", Figure.SERVER_CPU_SECONDS_PER_MILLION, 0.8),
          atLeast("drain", ASYNC, Figure.MESSAGES_PER_SECOND, 1.1),
          atMost("transactions", Figure.SERVER_CPU_SECONDS_PER_MILLION, 0.4),
          atLeast("transactions", ASYNC, Figure.MESSAGES_PER_SECOND, 1.5),
          atMost("paced", Figure.P99_MICROS, 0.5),
          atMost("paced", Figure.P999_MICROS, 0.5),
          atMost("e2e", Figure.P50_MICROS, 0.8),
          atMost("e2e", Figure.P99_MICROS, 0.5),
          atMost("memory", Figure.RESIDENT_MIB, 0.5),
          atMost("start", Figure.START_MILLIS, 0.7));

  private static Target atMost(String workload, Figure figure, double bound) {
    return new Target(workload, ASYNC, figure, true, bound);
  }

  private static Target atLeast(String workload, String flush, Figure figure, double bound) {
    return new Target(workload, flush, figure, false, bound);
  }

  boolean isReachedBy(double ratio) {
    return atMost ? ratio <= bound : ratio >= bound;
  }

  /** The ratio, if it was measured. */
  Optional<Spread> ratio(List<Comparison> comparisons) {
    return comparisons.stream()
        .filter(comparison -> comparison.series().workload().equals(workload))
        .filter(comparison -> comparison.series().flush().equals(flush))
        .filter(comparison -> comparison.series().client().equals("official"))
        .map(comparison -> comparison.ratio(figure))
        .filter(ratio -> !ratio.isEmpty())
        .findFirst();
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s %.1f×", atMost ? "≤" : "≥", bound);
  }
}
