package io.sampo.cluster.protocol;

import io.sampo.cluster.protocol.ReplicaEffect.EndReason;
import io.sampo.cluster.protocol.ReplicaMessage.Diverged;
import io.sampo.cluster.protocol.ReplicaMessage.Fetched;
import io.sampo.cluster.protocol.ReplicaMessage.Prepare;
import io.sampo.cluster.protocol.ReplicaMessage.Promise;
import io.sampo.cluster.protocol.ReplicaMessage.StartsBeyond;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Stands for an epoch: promises it to itself, durably; collects promises; makes its log equal to
 * the most advanced one among them; begins the epoch with a record of its own.
 *
 * <p>Always holds: the epoch record is written only on a log that no log of the promising majority
 * is more advanced than. Fetching may bring a newer membership, so both questions (is it a
 * majority, is this log the most advanced) are asked again after every step. Any majority will do:
 * whoever promises and can't be fetched from is left out of it, if the others are one.
 */
final class Candidacy extends Role {
  /** What becomes of a candidacy. */
  interface Outcome {
    /** The epoch's record is in the log. */
    void won(long epoch, long epochRecordEnd);

    /** It is over. */
    void failed(EndReason reason);
  }

  private final long epoch;
  private final Outcome outcome;
  private final long deadlineMs;
  private final TreeMap<ReplicaId, Promise> promises = new TreeMap<>();
  private final Set<ReplicaId> outOfReach = new TreeSet<>();
  private long askedMs;
  private boolean promisedItself;
  private @Nullable Pull pull;

  Candidacy(ReplicaState state, long epoch, Outcome outcome) {
    super(state);
    this.epoch = epoch;
    this.outcome = outcome;
    this.deadlineMs = state.nowMs + state.settings.candidacyMs();
  }

  long epoch() {
    return epoch;
  }

  @Override
  void onPromiseDurable() {
    if (!promisedItself) {
      promisedItself = true;
      promises.put(state.self, new Promise(epoch, state.log.lastEpoch(), state.log.end()));
      ask();
      proceed();
    }
  }

  @Override
  void onTick() {
    if (state.nowMs >= deadlineMs) {
      outcome.failed(EndReason.NO_MAJORITY);
      return;
    }
    if (promisedItself && state.nowMs - askedMs >= state.settings.heartbeatMs()) {
      ask();
    }
    Pull pulling = pull;
    if (pulling != null && pulling.isUnheard() && canDoWithout(pulling.source())) {
      outOfReach.add(pulling.source());
      promises.remove(pulling.source());
      pull = null;
      proceed();
    } else if (pulling != null) {
      pulling.onTick();
    }
  }

  private boolean canDoWithout(ReplicaId source) {
    List<ReplicaId> others = new ArrayList<>(promises.keySet());
    others.remove(source);
    return state.rules.isMajority(state.log.membership(), others);
  }

  private void ask() {
    askedMs = state.nowMs;
    LogOutline log = state.log;
    for (ReplicaId voter : log.membership().voters()) {
      if (!promises.containsKey(voter)) {
        state.send(voter, new Prepare(epoch, log.lastEpoch(), log.end()));
      }
    }
  }

  @Override
  void onMessage(ReplicaId from, ReplicaMessage message) {
    if (message.epoch() != epoch) {
      return;
    }
    Pull pulling = pull;
    if (message instanceof Promise promise) {
      if (!outOfReach.contains(from)) {
        promises.put(from, promise);
        proceed();
      }
    } else if (pulling != null && message instanceof Fetched fetched) {
      if (pulling.isAwaited(from, fetched.id())) {
        pulling.onFetched(fetched);
      }
    } else if (pulling != null && message instanceof Diverged diverged) {
      if (pulling.isAwaited(from, diverged.id())) {
        pulling.onDiverged(diverged);
      }
    } else if (pulling != null && message instanceof StartsBeyond beyond) {
      if (pulling.isAwaited(from, beyond.id())) {
        pulling.onStartsBeyond(beyond);
      }
    }
  }

  @Override
  void onAppended(long end) {
    Pull pulling = pull;
    if (pulling == null) {
      outcome.won(epoch, end);
      return;
    }
    pulling.onAppended(end);
    if (hasAll(pulling)) {
      pull = null;
      proceed();
    }
  }

  /** True when this log has all that its source had when it promised. */
  private boolean hasAll(Pull pulling) {
    Promise target = promises.get(pulling.source());
    return target == null || !isBehind(target);
  }

  @Override
  void onAppendRefused() {
    outcome.failed(EndReason.DISK_FULL);
  }

  @Override
  void onCutDone() {
    Pull pulling = pull;
    if (pulling != null && !hasAll(pulling)) {
      pulling.fetch();
    } else {
      pull = null;
      proceed();
    }
  }

  private void proceed() {
    if (!promisedItself || pull != null || state.cutUnderway()) {
      return;
    }
    Membership membership = state.log.membership();
    if (!membership.isVoter(state.self)) {
      outcome.failed(EndReason.NOT_A_VOTER);
      return;
    }
    if (!state.rules.isMajority(membership, promises.keySet())) {
      return; // the next tick asks who has not answered, and who is new
    }
    ReplicaId best = state.self;
    for (Map.Entry<ReplicaId, Promise> each : promises.entrySet()) {
      Promise promise = each.getValue();
      Promise soFar = promises.get(best);
      if (isBehind(promise) && (best.equals(state.self) || isBehind(soFar, promise))) {
        best = each.getKey();
      }
    }
    if (best.equals(state.self)) {
      state.effect(new ReplicaEffect.BeginEpoch(epoch));
    } else {
      pull = new Pull(state, best, epoch);
      pull.fetch();
    }
  }

  /** True when this replica's log is less advanced than the promise says another one is. */
  private boolean isBehind(Promise promise) {
    return state.rules.moreAdvanced(
        promise.lastEpoch(), promise.end(), state.log.lastEpoch(), state.log.end());
  }

  private boolean isBehind(@Nullable Promise promise, Promise other) {
    return promise == null
        || state.rules.moreAdvanced(
            other.lastEpoch(), other.end(), promise.lastEpoch(), promise.end());
  }
}
