package io.sampo.multijvm.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.history.DeadLetterHistory.Kind;
import io.sampo.multijvm.history.DeadLetterHistory.Violation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Histories of two messages that fail three times, with one fault each. */
class DeadLetterHistoryTest {
  private static final int LAST_TRY = 2;

  private final Map<Long, List<Integer>> tries = new HashMap<>();
  private final List<Long> dead = new ArrayList<>(List.of(1L, 2L));

  DeadLetterHistoryTest() {
    tries.put(1L, List.of(0, 1, 2));
    tries.put(2L, List.of(0, 1, 2));
  }

  @Test
  void eachOnceAfterAllItsTriesIsAsItShouldBe() {
    assertThat(kinds()).isEmpty();
  }

  @Test
  void oneThatIsNoDeadLetterIsLost() {
    dead.remove(1L);
    assertThat(kinds()).containsExactly(Kind.LOST);
  }

  @Test
  void oneThatWasGivenUpBeforeItsLastTryWasHasty() {
    tries.put(1L, List.of(0, 1));
    assertThat(kinds()).containsExactly(Kind.HASTY);
  }

  @Test
  void oneThatNobodyFailedIsUnwanted() {
    dead.add(3L);
    assertThat(kinds()).containsExactly(Kind.UNWANTED);
  }

  @Test
  void twiceIsDoubled() {
    dead.add(1L);
    assertThat(kinds()).containsExactly(Kind.DOUBLED);
  }

  @Test
  void triesThatComeTwiceExcuseNothing() {
    tries.put(1L, List.of(0, 1, 0, 1, 2, 2));
    assertThat(kinds()).isEmpty();
    dead.add(1L);
    assertThat(kinds()).containsExactly(Kind.DOUBLED);
    dead.removeIf(key -> key == 1);
    assertThat(kinds()).containsExactly(Kind.LOST);
  }

  private List<Kind> kinds() {
    return DeadLetterHistory.violations(tries, LAST_TRY, dead).stream()
        .map(Violation::kind)
        .toList();
  }
}
