package io.sampo.actors.transaction;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The undecided half messages of one log group: which there are, when their producers are asked
 * next and how often they were. Pure: no clock, no thread, no log; not thread-safe.
 *
 * <p>A half message is here from the moment it is stored until its end is. It is either on the
 * schedule, being asked about, being ended, or parked; a parked one stays until an operator resumes
 * it or somebody ends it. Ends count when the log has them, everything else at once: what the log
 * didn't get of that is only asked again after a crash.
 *
 * <p>What was told to this object as stored must have been told in the order of the log, so that
 * {@link #snapshot()} knows what it covers.
 */
final class PendingHalves {
  private static final Comparator<Half> BY_TIME =
      Comparator.<Half>comparingLong(half -> half.dueMs).thenComparingLong(half -> half.offset);

  /** Snapshots are at least so many times the size of what is undecided apart. */
  private static final int CHANGES_PER_UNDECIDED = 2;

  /**
   * What bounds it.
   *
   * @param intervalMs between two questions about one half message
   * @param checksMax questions until it is parked
   * @param pendingMax undecided half messages
   * @param snapshotEvery the fewest stored half messages and events between two snapshots
   */
  record Limits(long intervalMs, int checksMax, int pendingMax, int snapshotEvery) {}

  /** One undecided half message. */
  static final class Half {
    private final long offset;
    private final long position;
    private long dueMs;
    private int checks;
    private boolean parked;
    private boolean asking;
    private boolean ending;
    private boolean resuming;
    private boolean gone;

    private Half(HalfState state) {
      this.offset = state.offset();
      this.position = state.position();
      this.dueMs = state.dueMs();
      this.checks = state.checks();
      this.parked = state.parked();
    }

    long offset() {
      return offset;
    }

    long position() {
      return position;
    }

    /** How often its producers were asked. */
    int checks() {
      return checks;
    }

    HalfState state() {
      return new HalfState(offset, position, dueMs, checks, parked);
    }
  }

  private final Limits limits;
  private final Map<Long, Half> undecided = new HashMap<>();
  private final TreeSet<Half> schedule = new TreeSet<>(BY_TIME);
  private final TreeMap<Long, Half> parked = new TreeMap<>();

  /** Half messages on their way to the log. */
  private int expected;

  private long eventsEnd;
  private long halvesEnd;
  private long newestSnapshot = HalfEvent.NO_SNAPSHOT;
  private long changesSinceSnapshot;
  private boolean snapshotUnderway;

  /**
   * As they were found in the log.
   *
   * @param eventsEnd after the last event that was read
   * @param halvesEnd after the last half message that was read
   */
  PendingHalves(Limits limits, Collection<HalfState> found, long eventsEnd, long halvesEnd) {
    this.limits = limits;
    this.eventsEnd = eventsEnd;
    this.halvesEnd = halvesEnd;
    found.forEach(this::add);
  }

  private Half add(HalfState state) {
    Half half = new Half(state);
    if (undecided.putIfAbsent(half.offset, half) != null) {
      throw new IllegalStateException("two half messages at offset " + half.offset);
    }
    if (half.parked) {
      parked.put(half.offset, half);
    } else {
      schedule.add(half);
    }
    return half;
  }

  /** How many have no end, those on their way to the log not counted. */
  int size() {
    return undecided.size();
  }

  /** Where the oldest of them lies in the log, {@link Long#MAX_VALUE} when there is none. */
  long oldestPosition() {
    long oldest = Long.MAX_VALUE;
    for (Half half : undecided.values()) {
      oldest = Math.min(oldest, half.position);
    }
    return oldest;
  }

  /** The newest of them, oldest first, up to a number. */
  List<Half> newest(int max) {
    List<Half> all = new ArrayList<>(undecided.values());
    all.sort(Comparator.comparingLong(Half::offset));
    return all.subList(Math.max(0, all.size() - max), all.size());
  }

  /** How many of them are parked. */
  int parkedCount() {
    return parked.size();
  }

  /** Those that are parked behind an offset, oldest first, up to a number. */
  List<HalfState> parked(long after, int max) {
    return parked.tailMap(after, false).values().stream().limit(max).map(Half::state).toList();
  }

  /** A half message is to be stored; false when there are too many. */
  boolean expect() {
    if (undecided.size() + expected >= limits.pendingMax()) {
      return false;
    }
    expected++;
    return true;
  }

  /** One that was expected was not stored. */
  void halfRefused() {
    expected--;
  }

  /** One that was expected is stored. */
  Half halfStored(long offset, long position, long dueMs) {
    expected--;
    halvesEnd = offset + 1;
    changesSinceSnapshot++;
    return add(new HalfState(offset, position, dueMs, 0, false));
  }

  /** The undecided half message with this offset at this position; null when there is none. */
  @Nullable Half find(long offset, long position) {
    Half half = undecided.get(offset);
    return half != null && half.position == position ? half : null;
  }

  /** The parked half message at a position; null when there is none. */
  @Nullable Half findParked(long position) {
    for (Half half : parked.values()) {
      if (half.position == position) {
        return half;
      }
    }
    return null;
  }

  /**
   * Its end is to be stored; until that is known nobody is asked about it.
   *
   * @return false when another end is on its way already
   */
  boolean beginEnd(Half half) {
    if (half.ending) {
      return false;
    }
    schedule.remove(half);
    half.ending = true;
    return true;
  }

  /** Its end is stored. */
  void ended(Half half) {
    half.gone = true;
    undecided.remove(half.offset);
    parked.remove(half.offset);
  }

  /** Its end was not stored: everything is as before. */
  void endRefused(Half half) {
    half.ending = false;
    schedule(half);
  }

  private void schedule(Half half) {
    if (!half.ending && !half.asking && !half.parked && !half.gone) {
      schedule.add(half);
    }
  }

  /** When the next one is due; {@link Long#MAX_VALUE} when none is. */
  long nextDueMs() {
    return schedule.isEmpty() ? Long.MAX_VALUE : schedule.first().dueMs;
  }

  /**
   * Takes the next one that is due from the schedule: to be asked about, and then {@link #checked}
   * or {@link #notReached}, or, when it {@link #isExhausted}, to be parked.
   */
  @Nullable Half takeDue(long nowMs) {
    if (nextDueMs() > nowMs) {
      return null;
    }
    Half half = schedule.pollFirst();
    if (half != null) {
      half.asking = true;
    }
    return half;
  }

  /** True when it was asked about as often as it may be. */
  boolean isExhausted(Half half) {
    return half.checks >= limits.checksMax();
  }

  /** The question reached a producer. */
  void checked(Half half, long nowMs) {
    half.checks++;
    notReached(half, nowMs);
  }

  /** The question reached nobody, so it doesn't count. */
  void notReached(Half half, long nowMs) {
    half.asking = false;
    half.dueMs = nowMs + limits.intervalMs();
    schedule(half);
  }

  /** Nobody is asked about it any more. */
  void park(Half half) {
    half.asking = false;
    half.parked = true;
    parked.put(half.offset, half);
  }

  /**
   * A parked one is to be resumed; it is asked about once that is stored.
   *
   * @return what it will be then: due at once, and to be asked about as often as a new one; null
   *     when it is being resumed or ended already
   */
  @Nullable HalfState beginResume(Half half, long nowMs) {
    if (!half.parked || half.resuming || !isOpen(half)) {
      return null;
    }
    half.resuming = true;
    return new HalfState(half.offset, half.position, nowMs, 0, false);
  }

  /** It is as {@link #beginResume} said, unless it was ended meanwhile. */
  void resumed(Half half, long nowMs) {
    half.resuming = false;
    if (!half.gone) {
      parked.remove(half.offset);
      half.parked = false;
      half.checks = 0;
      half.dueMs = nowMs;
      schedule(half);
    }
  }

  /** That it is resumed was not stored: it stays parked. */
  void resumeRefused(Half half) {
    half.resuming = false;
  }

  /** Whether it still has no end and none on its way. */
  boolean isOpen(Half half) {
    return !half.gone && !half.ending;
  }

  /** Where the newest snapshot is, for the events to say. */
  long newestSnapshot() {
    return newestSnapshot;
  }

  /** An event is stored. */
  void eventStored(long offset) {
    eventsEnd = offset + 1;
    changesSinceSnapshot++;
  }

  /** True when it is time for a snapshot. */
  boolean wantsSnapshot() {
    return !snapshotUnderway
        && changesSinceSnapshot
            >= Math.max(limits.snapshotEvery(), CHANGES_PER_UNDECIDED * (long) undecided.size());
  }

  /**
   * All that the log is known to have; what is on its way comes after it. Followed by {@link
   * #snapshotStored} or {@link #snapshotRefused}.
   */
  HalfEvent.Snapshot snapshot() {
    snapshotUnderway = true;
    changesSinceSnapshot = 0;
    List<HalfState> states = new ArrayList<>(undecided.size());
    undecided.values().forEach(half -> states.add(half.state()));
    return new HalfEvent.Snapshot(newestSnapshot, eventsEnd, halvesEnd, states);
  }

  /** The snapshot is stored, at this offset among the events. */
  void snapshotStored(long offset) {
    snapshotUnderway = false;
    newestSnapshot = offset;
    eventsEnd = offset + 1;
  }

  /** The snapshot was not stored; the next one is due after as many changes again. */
  void snapshotRefused() {
    snapshotUnderway = false;
  }

  /** After a recovery: which snapshot it began with, and what came after that. */
  void recoveredFrom(long snapshot, long changes) {
    newestSnapshot = snapshot;
    changesSinceSnapshot = changes;
  }
}
