package io.sampo.bench.report;

import java.util.Arrays;
import java.util.Collection;

/** The middle and the ends of what several rounds measured. NaN throughout when nothing was. */
public record Spread(double median, double least, double most, int count) {

  static Spread of(Collection<Double> values) {
    double[] sorted =
        values.stream().mapToDouble(Double::doubleValue).filter(v -> !Double.isNaN(v)).toArray();
    if (sorted.length == 0) {
      return new Spread(Double.NaN, Double.NaN, Double.NaN, 0);
    }
    Arrays.sort(sorted);
    double median = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1], sorted.length);
  }

  /** Whether nothing was measured. */
  public boolean isEmpty() {
    return count == 0;
  }
}
