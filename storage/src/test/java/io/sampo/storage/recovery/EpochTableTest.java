package io.sampo.storage.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class EpochTableTest {
  private final EpochTable epochs = new EpochTable();

  @Test
  void anEmptyTableKnowsNoEpoch() {
    assertThat(epochs.newest()).isZero();
    assertThat(epochs.epochAt(100)).isZero();
  }

  @Test
  void tellsWhichEpochWroteAPosition() {
    epochs.begin(2, 0);
    epochs.begin(5, 100);
    epochs.begin(5, 150); // the same goes on
    epochs.begin(6, 300);
    assertThat(epochs.size()).isEqualTo(3);
    assertThat(epochs.newest()).isEqualTo(6);
    assertThat(epochs.epochAt(0)).isEqualTo(2);
    assertThat(epochs.epochAt(99)).isEqualTo(2);
    assertThat(epochs.epochAt(100)).isEqualTo(5);
    assertThat(epochs.epochAt(299)).isEqualTo(5);
    assertThat(epochs.epochAt(1_000)).isEqualTo(6);
  }

  @Test
  void refusesToGoBack() {
    epochs.begin(5, 100);
    assertThatThrownBy(() -> epochs.begin(4, 200)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> epochs.begin(6, 99)).isInstanceOf(IllegalArgumentException.class);
    assertThat(epochs.size()).isEqualTo(1);
  }

  @Test
  void cutsOffWhatBeginsLater() {
    epochs.begin(1, 0);
    epochs.begin(2, 100);
    EpochTable copy = epochs.copy();
    epochs.begin(3, 200);
    assertThat(copy.newest()).isEqualTo(2);
    epochs.cutTo(200);
    assertThat(epochs.newest()).isEqualTo(2);
    epochs.cutTo(100);
    assertThat(epochs.newest()).isEqualTo(1);
    assertThat(copy.newest()).as("not cut with it").isEqualTo(2);
    epochs.cutTo(0);
    assertThat(epochs.newest()).isZero();
  }
}
