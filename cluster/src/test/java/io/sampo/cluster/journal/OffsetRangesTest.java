package io.sampo.cluster.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class OffsetRangesTest {
  @Test
  void holdsWhatASetHoldsAlsoAfterItWasStored() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      OffsetRanges ranges = OffsetRanges.NONE;
      Set<Long> set = new TreeSet<>();
      for (int i = 0; i < 40; i++) {
        long offset = random.nextInt(60);
        ranges = ranges.plus(offset);
        set.add(offset);
      }

      ByteBuffer stored = ByteBuffer.allocate(ranges.sizeBytes());
      ranges.putInto(stored);
      assertThat(stored.hasRemaining()).isFalse();
      OffsetRanges back = OffsetRanges.from(stored.flip());

      for (long offset = -1; offset <= 61; offset++) {
        assertThat(back.contains(offset))
            .as("seed %d, round %d: %d in %s", seed, round, offset, ranges)
            .isEqualTo(set.contains(offset));
      }
    }
  }

  @Test
  void neighboursAreOneRange() {
    OffsetRanges ranges = OffsetRanges.NONE.plus(1).plus(3).plus(2).plus(0);

    assertThat(ranges.sizeBytes()).isEqualTo(4 + 16);
  }
}
