package io.sampo.actors.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.record.QueueKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random receivers, a journal that is slow, fails and is read again after crashes, and time,
 * against what was promised: an acknowledged message never comes again, one that is not always does
 * after its time, and no message has two receivers meanwhile.
 *
 * <p>The model knows neither batches nor states: only what receivers were told, and what they did.
 */
class PopLedgerModelTest {
  private static final int STEPS = 200_000;
  private static final int INVISIBLE_MAX = 80;
  private static final List<GroupQueue> QUEUES =
      List.of(
          new GroupQueue("broker-0", new QueueKey("T", 0)),
          new GroupQueue("broker-1", new QueueKey("T", 0)));

  /** A receiver's delivery. */
  private record Delivery(QueueModel queue, long offset, long popTimeMs) {}

  /** What a receiver relies on: that nobody else gets the message before that time. */
  private record Belief(long popTimeMs, long untilMs) {}

  /** A queue as its producers and consumers know it. */
  private static final class QueueModel {
    private final GroupQueue key;
    private long end;
    private long settled;
    private final Set<Long> unmatched = new HashSet<>();
    private final Set<Long> ackTried = new HashSet<>();
    private final Set<Long> ackedForSure = new HashSet<>();
    private final Map<Long, Belief> beliefs = new HashMap<>();

