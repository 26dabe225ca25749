package io.sampo.actors.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class RollTest {
  @Test
  void whatNoClientMayBeCalledIsLeftOutWhenTheJournalIsRead() {
    String tooLong = "x".repeat(256);
    String longest = "y".repeat(255);

    assertThat(new Roll(Set.of("a", tooLong)).clientIds()).containsExactly("a");
    assertThat(Roll.EMPTY.with(Set.of("b", longest, tooLong), Set.of()).clientIds())
        .containsExactlyInAnyOrder("b", longest);
  }
}
