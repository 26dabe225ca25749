package io.sampo.multijvm.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.history.DeadLetterHistory.Failing;
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

  private final Map<Long, Failing> failing = new HashMap<>();
  private final List<Long> dead = new ArrayList<>(List.of(1L, 2L));

  DeadLetterHistoryTest() {
    failing.put(1L, new Failing(List.of(0, 1, 2), 3));
    failing.put(2L, new Failing(List.of(0, 1, 2), 3));
  }

  @Test
  void eachOnceAfterAllItsTriesIsAsItShouldBe() {
    assertThat(kinds()).isEmpty();
    assertThat(DeadLetterHistory.countBeyondDoubt(failing, LAST_TRY)).isEqualTo(2);
  }

  @Test
  void oneThatIsNoDeadLetterIsLost() {
    dead.remove(1L);
    assertThat(kinds()).containsExactly(Kind.LOST);
  }

  @Test
  void oneThatWasGivenUpBeforeItsLastTryWasHasty() {
    failing.put(1L, new Failing(List.of(0, 1), 2));
    assertThat(kinds()).containsExactly(Kind.HASTY);
  }

  @Test
  void oneThatNobodyFailedIsUnwanted() {
    dead.add(3L);
    assertThat(kinds()).containsExactly(Kind.UNWANTED);
  }

  @Test
  void twiceIsDoubledWhenEveryReturnWasAnswered() {
    dead.add(1L);
    assertThat(kinds()).containsExactly(Kind.DOUBLED);
  }

  @Test
  void twiceIsAllowedWhenAReturnWasNotAnswered() {
    failing.put(1L, new Failing(List.of(0, 1, 2), 2));
    dead.add(1L);
    assertThat(kinds()).isEmpty();
    assertThat(DeadLetterHistory.countBeyondDoubt(failing, LAST_TRY)).isOne();
  }

  @Test
  void twiceIsAllowedWhenATryCameTwice() {
    failing.put(1L, new Failing(List.of(0, 1, 1, 2), 4));
    dead.add(1L);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void doubtExcusesNoLoss() {
    failing.put(1L, new Failing(List.of(0, 1, 2), 2));
    dead.remove(1L);
    assertThat(kinds()).containsExactly(Kind.LOST);
  }

  private List<Kind> kinds() {
    return DeadLetterHistory.violations(failing, LAST_TRY, dead).stream()
        .map(Violation::kind)
        .toList();
  }
}