    private QueueModel(GroupQueue key) {
      this.key = key;
    }
  }

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);
  private final List<QueueModel> queues = QUEUES.stream().map(QueueModel::new).toList();
  private final List<Delivery> deliveries = new ArrayList<>();
  private List<Runnable> answersOfNext = new ArrayList<>();
  private List<Runnable> answersOfUnderway = new ArrayList<>();
  private PopLedger ledger = new PopLedger(10);
  private PopTable journal = new PopTable();
  private @Nullable PopChanges underway;
  private long nowMs = 1_000;
  private long wallAheadMs = 1_700_000_000_000L;

  private int ackedCount;
  private int deliveredAgainCount;
  private int staleCount;
  private int crashCount;
  private int lateCount;

  @Test
  void whatIsAcknowledgedNeverComesAgainAndEverythingElseDoes() {
    for (int step = 0; step < STEPS; step++) {
      try {
        step();
        if (step % 500 == 499) {
          everythingUnacknowledgedComes();
        }
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ", step " + step, e);
      }
    }
    System.out.printf(
        "seed %d: %d acknowledged, %d delivered again, %d stale, %d late, %d crashes%n",
        seed, ackedCount, deliveredAgainCount, staleCount, lateCount, crashCount);
    assertThat(List.of(ackedCount, deliveredAgainCount, staleCount, lateCount, crashCount))
        .as("seed %s: the run met what it is for", seed)
        .allMatch(count -> count > 300);
  }

  private void step() {
    QueueModel queue = queues.get(random.nextInt(queues.size()));
    switch (random.nextInt(20)) {
      case 0, 1, 2 -> queue.end += random.nextInt(4);
      case 3, 4 -> popNew(queue, 1 + random.nextInt(6));
      case 5, 6 -> popAgain(queue, 1 + random.nextInt(6));
      case 7, 8, 9 -> ackSome();
      case 10 -> forge(queue);
      case 11 -> change();
      case 12, 13 -> nowMs += random.nextInt(20);
      case 14, 15 -> startBatch();
      case 16, 17 -> endBatch(random.nextInt(8) > 0);
      case 18 -> {
        if (random.nextInt(8) == 0) {
          crash();
        }
      }
      default -> {
        if (deliveries.size() > 200) { // their receivers died
          deliveries.subList(0, 100).clear();
        }
      }
    }
    for (QueueModel model : queues) {
      PopState state = ledger.find(model.key);
      if (state != null) {
        assertThat(state.committed()).isLessThanOrEqualTo(state.next());
        assertThat(state.next()).isLessThanOrEqualTo(model.end);
      }
    }
  }

  private long wallMs() {
    return nowMs + wallAheadMs;
  }

  private void popNew(QueueModel queue, int max) {
    PopState state = ledger.begin(queue.key, 0);
    long reached = Math.min(queue.end, state.next() + max);
    List<Long> matching = new ArrayList<>();
    for (long offset = state.next(); offset < reached; offset++) {
      if (offset % 7 == 3) {
        queue.unmatched.add(offset);
      } else {
        matching.add(offset);
      }
    }
    long[] offsets = matching.stream().mapToLong(Long::longValue).toArray();
    long invisibleMs = 1L + random.nextInt(INVISIBLE_MAX);
    PopState.Taken taken = state.takeNew(offsets, reached, nowMs, wallMs(), invisibleMs);
    assertThat(taken.offsets()).containsExactly(offsets);
    assertThat(taken.deliveries()).hasSameSizeAs(offsets).doesNotContain(0, 2);
    answerOnceDurable(state, () -> received(queue, taken, invisibleMs));
  }

  private void popAgain(QueueModel queue, int max) {
    PopState state = ledger.begin(queue.key, 0);
    long invisibleMs = 1L + random.nextInt(INVISIBLE_MAX);
    PopState.Taken taken = state.takeAgain(max, nowMs, wallMs(), invisibleMs);
    if (taken == null) {
      assertThat(state.hasVisible(nowMs)).isFalse();
    } else {
      deliveredAgainCount += taken.offsets().length;
      assertThat(taken.offsets()).isSorted().hasSizeLessThanOrEqualTo(max);
      answerOnceDurable(state, () -> received(queue, taken, invisibleMs));
    }
  }

  /** Its time began when it was taken, perhaps a while ago. */
  private void received(QueueModel queue, PopState.Taken taken, long invisibleMs) {
    for (long offset : taken.offsets()) {
      assertThat(queue.ackedForSure.contains(offset)).as("%s was acknowledged", offset).isFalse();
      assertThat(queue.unmatched.contains(offset)).as("%s does not match", offset).isFalse();
      long untilMs = taken.popTimeMs() + invisibleMs;
      if (wallMs() < untilMs) {
        Belief before = queue.beliefs.put(offset, new Belief(taken.popTimeMs(), untilMs));
        if (before != null) {
          assertThat(before.untilMs())
              .as("offset %s of another receiver, %s", offset, before)
              .isLessThanOrEqualTo(taken.popTimeMs());
        }
      }
      deliveries.add(new Delivery(queue, offset, taken.popTimeMs()));
    }
  }

  private void ackSome() {
    for (int i = random.nextInt(4); i > 0 && !deliveries.isEmpty(); i--) {
      Delivery delivery = deliveries.get(random.nextInt(deliveries.size()));
      QueueModel queue = delivery.queue();
      PopState state = ledger.begin(queue.key, 0);
      Belief belief = queue.beliefs.get(delivery.offset());
      boolean relied =
          belief != null
              && belief.popTimeMs() == delivery.popTimeMs()
              && wallMs() < belief.untilMs();
      if (state.ack(delivery.offset(), delivery.popTimeMs())) {
        ackedCount++;
        lateCount += relied ? 0 : 1;
        queue.beliefs.remove(delivery.offset());
        queue.ackTried.add(delivery.offset());
        answerOnceDurable(state, () -> queue.ackedForSure.add(delivery.offset()));
      } else {
        staleCount++;
        assertThat(relied).as("%s is the last delivery", delivery).isFalse();
      }
    }
  }

  /** Handles of nothing; the state must be as before. */
  private void forge(QueueModel queue) {
    PopState state = ledger.begin(queue.key, 0);
    long committed = state.committed();
    int held = state.heldCount();
    long offset = random.nextInt((int) queue.end + 3) - 1L;
    assertThat(state.ack(offset, nowMs)).isFalse();
    assertThat(state.change(offset, nowMs, nowMs, wallMs(), 5)).isEqualTo(PopState.STALE);
    assertThat(state.committed()).isEqualTo(committed);
    assertThat(state.heldCount()).isEqualTo(held);
  }

  private void change() {
    if (deliveries.isEmpty()) {
      return;
    }
    Delivery delivery = deliveries.get(random.nextInt(deliveries.size()));
    QueueModel queue = delivery.queue();
    PopState state = ledger.begin(queue.key, 0);
    long invisibleMs = random.nextInt(INVISIBLE_MAX);
    long popTimeMs =
        state.change(delivery.offset(), delivery.popTimeMs(), nowMs, wallMs(), invisibleMs);
    if (popTimeMs == PopState.STALE) {
      staleCount++;
      return;
    }
    long untilMs = wallMs() + invisibleMs;
    // Until it is told of a longer time it relies on the shorter of the two.
    queue.beliefs.computeIfPresent(
        delivery.offset(),
        (offset, before) -> new Belief(popTimeMs, Math.min(before.untilMs(), untilMs)));
    answerOnceDurable(
        state,
        () -> {
          queue.beliefs.computeIfPresent(
              delivery.offset(),
              (offset, now) -> now.popTimeMs() == popTimeMs ? new Belief(popTimeMs, untilMs) : now);
          deliveries.add(new Delivery(queue, delivery.offset(), popTimeMs));
        });
  }

  private void answerOnceDurable(PopState state, Runnable answer) {
    ledger.collect(state);
    answersOfNext.add(answer);
  }

  private void startBatch() {
    if (ledger.canWrite()) {
      assertThat(underway).as("one batch at a time").isNull();
      underway = ledger.startBatch();
      answersOfUnderway = answersOfNext;
      answersOfNext = new ArrayList<>();
    }
  }

  private void endBatch(boolean stored) {
    PopChanges batch = underway;
    if (batch == null) {
      return;
    }
    underway = null;
    if (stored) {
      journal.apply(batch);
      ledger.batchStored();
      answersOfUnderway.forEach(Runnable::run);
      answersOfUnderway = new ArrayList<>();
    } else {
      reachesTheJournalPerhaps(batch);
      ledger.batchLost();
      answersOfUnderway.addAll(answersOfNext);
      answersOfNext = answersOfUnderway;
      answersOfUnderway = new ArrayList<>();
    }
  }

  private void reachesTheJournalPerhaps(PopChanges batch) {
    if (random.nextBoolean()) {
      journal.apply(batch);
    }
  }

  private void crash() {
    if (underway != null) {
      reachesTheJournalPerhaps(underway);
    }
    underway = null;
    answersOfNext.clear();
    answersOfUnderway.clear();
    nowMs += random.nextInt(10);
    wallAheadMs -= random.nextInt(3); // a clock that is set back makes no message come early
    PopChanges whole = journal.whole();
    journal = new PopTable().apply(whole);
    ledger = new PopLedger(10);
    ledger.recovered(whole, nowMs, wallMs());
    crashCount++;
  }

  /** When all time is over: each message that matched comes, unless somebody acknowledged it. */
  private void everythingUnacknowledgedComes() {
    while (underway != null || ledger.canWrite()) {
      startBatch();
      endBatch(true);
    }
    nowMs += INVISIBLE_MAX;
    for (QueueModel queue : queues) {
      PopState state = ledger.begin(queue.key, 0);
      Set<Long> come = new TreeSet<>();
      long committed = Long.MAX_VALUE;
      while (state.hasVisible(nowMs)) {
        PopState.Taken taken = state.takeAgain(10, nowMs, wallMs(), INVISIBLE_MAX);
        assertThat(taken).isNotNull();
        for (long offset : taken.offsets()) {
          assertThat(come.add(offset)).isTrue();
          committed = Math.min(committed, offset);
        }
      }
      assertThat(state.committed()).isEqualTo(Math.min(committed, state.next()));
      for (long offset = state.next(); offset < queue.end; offset++) {
        come.add(offset);
      }
      Map<Long, String> missing = new TreeMap<>();
      for (long offset = queue.settled; offset < queue.end; offset++) {
        if (!come.contains(offset)
            && !queue.ackTried.contains(offset)
            && !queue.unmatched.contains(offset)) {
          missing.put(offset, "never acknowledged");
        } else if (come.contains(offset) && queue.ackedForSure.contains(offset)) {
          missing.put(offset, "comes although acknowledged");
        }
      }
      assertThat(missing).isEmpty();
      queue.settled = state.committed();
      ledger.collect(state);
      queue.beliefs.clear(); // nobody was told what was taken here
    }
    while (ledger.canWrite()) {
      startBatch();
      endBatch(true);
    }
    nowMs += INVISIBLE_MAX;
  }
}
