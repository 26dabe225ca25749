package io.sampo.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** When the guard fails. */
class GuardedRatioTest {
  @Test
  void aRateMayFallByAQuarterAndACostMayRiseByOne() {
    GuardedRatio rate = GuardedRatio.of("async-1k/async/messages_per_second", "2.0");
    GuardedRatio cost = GuardedRatio.of("drain/sync/server_cpu_seconds_per_million", "0.4");

    assertThat(rate.isBrokenBy(median(1.51))).isFalse();
    assertThat(rate.isBrokenBy(median(1.49))).isTrue();
    assertThat(rate.isBrokenBy(median(9))).isFalse();
    assertThat(cost.isBrokenBy(median(0.49))).isFalse();
    assertThat(cost.isBrokenBy(median(0.51))).isTrue();
    assertThat(cost.isBrokenBy(median(0.1))).isFalse();
  }

  @Test
  void aRatioThatCouldNotBeMeasuredIsBroken() {
    GuardedRatio rate = GuardedRatio.of("async-1k/async/messages_per_second", "2.0");

    assertThat(rate.isBrokenBy(rate.measured(List.of()))).isTrue();
  }

  @Test
  void refusesAFigureThatDoesNotExist() {
    assertThatThrownBy(() -> GuardedRatio.of("async-1k/async/beauty", "1"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> GuardedRatio.of("async-1k", "1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("workload/flush/figure");
  }

  private static Spread median(double value) {
    return new Spread(value, value, value, 1);
  }
}
