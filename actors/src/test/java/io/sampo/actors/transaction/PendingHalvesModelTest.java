package io.sampo.actors.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.transaction.HalfEvent.Changed;
import io.sampo.actors.transaction.HalfEvent.Ended;
import io.sampo.actors.transaction.HalfEvent.Snapshot;
import io.sampo.actors.transaction.PendingHalves.Half;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Random producers, operators and crashes against a log that is slow and refuses, with a model that
 * only counts what the log holds: a half message has one end at most, a committed one is delivered
 * once, a rolled-back one never, an undecided one is asked about until the maximum, is parked then,
 * and is never lost.
 */
class PendingHalvesModelTest {
  private static final int STEPS = 300_000;
  private static final int CHECKS_MAX = 3;
  private static final long TIMEOUT_MS = 50;
  private static final int PENDING_MAX = 40;
  private static final PendingHalves.Limits LIMITS =
      new PendingHalves.Limits(100, CHECKS_MAX, PENDING_MAX, 32);

  /** One append under way; the log takes them in order. */
  private abstract static class Write {
    /** The log takes it. */
    abstract void store();

    /** The checker hears of it. */
    abstract void stored();

    abstract void refused();
  }

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);

  // What the log holds.
  private final List<Long> halfTimesMs = new ArrayList<>();
  private final List<byte[]> events = new ArrayList<>();
  private final Map<Long, Integer> deliveries = new HashMap<>();
  private final Set<Long> committed = new HashSet<>();
  private final Set<Long> rolledBack = new HashSet<>();

  /** Questions that reached a producer since the half message was stored or resumed. */
  private final Map<Long, Integer> asked = new HashMap<>();

  // What is under way.
  private final ArrayDeque<Write> underway = new ArrayDeque<>();
  private final ArrayDeque<Write> unheard = new ArrayDeque<>();
  private final List<Half> asking = new ArrayList<>();

  private PendingHalves halves = new PendingHalves(LIMITS, List.of(), 0, 0);
  private long nowMs;
  private int parkedCount;
  private int resumedCount;
  private int crashCount;
  private int refusedCount;
  private int snapshotCount;
  private int secondEnds;

  @Test
  void everyHalfMessageHasOneEndAndNoneIsLost() {
    for (int step = 0; step < STEPS; step++) {
      try {
        step();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ", step " + step, e);
      }
    }
    try {
      finish();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + ", at the end", e);
    }
    System.out.printf(
        "seed %d: %d half messages, %d committed, %d rolled back, %d parked, %d resumed, %d crashes,"
            + " %d refused writes, %d snapshots, %d second ends%n",
        seed,
        halfTimesMs.size(),
        committed.size(),
        rolledBack.size(),
        parkedCount,
        resumedCount,
        crashCount,
        refusedCount,
        snapshotCount,
        secondEnds);
    assertThat(
            List.of(
                committed.size(),
                rolledBack.size(),
                parkedCount,
                resumedCount,
                crashCount,
                refusedCount,
                snapshotCount,
                secondEnds))
        .as("seed %s: the run met what it is for", seed)
        .allMatch(count -> count > 100);
  }

  private void step() {
    switch (random.nextInt(20)) {
      case 0, 1, 2 -> send();
      case 3, 4 -> end(random.nextBoolean());
      case 5, 6 -> nowMs += random.nextInt(30);
      case 7, 8, 9, 10 -> askDue();
      case 11, 12 -> answerQuestion();
      case 13, 14, 15 -> logTakesOne();
      case 16, 17 -> hearOne();
      case 18 -> {
        if (random.nextInt(4) == 0) {
          resume();
        }
      }
      default -> {
        if (random.nextInt(60) == 0) {
          crash();
        }
      }
    }
    if (halves.wantsSnapshot()) {
      writeSnapshot();
    }
  }

  private void send() {
    if (!halves.expect()) {
      assertThat(undecidedInLog().size() + underway.size() + unheard.size())
          .isGreaterThanOrEqualTo(PENDING_MAX);
      return;
    }
    underway.add(
        new Write() {
          private long offset;

          @Override
          void store() {
            offset = halfTimesMs.size();
            halfTimesMs.add(nowMs);
          }

          @Override
          void stored() {
            halves.halfStored(offset, position(offset), nowMs + TIMEOUT_MS);
          }

          @Override
          void refused() {
            halves.halfRefused();
          }
        });
  }

  private void end(boolean commit) {
    if (halfTimesMs.isEmpty()) {
      return;
    }
    long offset = Math.max(0, halfTimesMs.size() - 1 - random.nextInt(60));
    if (random.nextInt(10) == 0) {
      assertThat(halves.find(offset, position(offset) + 1)).as("a forged position").isNull();
      return;
    }
    Half half = halves.find(offset, position(offset));
    if (half == null) {
      secondEnds++;
    } else {
      end(half, commit);
    }
  }

  private void end(Half half, boolean commit) {
    if (!halves.beginEnd(half)) {
      secondEnds++;
      return;
    }
    Ended event = new Ended(halves.newestSnapshot(), half.offset(), commit);
    underway.add(
        new EventWrite(event) {
          @Override
          void store() {
            super.store();
            assertThat(committed.contains(half.offset()) || rolledBack.contains(half.offset()))
                .as("%d has an end already", half.offset())
                .isFalse();
            (commit ? committed : rolledBack).add(half.offset());
            if (commit) {
              deliveries.merge(half.offset(), 1, Integer::sum);
            }
          }

          @Override
          void stored() {
            super.stored();
            halves.ended(half);
          }

          @Override
          void refused() {
            halves.endRefused(half);
          }
        });
  }

  private void askDue() {
    List<HalfState> changed = new ArrayList<>();
    Half half = halves.takeDue(nowMs);
    while (half != null) {
      assertThat(committed).doesNotContain(half.offset());
      assertThat(rolledBack).doesNotContain(half.offset());
      if (halves.isExhausted(half)) {
        assertThat(asked.getOrDefault(half.offset(), 0)).isGreaterThanOrEqualTo(CHECKS_MAX);
        halves.park(half);
        changed.add(half.state());
        parkedCount++;
      } else {
        asking.add(half);
      }
      half = halves.takeDue(nowMs);
    }
    writeChanges(changed);
  }

  private void answerQuestion() {
    if (asking.isEmpty()) {
      return;
    }
    Half half = asking.remove(random.nextInt(asking.size()));
    if (random.nextInt(4) == 0) {
      halves.notReached(half, nowMs);
      return;
    }
    asked.merge(half.offset(), 1, Integer::sum);
    halves.checked(half, nowMs);
    if (halves.isOpen(half)) {
      writeChanges(List.of(half.state()));
    }
  }

  private void resume() {
    List<HalfState> parked = halves.parked(-1, Integer.MAX_VALUE);
    assertThat(parked).hasSize(halves.parkedCount());
    if (parked.isEmpty()) {
      return;
    }
    HalfState chosen = parked.get(random.nextInt(parked.size()));
    Half half = halves.findParked(chosen.position());
    assertThat(half).isNotNull();
    long resumedMs = nowMs;
    HalfState resumed = halves.beginResume(half, resumedMs);
    if (resumed == null) {
      return; // it is being resumed or ended
    }
    Changed event = new Changed(halves.newestSnapshot(), List.of(resumed));
    underway.add(
        new EventWrite(event) {
          @Override
          void store() {
            super.store();
            asked.remove(half.offset());
          }

          @Override
          void stored() {
            super.stored();
            halves.resumed(half, resumedMs);
            resumedCount++;
          }

          @Override
          void refused() {
            halves.resumeRefused(half);
          }
        });
  }

  private void writeChanges(List<HalfState> changed) {
    if (!changed.isEmpty()) {
      underway.add(new EventWrite(new Changed(halves.newestSnapshot(), changed)));
    }
  }

  private void writeSnapshot() {
    underway.add(
        new EventWrite(halves.snapshot()) {
          @Override
          void stored() {
            halves.snapshotStored(offset);
            snapshotCount++;
          }

          @Override
          void refused() {
            halves.snapshotRefused();
          }
        });
  }

  private void logTakesOne() {
    Write write = underway.poll();
    if (write == null) {
      return;
    }
    if (random.nextInt(20) == 0) {
      write.refused(); // at once, so before what was stored earlier is heard of
      refusedCount++;
    } else {
      write.store();
      unheard.add(write);
    }
  }

  private void hearOne() {
    Write write = unheard.poll();
    if (write != null) {
      write.stored();
    }
  }

  private void crash() {
    crashCount++;
    for (int i = random.nextInt(underway.size() + 1); i > 0; i--) {
      underway.remove().store();
    }
    underway.clear();
    unheard.clear();
    asking.clear();
    nowMs += random.nextInt(200);
    halves = recover();
    Set<Long> found = new TreeSet<>();
    for (long offset = 0; offset < halfTimesMs.size(); offset++) {
      if (halves.find(offset, position(offset)) != null) {
        found.add(offset);
      }
    }
    assertThat(found).as("undecided after the crash").isEqualTo(undecidedInLog());
    assertThat(halves.size()).isEqualTo(found.size());
    for (long offset : found) {
      Half half = halves.find(offset, position(offset));
      assertThat(half).isNotNull();
      assertThat(half.checks()).isLessThanOrEqualTo(asked.getOrDefault(offset, 0));
    }
  }

  private PendingHalves recover() {
    long snapshotAt =
        events.isEmpty() ? HalfEvent.NO_SNAPSHOT : event(events.size() - 1).newestSnapshot();
    Snapshot snapshot = snapshotAt < 0 ? null : (Snapshot) event(snapshotAt);
    HalfReplay replay = new HalfReplay(LIMITS, snapshotAt, snapshot, 0, 0);
    for (long offset = replay.eventsFrom(); offset < events.size(); offset++) {
      replay.event(event(offset));
    }
    for (long offset = replay.halvesFrom(); offset < halfTimesMs.size(); offset++) {
      if (!replay.isEnded(offset)) {
        replay.half(offset, position(offset), halfTimesMs.get((int) offset) + TIMEOUT_MS);
      }
    }
    return replay.finish(events.size(), halfTimesMs.size());
  }

  private HalfEvent event(long offset) {
    return HalfEvent.decode(ByteBuffer.wrap(events.get((int) offset)));
  }

  private Set<Long> undecidedInLog() {
    Set<Long> undecided = new TreeSet<>();
    for (long offset = 0; offset < halfTimesMs.size(); offset++) {
      if (!committed.contains(offset) && !rolledBack.contains(offset)) {
        undecided.add(offset);
      }
    }
    return undecided;
  }

  /** Everything comes to rest: what is undecided is parked, and can still be ended. */
  private void finish() {
    settle();
    int roundsMax = 20 * CHECKS_MAX;
    for (int round = 0; halves.parkedCount() < halves.size(); round++) {
      assertThat(round).as("rounds until all are parked").isLessThan(roundsMax);
      nowMs += LIMITS.intervalMs();
      askDue();
      while (!asking.isEmpty()) {
        answerQuestion();
      }
      settle();
    }
    assertThat(halves.size()).isEqualTo(undecidedInLog().size());
    for (HalfState parked : halves.parked(-1, Integer.MAX_VALUE)) {
      Half half = halves.find(parked.offset(), parked.position());
      assertThat(half).isNotNull();
      end(half, true);
    }
    settle();
    assertThat(undecidedInLog()).isEmpty();
    assertThat(halves.size()).isZero();
    assertThat(deliveries.keySet()).isEqualTo(committed);
    assertThat(deliveries.values()).containsOnly(1);
    assertThat(committed).doesNotContainAnyElementsOf(rolledBack);
  }

  private void settle() {
    while (!underway.isEmpty()) {
      Write write = underway.remove();
      write.store();
      unheard.add(write);
    }
    while (!unheard.isEmpty()) {
      hearOne();
    }
  }

  private static long position(long offset) {
    return 1000 + 64 * offset;
  }

  private class EventWrite extends Write {
    private final byte[] encoded;
    long offset;

    EventWrite(HalfEvent event) {
      encoded = event.encode();
    }

    @Override
    void store() {
      offset = events.size();
      events.add(encoded);
    }

    @Override
    void stored() {
      halves.eventStored(offset);
    }

    @Override
    void refused() {}
  }
}
