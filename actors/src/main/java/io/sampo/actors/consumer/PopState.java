package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.PopChanges.HeldRun;
import io.sampo.actors.consumer.PopChanges.QueueChange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What one consumer group has popped of one queue: the next offset that was never handed out, and
 * those that were and are not acknowledged. Pure: no clock, no thread; owned by {@link PopLedger}.
 *
 * <p>Every offset below {@link #next()} that is not held was acknowledged or did not match the
 * filter, and is never handed out again. A held one has one receiver until its invisible time is
 * over; then it is handed out again, to the same or another receiver, with a new pop time. So the
 * pair of offset and pop time names one delivery, and only the last delivery of an offset can be
 * acknowledged or changed.
 *
 * <p>Two clocks: {@code nowMs} never goes back and says what is visible; {@code wallMs} is the time
 * of day, of which pop times are made that clients see and the journal keeps.
 */
final class PopState {
  /** What {@link #change} answers when the delivery is not the offset's last. */
  static final long STALE = -1;

  /**
   * Offsets that were handed out together.
   *
   * @param offsets ascending
   * @param deliveries for each offset how often it was handed out, this time included
   */
  record Taken(long popTimeMs, long invisibleMs, long[] offsets, int[] deliveries) {}

  private static final class Held {
    private final long offset;
    private long popTimeMs;
    private long invisibleMs;
    private long visibleAtMs;
    private int deliveries;

    private Held(long offset) {
      this.offset = offset;
    }
  }

  private final GroupQueue queue;
  private final TreeMap<Long, Held> held = new TreeMap<>();
  private final TreeSet<Held> byTime =
      new TreeSet<>(
          Comparator.<Held>comparingLong(one -> one.visibleAtMs)
              .thenComparingLong(one -> one.offset));
  private long next;

  /** The attempt that the last orderly delivery was for, and its pop time. */
  private @Nullable String attemptId;

  private long attemptPopTimeMs;

  private TreeSet<Long> touched = new TreeSet<>();
  private TreeSet<Long> touchedUnderway = new TreeSet<>();
  private boolean restarted;
  private boolean restartedUnderway;
  private boolean changed;

  /**
   * @param next where the group begins; everything below is none of its business
   */
  PopState(GroupQueue queue, long next) {
    this.queue = queue;
    this.next = next;
    this.changed = true; // also where it began must not be lost
  }

  /**
   * What the journal has of a queue. A held offset stays invisible for what is left of its time; a
   * time of day that was set back does not make it longer than it was.
   */
  static PopState recovered(QueueChange whole, long nowMs, long wallMs) {
    PopState state = new PopState(whole.queue(), whole.next());
    for (HeldRun run : whole.held()) {
      long leftMs = run.popTimeMs() + run.invisibleMs() - wallMs;
      long visibleAtMs = nowMs + Math.max(0, Math.min(leftMs, run.invisibleMs()));
      run.forEachOffset(
          offset -> {
            Held one = new Held(offset);
            one.popTimeMs = run.popTimeMs();
            one.invisibleMs = run.invisibleMs();
            one.visibleAtMs = visibleAtMs;
            one.deliveries = run.deliveries();
            state.held.put(offset, one);
            state.byTime.add(one);
          });
    }
    state.changed = false;
    return state;
  }

  GroupQueue queue() {
    return queue;
  }

  /** The first offset that was never handed out. */
  long next() {
    return next;
  }

  /** Everything below is acknowledged: the group's ordinary offset of the queue. */
  long committed() {
    return held.isEmpty() ? next : held.firstKey();
  }

  /** How many offsets are handed out and not acknowledged, visible again or not. */
  int heldCount() {
    return held.size();
  }

  /**
   * When the first offset that is invisible now becomes visible; {@link Long#MAX_VALUE} if none.
   */
  long nextVisibleMs(long nowMs) {
    Held now = new Held(Long.MAX_VALUE);
    now.visibleAtMs = nowMs;
    Held next = byTime.higher(now);
    return next == null ? Long.MAX_VALUE : next.visibleAtMs;
  }

  /** True when a held offset may be handed out again. */
  boolean hasVisible(long nowMs) {
    return !byTime.isEmpty() && byTime.first().visibleAtMs <= nowMs;
  }

  /** True while a receiver has something that others must wait for in an orderly queue. */
  boolean isBlocked(long nowMs, @Nullable String attempt) {
    return !byTime.isEmpty() && byTime.last().visibleAtMs > nowMs && !isSameAttempt(attempt);
  }

  private boolean isSameAttempt(@Nullable String attempt) {
    return attempt != null && attempt.equals(attemptId);
  }

  /**
   * Hands out offsets that were handed out before and are visible again, those first that became so
   * first.
   *
   * @return null when there are none
   */
  @Nullable Taken takeAgain(int max, long nowMs, long wallMs, long invisibleMs) {
    List<Held> chosen = new ArrayList<>();
    for (Held one : byTime) {
      if (one.visibleAtMs > nowMs || chosen.size() == max) {
        break;
      }
      chosen.add(one);
    }
    chosen.sort(Comparator.comparingLong(one -> one.offset));
    return chosen.isEmpty() ? null : handOut(chosen, true, nowMs, wallMs, invisibleMs);
  }

  /**
   * As {@link #takeAgain} for an orderly queue: the lowest offsets. Nothing while another receiver
   * has some; the receiver itself gets the same ones again when it repeats its attempt.
   *
   * @param attempt names a request and its repetitions, null when they have no name
   */
  @Nullable Taken takeAgainInOrder(
      int max, @Nullable String attempt, long nowMs, long wallMs, long invisibleMs) {
    if (isBlocked(nowMs, attempt)) {
      return null;
    }
    boolean repeated = isSameAttempt(attempt) && isOut(attemptPopTimeMs, nowMs);
    List<Held> chosen = new ArrayList<>();
    for (Held one : held.values()) {
      if (chosen.size() == max) {
        break;
      }
      if (one.visibleAtMs <= nowMs || (repeated && one.popTimeMs == attemptPopTimeMs)) {
        chosen.add(one);
      } else {
        break; // what follows would overtake it
      }
    }
    if (chosen.isEmpty()) {
      return null;
    }
    Taken taken = handOut(chosen, !repeated, nowMs, wallMs, invisibleMs);
    remember(attempt, taken);
    return taken;
  }

  private boolean isOut(long popTimeMs, long nowMs) {
    return byTime.stream().anyMatch(one -> one.popTimeMs == popTimeMs && one.visibleAtMs > nowMs);
  }

  /** Remembers which attempt the newest orderly delivery was for. */
  void remember(@Nullable String attempt, Taken taken) {
    attemptId = attempt;
    attemptPopTimeMs = taken.popTimeMs();
  }

  /**
   * Hands out offsets for the first time.
   *
   * @param offsets ascending, from {@link #next()} on and below {@code reached}
   * @param reached what is below and not among the offsets didn't match and never comes again
   */
  Taken takeNew(long[] offsets, long reached, long nowMs, long wallMs, long invisibleMs) {
    List<Held> chosen = new ArrayList<>(offsets.length);
    long above = next - 1;
    for (long offset : offsets) {
      if (offset <= above || offset >= reached) {
        throw new IllegalArgumentException(
            queue + ": offset " + offset + " after " + above + " and up to " + reached);
      }
      above = offset;
      chosen.add(new Held(offset));
    }
    skipTo(reached);
    for (Held one : chosen) {
      held.put(one.offset, one);
    }
    return handOut(chosen, true, nowMs, wallMs, invisibleMs);
  }

  /** Passes over offsets that didn't match or are gone, without handing anything out. */
  void skipTo(long reached) {
    if (reached > next) {
      next = reached;
      changed = true;
    }
  }

  /** One pop time for all, later than any that one of them had. */
  private Taken handOut(
      List<Held> chosen, boolean counts, long nowMs, long wallMs, long invisibleMs) {
    long popTimeMs = wallMs;
    for (Held one : chosen) {
      popTimeMs = Math.max(popTimeMs, one.popTimeMs + 1);
    }
    long[] offsets = new long[chosen.size()];
    int[] deliveries = new int[chosen.size()];
    for (int i = 0; i < offsets.length; i++) {
      Held one = chosen.get(i);
      if (counts) {
        one.deliveries++;
      }
      setTime(one, popTimeMs, nowMs, wallMs, invisibleMs);
      offsets[i] = one.offset;
      deliveries[i] = one.deliveries;
    }
    return new Taken(popTimeMs, invisibleMs, offsets, deliveries);
  }

  /** The receiver counts from the pop time, which may be a little ahead of the time of day. */
  private void setTime(Held one, long popTimeMs, long nowMs, long wallMs, long invisibleMs) {
    long aheadMs = Math.min(popTimeMs - wallMs, invisibleMs);
    byTime.remove(one);
    one.popTimeMs = popTimeMs;
    one.invisibleMs = invisibleMs;
    one.visibleAtMs = nowMs + aheadMs + invisibleMs;
    byTime.add(one);
    touch(one.offset);
  }

  /**
   * Acknowledges a delivery.
   *
   * @return false when it is not the offset's last one, or the offset is not held; nothing changed
   */
  boolean ack(long offset, long popTimeMs) {
    Held one = lastDelivery(offset, popTimeMs);
    if (one == null) {
      return false;
    }
    drop(one);
    return true;
  }

  /**
   * Sets when a delivery becomes visible again, counted from now.
   *
   * @return the delivery's new pop time, or {@link #STALE} as {@link #ack} says false
   */
  long change(long offset, long popTimeMs, long nowMs, long wallMs, long invisibleMs) {
    Held one = lastDelivery(offset, popTimeMs);
    if (one == null) {
      return STALE;
    }
    long changedMs = Math.max(wallMs, popTimeMs + 1);
    setTime(one, changedMs, nowMs, wallMs, invisibleMs);
    return changedMs;
  }

  /** A delivery reached nobody: it is visible at once, and as if it had not been. */
  void giveBack(long offset, long popTimeMs, long nowMs, long wallMs) {
    Held one = lastDelivery(offset, popTimeMs);
    if (one != null) {
      one.deliveries--;
      setTime(one, Math.max(wallMs, popTimeMs + 1), nowMs, wallMs, 0);
    }
  }

  private @Nullable Held lastDelivery(long offset, long popTimeMs) {
    Held one = held.get(offset);
    return one != null && one.popTimeMs == popTimeMs ? one : null;
  }

  /** Counts everything below as acknowledged: the group committed it in another way. */
  void commitTo(long offset) {
    List.copyOf(held.headMap(offset).values()).forEach(this::drop);
    skipTo(offset);
  }

  /** Forgets what was handed out and begins anew, perhaps with what was acknowledged. */
  void restartAt(long offset) {
    held.clear();
    byTime.clear();
    touched.clear();
    attemptId = null;
    next = offset;
    restarted = true;
    changed = true;
  }

  private void drop(Held one) {
    held.remove(one.offset);
    byTime.remove(one);
    touch(one.offset);
  }

  private void touch(long offset) {
    touched.add(offset);
    changed = true;
  }

  /** True when there is something that no batch has yet. */
  boolean hasChanged() {
    return changed;
  }

  /** What changed since the last call, for the batch that begins. */
  QueueChange startBatch() {
    QueueChange change = change(touched);
    touchedUnderway = touched;
    restartedUnderway = restarted;
    touched = new TreeSet<>();
    restarted = false;
    changed = false;
    return change;
  }

  private QueueChange change(Collection<Long> offsets) {
    List<Long> gone = new ArrayList<>();
    RunCollector runs = new RunCollector();
    for (long offset : offsets) {
      Held one = held.get(offset);
      if (one == null) {
        gone.add(offset);
      } else {
        runs.add(one);
      }
    }
    return QueueChange.of(queue, restarted, next, gone, runs.finish());
  }

  /** The batch under way is durable. */
  void batchStored() {
    touchedUnderway = new TreeSet<>();
    restartedUnderway = false;
  }

  /** Whether the batch under way is durable is not known: what it had goes with the next. */
  void batchLost() {
    touched.addAll(touchedUnderway);
    restarted |= restartedUnderway;
    changed = true;
    batchStored();
  }

  /** Deliveries that have all in common become one run. */
  private static final class RunCollector {
    private final List<HeldRun> runs = new ArrayList<>();
    private List<Long> offsets = new ArrayList<>();
    private @Nullable Held first;

    private void add(Held one) {
      if (first != null
          && (first.popTimeMs != one.popTimeMs
              || first.invisibleMs != one.invisibleMs
              || first.deliveries != one.deliveries)) {
        close(first);
      }
      if (offsets.isEmpty()) {
        first = one;
      }
      offsets.add(one.offset);
    }

    private void close(Held like) {
      runs.add(HeldRun.of(like.popTimeMs, like.invisibleMs, like.deliveries, offsets));
      offsets = new ArrayList<>();
    }

    private List<HeldRun> finish() {
      if (first != null) {
        close(first);
      }
      return runs;
    }
  }
}
