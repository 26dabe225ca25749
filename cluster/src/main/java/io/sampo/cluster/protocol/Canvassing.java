package io.sampo.cluster.protocol;

import io.sampo.cluster.protocol.ReplicaMessage.Canvass;
import java.util.TreeSet;

/**
 * Finds out whether an epoch could be won, before anything is promised for it. Runs beside the
 * replica's role: who canvasses in vain goes on as before.
 */
final class Canvassing {
  private final ReplicaState state;
  private final long deadlineMs;
  private final TreeSet<ReplicaId> granted = new TreeSet<>();
  private long epoch;
  private long askedMs;

  Canvassing(ReplicaState state, long epoch) {
    this.state = state;
    this.epoch = epoch;
    this.deadlineMs = state.nowMs + state.settings.candidacyMs();
  }

  long epoch() {
    return epoch;
  }

  boolean isOver() {
    return state.nowMs >= deadlineMs;
  }

  void ask(long forEpoch) {
    if (forEpoch != epoch) {
      granted.clear();
      epoch = forEpoch;
    }
    askedMs = state.nowMs;
    granted.add(state.self);
    LogOutline log = state.log;
    for (ReplicaId voter : log.membership().voters()) {
      if (!granted.contains(voter)) {
        state.send(voter, new Canvass(epoch, log.lastEpoch(), log.end()));
      }
    }
  }

  void onTick() {
    if (state.nowMs - askedMs >= state.settings.heartbeatMs()) {
      ask(epoch);
    }
  }

  void onGranted(ReplicaId from, long forEpoch) {
    if (forEpoch == epoch) {
      granted.add(from);
    }
  }

  boolean succeeded() {
    return state.rules.isMajority(state.log.membership(), granted);
  }
}
