package io.sampo.cluster.protocol;

import io.sampo.cluster.protocol.ReplicaMessage.Diverged;
import io.sampo.cluster.protocol.ReplicaMessage.Fetch;
import io.sampo.cluster.protocol.ReplicaMessage.Fetched;
import io.sampo.cluster.protocol.ReplicaMessage.StartsBeyond;
import org.jspecify.annotations.Nullable;

/**
 * Makes this replica's log equal to another one's by fetching from it: a follower from its leader,
 * a candidate from the most advanced of those who promised. One fetch at a time; every fetch says
 * where the log ends and under which epoch, so the source can tell where the two part.
 */
final class Pull {
  private static final long NONE = -1;

  /** One that is lost is asked again. */
  private static final long UNHEARD_FETCHES = 2;

  private final ReplicaState state;
  private final ReplicaId source;
  private final long epoch;

  private long fetchId = NONE;
  private long askedMs;
  private long heardMs;
  private boolean matched;
  private long heldTold = NONE;
  private @Nullable Frames appending;

  Pull(ReplicaState state, ReplicaId source, long epoch) {
    this.state = state;
    this.source = source;
    this.epoch = epoch;
    this.heardMs = state.nowMs;
  }

  /** True once the source has said that this log is a beginning of its own. */
  boolean matched() {
    return matched;
  }

  ReplicaId source() {
    return source;
  }

  void fetch() {
    if (state.cutUnderway()) {
      return;
    }
    fetchId = state.takeFetchId();
    askedMs = state.nowMs;
    LogOutline log = state.log;
    long held = state.held();
    if (matched) {
      heldTold = held;
    }
    state.send(source, new Fetch(epoch, fetchId, log.end(), log.lastEpoch(), held, matched));
  }

  /** What a fetch has acknowledged, of a log that was known to be a beginning of the source's. */
  long heldTold() {
    return heldTold;
  }

  /** Whether the source has not answered for so long that it may be out of reach. */
  boolean isUnheard() {
    return appending == null
        && !state.cutUnderway()
        && state.nowMs - heardMs >= UNHEARD_FETCHES * state.settings.fetchTimeoutMs();
  }

  void onTick() {
    if (state.nowMs - askedMs >= state.settings.fetchTimeoutMs()) {
      fetch();
    }
  }

  /** True when this is the answer to the fetch under way; late and doubled ones are not. */
  boolean isAwaited(ReplicaId from, long id) {
    return from.equals(source) && id == fetchId && !state.cutUnderway();
  }

  void onFetched(Fetched fetched) {
    fetchId = NONE;
    heardMs = state.nowMs;
    matched = true;
    Frames frames = fetched.frames();
    if (frames.isEmpty()) {
      fetch();
    } else {
      appending = frames;
      state.effect(new ReplicaEffect.AppendFrames(frames));
    }
  }

  void onAppended(long end) {
    Frames frames = appending;
    if (frames == null || frames.endPosition() != end) {
      throw new ProtocolViolation("expected the append of " + frames + ", found one to " + end);
    }
    appending = null;
    heardMs = state.nowMs;
    state.log.append(frames);
    fetch();
  }

  /** No room: what was fetched is dropped and asked for again later. */
  void onAppendRefused() {
    appending = null;
    askedMs = state.nowMs;
    heardMs = state.nowMs;
  }

  void onDiverged(Diverged diverged) {
    fetchId = NONE;
    heardMs = state.nowMs;
    matched = false;
    long cut = state.rules.cutOf(state.log, diverged.commonEpoch(), diverged.commonEnd());
    if (cut < state.log.start()) {
      throw new ProtocolViolation(
          "%s has nothing in common with %s: %s".formatted(source, state.self, diverged));
    }
    state.cutTo(cut);
  }

  void onStartsBeyond(StartsBeyond beyond) {
    fetchId = NONE;
    heardMs = state.nowMs;
    matched = false;
    state.resetTo(beyond.base());
  }
}
