package io.sampo.bench.report;

import io.sampo.bench.load.LoadResult.Figure;
import java.util.List;
import java.util.Locale;

/**
 * A ratio to RocketMQ that Sampo is held to. It is named "workload/flush/figure", measured with the
 * official client, and a quarter is allowed for noise.
 *
 * @param ratio the committed one, Sampo by RocketMQ
 */
public record GuardedRatio(String name, Trial.Series series, Figure figure, double ratio) {
  private static final double ALLOWED = 0.25;

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when the name or the number isn't one
   */
  public static GuardedRatio of(String name, String ratio) {
    String[] parts = name.split("/", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException(name + " is not of the form workload/flush/figure");
    }
    return new GuardedRatio(
        name,
        new Trial.Series(parts[0], parts[1], "official"),
        Figure.valueOf(parts[2].toUpperCase(Locale.ROOT)),
        Double.parseDouble(ratio));
  }

  /** What the comparisons say of it; empty when they say nothing. */
  public Spread measured(List<Comparison> comparisons) {
    return comparisons.stream()
        .filter(comparison -> comparison.series().equals(series))
        .map(comparison -> comparison.ratio(figure))
        .findFirst()
        .orElse(Spread.of(List.of()));
  }

  /** Whether the median is worse by more than is allowed, or there is none. */
  public boolean isBrokenBy(Spread measured) {
    if (measured.isEmpty()) {
      return true;
    }
    return figure.higherIsBetter()
        ? measured.median() < ratio * (1 - ALLOWED)
        : measured.median() > ratio * (1 + ALLOWED);
  }
}
