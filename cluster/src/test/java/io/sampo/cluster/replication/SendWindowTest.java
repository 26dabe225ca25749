package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SendWindowTest {
  private static final int STEPS = 200_000;

  /**
   * Against a map: what was put within the last so many distinct puts is found at its newest place,
   * and nothing is ever found at a place where it isn't.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 100, 1000, 4096})
  void remembersAtLeastWhatItPromises(int sends) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Long> hashes = hashesOfDifferentTags(random, 3 * sends + 5);
    SendWindow window = new SendWindow(sends);
    Map<Long, Long> newest = new HashMap<>();
    List<Long> puts = new ArrayList<>();
    long position = random.nextInt(1_000_000);
    for (int step = 0; step < STEPS; step++) {
      long hash = hashes.get(random.nextInt(hashes.size()));
      if (random.nextInt(3) == 0) {
        long found = window.find(hash);
        long expected = newest.getOrDefault(hash, SendWindow.NOT_KNOWN);
        boolean promised =
            puts.subList(Math.max(0, puts.size() - sends), puts.size()).contains(hash);
        if (promised || found != SendWindow.NOT_KNOWN) {
          assertThat(found).as("seed %d, step %d", seed, step).isEqualTo(expected);
        }
      } else {
        // Now and then further than a table's entries reach.
        position += random.nextInt(5_000) == 0 ? 1L << 40 : 1 + random.nextInt(2000);
        if (position - (puts.isEmpty() ? position : newest.get(puts.get(puts.size() - 1)))
            >= 1L << 39) {
          puts.clear(); // those before the leap are forgotten sooner
        }
        window.put(hash, position);
        newest.put(hash, position);
        puts.add(hash);
      }
    }
  }

  @Test
  void forgetsEverythingWhenTold() {
    SendWindow window = new SendWindow(10);
    window.put(42L << 40, 7);

    window.clear();

    assertThat(window.find(42L << 40)).isEqualTo(SendWindow.NOT_KNOWN);
    window.put(42L << 40, 3);
    assertThat(window.find(42L << 40)).isEqualTo(3);
  }

  /** One message sent a million times takes one place, and the others keep theirs. */
  @Test
  void whatIsSentAgainAndAgainDisplacesNothing() {
    SendWindow window = new SendWindow(1000);
    window.put(1L << 40 | 5, 1);
    for (int i = 2; i < 1_000_000; i++) {
      window.put(2L << 40 | 5, i);
    }

    assertThat(window.find(1L << 40 | 5)).isEqualTo(1);
    assertThat(window.find(2L << 40 | 5)).isEqualTo(999_999);
  }

  @Test
  void takesWhatTheSettingsSay() {
    assertThat(new SendWindow(750_000).bytesMax()).isEqualTo(16 << 20);
    assertThat(new SendWindow(786_000).bytesMax()).isEqualTo(16 << 20);
    assertThat(new SendWindow(800_000).bytesMax()).isEqualTo(32 << 20);
  }

  private static List<Long> hashesOfDifferentTags(Random random, int count) {
    List<Long> hashes = new ArrayList<>();
    Set<Long> tags = new HashSet<>();
    while (hashes.size() < count) {
      long hash = random.nextLong();
      if (tags.add(hash >>> 40)) {
        hashes.add(hash);
      }
    }
    return hashes;
  }
}
