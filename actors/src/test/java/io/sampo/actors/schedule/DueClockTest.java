package io.sampo.actors.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The rule about jumps, on clocks that the test moves. */
class DueClockTest {
  private static final long START_MS = 1_800_000_000_000L;
  private static final long HOUR_MS = Duration.ofHours(1).toMillis();
  private static final Duration SETTLE = Duration.ofMinutes(10);

  private long passedMs;
  private long setMs;

  private final DueClock clock =
      new DueClock(() -> START_MS + passedMs + setMs, () -> passedMs * 1_000_000 - 7, SETTLE);

  /** Time passes for both clocks; the due clock is read each second. */
  private long pass(long ms) {
    long end = passedMs + ms;
    while (passedMs < end) {
      passedMs = Math.min(end, passedMs + 1000);
      clock.nowMs();
    }
    return clock.nowMs();
  }

  /** Somebody sets the wall clock, and the due clock is read soon after. */
  private void set(long ms) {
    setMs += ms;
    clock.nowMs();
  }

  @Test
  void isTheWallClockWhileThatMovesWithTime() {
    assertThat(clock.nowMs()).isEqualTo(START_MS);
    assertThat(pass(12_345)).isEqualTo(START_MS + 12_345);
  }

  @Test
  void takesOverSmallStepsForward() {
    set(300);
    assertThat(clock.nowMs()).isEqualTo(START_MS + 300);
    assertThat(pass(1000)).isEqualTo(START_MS + 1300);
  }

  @Test
  void standsStillForSmallStepsBack() {
    pass(1000);
    set(-400);
    assertThat(clock.nowMs()).isEqualTo(START_MS + 1000);
    assertThat(pass(300)).isEqualTo(START_MS + 1000);
    assertThat(pass(200)).isEqualTo(START_MS + 1100);
  }

  @Test
  void isNotMovedByAJumpThatIsTakenBack() {
    for (long jumpMs : new long[] {HOUR_MS, -HOUR_MS}) {
      long beforeMs = clock.nowMs();
      set(jumpMs);
      assertThat(clock.nowMs()).as("jump %d", jumpMs).isEqualTo(beforeMs);
      assertThat(pass(300_000)).isEqualTo(beforeMs + 300_000);
      set(-jumpMs);
      assertThat(pass(1000)).isEqualTo(beforeMs + 301_000);
    }
  }

  @Test
  void believesAJumpThatStays() {
    set(HOUR_MS);
    assertThat(pass(SETTLE.toMillis() - 1)).isEqualTo(START_MS + SETTLE.toMillis() - 1);
    assertThat(pass(1000)).isEqualTo(START_MS + HOUR_MS + SETTLE.toMillis() + 999);
    set(-HOUR_MS);
    assertThat(clock.nowMs()).isEqualTo(START_MS + HOUR_MS + SETTLE.toMillis() + 999);
    pass(SETTLE.toMillis() + 1);
    assertThat(clock.nowMs()).isEqualTo(START_MS + passedMs);
  }

  @Test
  void anotherJumpHasToStayAsLongAgain() {
    set(HOUR_MS);
    pass(SETTLE.toMillis() - 1000);
    set(HOUR_MS);
    assertThat(pass(2000)).isEqualTo(START_MS + passedMs);
    assertThat(pass(SETTLE.toMillis())).isEqualTo(START_MS + passedMs + 2 * HOUR_MS);
  }

  /**
   * Whatever the wall clock does for less than the settling time: what was to come after a delay
   * comes after that delay, give or take the small steps.
   */
  @Test
  void delaysAreCountedInTimeThatPasses() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    long smallStepsMs = 0;
    for (int round = 0; round < 2000; round++) {
      String context = "seed " + seed + " round " + round;
      long delayMs = 1L + random.nextInt(120_000);
      long jumpMs = (random.nextBoolean() ? 1 : -1) * (600L + random.nextInt(100_000_000));
      long beforeMs = clock.nowMs();
      set(jumpMs);
      assertThat(pass(delayMs)).as(context).isEqualTo(beforeMs + delayMs);
      set(-jumpMs);
      if (random.nextInt(4) == 0) {
        long stepMs = random.nextInt((int) DueClock.STEP_MS_MAX);
        smallStepsMs += stepMs;
        set(stepMs);
      }
      assertThat(pass(1000)).as(context).isEqualTo(START_MS + passedMs + smallStepsMs);
    }
  }
}
