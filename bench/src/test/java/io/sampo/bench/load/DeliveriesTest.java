package io.sampo.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A loss must not be hidden by a double. */
class DeliveriesTest {
  @Test
  void countsEachMessageOnceAndDoublesAndForeignersApart() throws InterruptedException {
    Deliveries deliveries = new Deliveries(100);

    assertThat(deliveries.delivered(0)).isTrue();
    assertThat(deliveries.delivered(99)).isTrue();
    assertThat(deliveries.delivered(99)).isFalse();
    assertThat(deliveries.delivered(100)).isFalse();
    assertThat(deliveries.delivered(-1)).isFalse();

    assertThat(deliveries.count()).isEqualTo(2);
    assertThat(deliveries.doubled()).isEqualTo(1);
    assertThat(deliveries.foreign()).isEqualTo(2);
    assertThat(deliveries.await(2, 0)).isTrue();
    assertThat(deliveries.await(3, 0)).isFalse();
  }
}
