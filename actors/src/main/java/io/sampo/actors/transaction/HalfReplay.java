package io.sampo.actors.transaction;

import io.sampo.actors.transaction.HalfEvent.Changed;
import io.sampo.actors.transaction.HalfEvent.Ended;
import io.sampo.actors.transaction.HalfEvent.Snapshot;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out from the log which half messages are undecided: first a snapshot, when there is one,
 * then the events from {@link #eventsFrom()} on, then the half messages from {@link #halvesFrom()}
 * on that are not {@link #isEnded}. Pure.
 */
final class HalfReplay {
  private final PendingHalves.Limits limits;
  private final long newestSnapshot;
  private final long eventsFrom;
  private final long halvesFrom;
  private final Map<Long, HalfState> undecided = new HashMap<>();

  /** Of half messages that the snapshot doesn't know: what events said of them. */
  private final Set<Long> endedLater = new HashSet<>();

  private final Map<Long, HalfState> changedLater = new HashMap<>();
  private long changes;

  /**
   * @param snapshotAt its offset among the events, when there is one
   * @param snapshot null when there is none; then the queues are read from their first offsets
   */
  HalfReplay(
      PendingHalves.Limits limits,
      long snapshotAt,
      @Nullable Snapshot snapshot,
      long firstEvent,
      long firstHalf) {
    this.limits = limits;
    if (snapshot == null) {
      this.newestSnapshot = HalfEvent.NO_SNAPSHOT;
      this.eventsFrom = firstEvent;
      this.halvesFrom = firstHalf;
    } else {
      this.newestSnapshot = snapshotAt;
      this.eventsFrom = Math.max(firstEvent, snapshot.eventsFrom());
      this.halvesFrom = Math.max(firstHalf, snapshot.halvesFrom());
      snapshot.undecided().forEach(state -> undecided.put(state.offset(), state));
    }
  }

  /** The first event to be replayed. */
  long eventsFrom() {
    return eventsFrom;
  }

  /** The first half message to be replayed. */
  long halvesFrom() {
    return halvesFrom;
  }

  /** The next event. */
  void event(HalfEvent event) {
    changes++;
    if (event instanceof Ended ended) {
      if (undecided.remove(ended.halfOffset()) == null) {
        endedLater.add(ended.halfOffset());
      }
    } else if (event instanceof Changed changed) {
      changed.halves().forEach(this::change);
    }
  }

  private void change(HalfState state) {
    if (undecided.computeIfPresent(state.offset(), (offset, before) -> state) == null) {
      changedLater.put(state.offset(), state);
    }
  }

  /** True when a half message needs not be looked at. */
  boolean isEnded(long halfOffset) {
    return endedLater.contains(halfOffset);
  }

  /** The next half message that has no end. */
  void half(long offset, long position, long dueMs) {
    HalfState changed = changedLater.get(offset);
    undecided.put(
        offset, changed != null ? changed : new HalfState(offset, position, dueMs, 0, false));
  }

  /**
   * What was found.
   *
   * @param eventsEnd after the last event
   * @param halvesEnd after the last half message
   */
  PendingHalves finish(long eventsEnd, long halvesEnd) {
    PendingHalves found = new PendingHalves(limits, undecided.values(), eventsEnd, halvesEnd);
    found.recoveredFrom(newestSnapshot, changes + Math.max(0, halvesEnd - halvesFrom));
    return found;
  }
}
