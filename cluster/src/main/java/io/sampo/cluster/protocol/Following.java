package io.sampo.cluster.protocol;

import io.sampo.cluster.protocol.ReplicaMessage.Diverged;
import io.sampo.cluster.protocol.ReplicaMessage.Fetched;
import io.sampo.cluster.protocol.ReplicaMessage.Follows;
import io.sampo.cluster.protocol.ReplicaMessage.Held;
import io.sampo.cluster.protocol.ReplicaMessage.Leading;
import io.sampo.cluster.protocol.ReplicaMessage.StartsBeyond;

/**
 * Follows the leader of an epoch: makes its log equal to the leader's, says what it holds, and
 * learns what is committed.
 *
 * <p>Always holds: it takes and acknowledges nothing before the epoch is durably its own; it
 * believes the leader's commit position only as far as its own log is a beginning of the leader's.
 */
final class Following extends Role {
  private static final long UNKNOWN = -1;

  private final long epoch;
  private final ReplicaId leader;
  private final Pull pull;
  private long leaderCommit;
  private long heldTold = UNKNOWN;

  /** What the leader had when first asked in this role: up to there a damaged log is repaired. */
  private long repairEnd = UNKNOWN;

  Following(ReplicaState state, long epoch, ReplicaId leader) {
    super(state);
    this.epoch = epoch;
    this.leader = leader;
    this.pull = new Pull(state, leader, epoch);
  }

  long epoch() {
    return epoch;
  }

  ReplicaId leader() {
    return leader;
  }

  @Override
  void begin() {
    if (state.promiseIsDurable()) {
      pull.fetch();
    }
  }

  @Override
  void onPromiseDurable() {
    if (!pull.matched()) {
      pull.fetch();
    }
  }

  @Override
  void onTick() {
    if (state.promiseIsDurable()) {
      pull.onTick();
    }
  }

  @Override
  void onMessage(ReplicaId from, ReplicaMessage message) {
    if (message.epoch() != epoch) {
      return;
    }
    if (message instanceof Leading leading) {
      onLeading(leading);
    } else if (message instanceof Fetched fetched) {
      if (pull.isAwaited(from, fetched.id())) {
        onFetched(fetched);
      }
    } else if (message instanceof Diverged diverged) {
      if (pull.isAwaited(from, diverged.id())) {
        pull.onDiverged(diverged);
      }
    } else if (message instanceof StartsBeyond beyond) {
      if (pull.isAwaited(from, beyond.id())) {
        pull.onStartsBeyond(beyond);
      }
    }
  }

  private void onLeading(Leading leading) {
    leaderCommit = Math.max(leaderCommit, leading.commit());
    learnCommit();
    state.send(leader, new Follows(epoch, leading.round()));
  }

  private void onFetched(Fetched fetched) {
    if (repairEnd == UNKNOWN) {
      repairEnd = fetched.sourceEnd();
    }
    leaderCommit = Math.max(leaderCommit, fetched.commit());
    pull.onFetched(fetched);
    afterProgress();
  }

  @Override
  void onAppended(long end) {
    pull.onAppended(end);
    afterProgress();
  }

  @Override
  void onAppendRefused() {
    pull.onAppendRefused();
  }

  @Override
  void onFlushed() {
    afterProgress();
  }

  @Override
  void onCutDone() {
    pull.fetch();
  }

  private void afterProgress() {
    learnCommit();
    if (!pull.matched()) {
      return;
    }
    long held = state.held();
    if (held > Math.max(heldTold, pull.heldTold())) {
      heldTold = held;
      state.send(leader, new Held(epoch, held));
    }
    if (state.repairing() && repairEnd != UNKNOWN && held >= repairEnd) {
      state.repaired();
    }
  }

  private void learnCommit() {
    if (pull.matched()) {
      long commit = Math.min(leaderCommit, state.log.end());
      state.moveCommit(
          commit, 0); // whom the leader waits for, and how far, a follower doesn't know
    }
  }
}
