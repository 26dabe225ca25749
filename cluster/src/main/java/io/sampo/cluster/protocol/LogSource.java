package io.sampo.cluster.protocol;

import io.sampo.cluster.protocol.ReplicaMessage.Diverged;
import io.sampo.cluster.protocol.ReplicaMessage.Fetch;
import io.sampo.cluster.protocol.ReplicaMessage.Fetched;
import io.sampo.cluster.protocol.ReplicaMessage.StartsBeyond;
import java.util.List;

/**
 * Answers fetches from this replica's log: for a leader's followers, and for a candidate whom this
 * replica has promised an epoch and whose log is less advanced.
 */
final class LogSource {
  private final ReplicaState state;

  LogSource(ReplicaState state) {
    this.state = state;
  }

  /** Whether the asking log is a beginning of this one; if not, it is told what to do about it. */
  boolean isBeginning(ReplicaId reader, Fetch fetch) {
    LogOutline log = state.log;
    if (fetch.end() < log.start()) {
      startsBeyond(reader, fetch);
      return false;
    }
    if (state.rules.isBeginning(log, fetch.end(), fetch.lastEpoch())) {
      return true;
    }
    long common = log.epochNotAbove(fetch.lastEpoch());
    if (common < 0) {
      startsBeyond(reader, fetch);
    } else {
      state.send(reader, new Diverged(fetch.epoch(), fetch.id(), common, log.endOf(common)));
    }
    return false;
  }

  private void startsBeyond(ReplicaId reader, Fetch fetch) {
    state.send(reader, new StartsBeyond(fetch.epoch(), fetch.id(), state.log.base()));
  }

  /** Reads for a fetch whose log is a beginning of this one. */
  void read(ReplicaId reader, Fetch fetch) {
    int bytesMax = state.settings.fetchBytesMax();
    state.effect(
        new ReplicaEffect.ReadRange(
            fetch.epoch(), reader, fetch.id(), fetch.end(), state.log.end(), bytesMax));
  }

  /** Tells a reader that there is nothing more by now. */
  void nothingMore(ReplicaId reader, Fetch fetch) {
    send(
        reader,
        fetch.epoch(),
        fetch.id(),
        new Frames(fetch.end(), fetch.end(), List.of(), List.of(), ""));
  }

  void send(ReplicaId reader, long epoch, long fetchId, Frames frames) {
    state.send(reader, new Fetched(epoch, fetchId, frames, state.log.end(), state.commit()));
  }
}
