package io.sampo.storage.upkeep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sampo.storage.log.SegmentSpan;
import io.sampo.storage.upkeep.Retention.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which segments go, in single cases and against a model that looks at each one by itself. */
final class RetentionModelTest {
  private static final long NOW_MS = 1_000_000;
  private static final Retention RULE = new Retention(Duration.ofSeconds(1), Set.of(4), 0.75);
  private static final Moment AT_FOUR = new Moment(NOW_MS, 4, 0.1);

  private static SegmentSpan segment(int number, long newestMs) {
    return new SegmentSpan(number * 100L, (number + 1) * 100L, newestMs);
  }

  @Test
  void oldSegmentsGoInTheirHour() {
    List<SegmentSpan> full =
        List.of(segment(0, NOW_MS - 5000), segment(1, NOW_MS - 1001), segment(2, NOW_MS - 1000));

    assertThat(RULE.start(0, full, 300, AT_FOUR)).isEqualTo(200);
    assertThat(RULE.start(0, full, 300, new Moment(NOW_MS, 5, 0.1))).isZero();
  }

  @Test
  void oldSegmentsGoAtAnyTimeWhileTheDiskIsTooFullAndOthersNever() {
    List<SegmentSpan> full = List.of(segment(0, NOW_MS - 5000), segment(1, NOW_MS));

    assertThat(RULE.start(0, full, 300, new Moment(NOW_MS, 12, 0.74))).isZero();
    assertThat(RULE.start(0, full, 300, new Moment(NOW_MS, 12, 0.75))).isEqualTo(100);
    assertThat(RULE.start(0, full, 300, new Moment(NOW_MS, 12, 1))).isEqualTo(100);
  }

  @Test
  void whatIsNotCommittedStays() {
    List<SegmentSpan> full = List.of(segment(0, 0), segment(1, 0));

    assertThat(RULE.start(0, full, 199, AT_FOUR)).isEqualTo(100);
  }

  @Test
  void aSegmentOfUnknownAgeStaysWithAllBehindIt() {
    List<SegmentSpan> full = List.of(segment(0, Long.MAX_VALUE), segment(1, 0));

    assertThat(RULE.start(0, full, 200, AT_FOUR)).isZero();
  }

  @Test
  void hoursThatNoDayHasAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Retention(Duration.ZERO, Set.of(24), 1));
  }

  @Test
  void decidesAsOneWhoLooksAtEverySegmentByItself() {
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      List<SegmentSpan> full = new ArrayList<>();
      int first = random.nextInt(5);
      int count = random.nextInt(6);
      for (int i = first; i < first + count; i++) {
        full.add(segment(i, random.nextInt(10) == 0 ? Long.MAX_VALUE : random.nextInt(3000)));
      }
      Set<Integer> hours = new HashSet<>(List.of(random.nextInt(24), random.nextInt(24)));
      Retention rule = new Retention(Duration.ofMillis(random.nextInt(2000)), hours, 0.75);
      Moment moment = new Moment(3000, random.nextInt(24), random.nextDouble());
      long end = random.nextInt(1200);

      long start = rule.start(first * 100L, full, end, moment);

      boolean mayGo = hours.contains(moment.hour()) || moment.diskUsed() >= 0.75;
      for (SegmentSpan segment : full) {
        boolean goes = segment.endPosition() <= start;
        boolean old =
            segment.newestMs() != Long.MAX_VALUE
                && moment.nowMs() - segment.newestMs() > rule.time().toMillis();
        boolean allBefore =
            full.stream()
                .filter(other -> other.basePosition() < segment.basePosition())
                .allMatch(other -> other.endPosition() <= start);
        assertThat(goes)
            .as("seed %d, segment %s, start %d", seed, segment, start)
            .isEqualTo(mayGo && old && segment.endPosition() <= end && allBefore);
      }
    }
  }
}
