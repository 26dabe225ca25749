package io.sampo.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is late keeps its due time. */
class PaceTest {
  @Test
  void turnsAreDueAtAFixedDistanceWheneverTheyAreAskedFor() {
    Pace pace = new Pace(1_000_000);

    long first = pace.awaitTurn();
    long last = first;
    for (int i = 0; i < 1000; i++) {
      last = pace.awaitTurn();
    }

    assertThat(last - first).isEqualTo(1_000_000); // 1000 turns of 1 µs, however long they took
    assertThat(System.nanoTime()).isGreaterThanOrEqualTo(last);
  }
}
