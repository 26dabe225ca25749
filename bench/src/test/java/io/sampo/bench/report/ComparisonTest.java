package io.sampo.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.bench.load.LoadResult;
import io.sampo.bench.load.LoadResult.Figure;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What trials come to. */
class ComparisonTest {
  private static final Trial.Series SERIES = new Trial.Series("async-1k", "async", "official");

  @Test
  void theRatioIsTheMedianOfTheRoundsAndNotThatOfTheMedians() {
    Comparison comparison =
        only(
            trial("rocketmq", 1, 100),
            trial("sampo", 1, 300),
            trial("rocketmq", 2, 200),
            trial("sampo", 2, 200),
            trial("rocketmq", 3, 400),
            trial("sampo", 3, 800));

    assertThat(comparison.ratio(Figure.MESSAGES_PER_SECOND)).isEqualTo(new Spread(2, 1, 3, 3));
    assertThat(comparison.other(Figure.MESSAGES_PER_SECOND))
        .isEqualTo(new Spread(300, 200, 800, 3));
  }

  @Test
  void aRoundWithAnInvalidTrialCountsForNoRatioAndSaysWhy() {
    Trial bad = trial("sampo", 1, 1_000_000);
    bad.result().invalid("acknowledged 2 messages, but stored 1");
    Comparison comparison =
        only(trial("rocketmq", 1, 100), bad, trial("rocketmq", 2, 100), trial("sampo", 2, 150));

    assertThat(comparison.ratio(Figure.MESSAGES_PER_SECOND))
        .isEqualTo(new Spread(1.5, 1.5, 1.5, 1));
    assertThat(comparison.invalid())
        .containsExactly("sampo, round 1: acknowledged 2 messages, but stored 1");
  }

  @Test
  void whatNobodyMeasuredIsEmptyAndNotZero() {
    Comparison comparison = only(trial("rocketmq", 1, 100));

    assertThat(comparison.ratio(Figure.MESSAGES_PER_SECOND).isEmpty()).isTrue();
    assertThat(comparison.base(Figure.P99_MICROS).isEmpty()).isTrue();
  }

  private static Comparison only(Trial... trials) {
    List<Comparison> comparisons = Comparison.of(Pairing.WITH_ROCKETMQ, List.of(trials));
    assertThat(comparisons).hasSize(1);
    return comparisons.get(0);
  }

  private static Trial trial(String server, int round, double messagesPerSecond) {
    LoadResult result = new LoadResult();
    result.put(Figure.MESSAGES_PER_SECOND, messagesPerSecond);
    return new Trial(SERIES, server, round, result);
  }
}
