package io.sampo.multijvm.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That failed sends don't break a silence, and that the order of threads doesn't matter. */
class SilenceTest {
  private final List<Sent> sent =
      List.of(
          Sent.acknowledged(1, new Place("a", 0, 0), 0, 100),
          Sent.acknowledged(2, new Place("b", 0, 0), 0, 900),
          Sent.unknown(3, 0, 500),
          Sent.acknowledged(4, new Place("b", 0, 1), 0, 150),
          Sent.acknowledged(5, new Place("a", 0, 1), 0, 300));

  @Test
  void itLastsFromOneAcknowledgementToTheNext() {
    assertThat(Silence.longest(sent)).isEqualTo(Duration.ofNanos(600));
    assertThat(Silence.longest(sent.subList(0, 1))).isZero();
    assertThat(Silence.longest(List.of())).isZero();
  }

  @Test
  void aBrokerMayBeSilentWhileAnotherIsNot() {
    assertThat(Silence.longestOfABroker(sent)).isEqualTo(Duration.ofNanos(750));
    assertThat(Silence.longestOfABroker(List.of())).isZero();
  }
}
