package io.sampo.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ReturnedTest {
  private static final long FAR = 1L << 50;

  @Test
  void aMarkIsNegativeAndHoldsThePortAndTheGroup() {
    for (int port : new int[] {0, 1, 40_000, 65_535}) {
      for (long position : new long[] {0, 8, FAR}) {
        long mark = Returned.from("group", position, port).mark();
        assertThat(mark).isNegative();
        assertThat(Returned.port(mark)).isEqualTo(port);
        assertThat(Returned.group(mark))
            .isEqualTo(Returned.group(Returned.sent("group", 7).mark()));
      }
      assertThat(Returned.sent("group", port).mark()).isNegative();
    }
  }

  @Test
  void groupsAndPlacesAreToldApart() {
    assertThat(Returned.group(Returned.sent("g1", 1).mark()))
        .isNotEqualTo(Returned.group(Returned.sent("g2", 1).mark()));
    assertThat(LongStream.range(0, 1_000).map(i -> Returned.from("g", i * 136, 1).mark()))
        .doesNotHaveDuplicates();
  }

  @Test
  void whatNamesNoPlaceMayBeOfAny() {
    long here = Returned.from("g", 1_000, 1).mark();
    long there = Returned.from("g", 2_000, 1).mark();
    long unknown = Returned.sent("g", 1).mark();

    long hereAgain = Returned.from("g", 1_000, 2).mark();
    assertThat(Returned.isSamePlace(here, hereAgain)).isTrue();
    assertThat(Returned.isSamePlace(here, there)).isFalse();
    assertThat(Returned.isSamePlace(unknown, unknown)).isFalse();
    assertThat(Returned.mayBeSamePlace(here, unknown)).isTrue();
    assertThat(Returned.mayBeSamePlace(unknown, here)).isTrue();
    assertThat(Returned.mayBeSamePlace(here, there)).isFalse();
  }
}
