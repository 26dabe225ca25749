package io.sampo.cluster.protocol;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a replica knows whatever its role is: its promise, its log, its commit position, and what it
 * has asked of its disk.
 *
 * <p>Always holds: promise and commit position never go back; of pledges, flushes and cuts at most
 * one each is under way; while a cut is, nothing is appended.
 */
final class ReplicaState {
  final ReplicaId self;
  final ReplicaSettings settings;
  final ProtocolRules rules;
  final LogOutline log;
  long nowMs;

  private final List<ReplicaEffect> effects = new ArrayList<>();

  private long promisedEpoch;
  private @Nullable ReplicaId promisedTo;
  private boolean repairing;
  private Pledge durable;
  private boolean pledgeUnderway;

  private long commit;
  private long acknowledged;
  private long epochSeen;

  private long logVersion;
  private boolean flushUnderway;
  private boolean cutUnderway;
  private long nextFetchId;

  ReplicaState(
      ReplicaId self,
      ReplicaSettings settings,
      ProtocolRules rules,
      LogOutline log,
      Pledge pledge,
      long firstFetchId) {
    this.self = self;
    this.settings = settings;
    this.rules = rules;
    this.log = log;
    this.durable = pledge;
    this.promisedEpoch = pledge.promisedEpoch();
    this.repairing = pledge.repairing();
    this.commit = log.start();
    this.acknowledged = commit;
    this.nextFetchId = firstFetchId;
  }

  void effect(ReplicaEffect effect) {
    effects.add(effect);
  }

  void send(ReplicaId to, ReplicaMessage message) {
    effects.add(new ReplicaEffect.Send(to, message));
  }

  void refuse(ReplicaId to, long epoch, RefusalReason reason) {
    send(to, new ReplicaMessage.Refused(epoch, promisedEpoch, reason));
  }

  /** What is to be done by now. */
  List<ReplicaEffect> takeEffects() {
    List<ReplicaEffect> taken = List.copyOf(effects);
    effects.clear();
    return taken;
  }

  /** Asks the disk for what is wanted and not under way yet. */
  void settle() {
    Pledge wanted = new Pledge(promisedEpoch, repairing);
    if (!pledgeUnderway && !wanted.equals(durable)) {
      pledgeUnderway = true;
      effect(new ReplicaEffect.PersistPledge(wanted));
    }
    boolean sync = settings.flush() == ReplicaSettings.Flush.SYNC;
    if (sync && !flushUnderway && !cutUnderway && log.flushed() < log.end()) {
      flushUnderway = true;
      effect(new ReplicaEffect.Flush(logVersion));
    }
  }

  long promisedEpoch() {
    return promisedEpoch;
  }

  @Nullable ReplicaId promisedTo() {
    return promisedTo;
  }

  /** From now on nothing below the epoch is taken part in. It counts when it is durable. */
  void promise(long epoch, ReplicaId to) {
    if (epoch < promisedEpoch) {
      throw new ProtocolViolation("epoch " + epoch + " is below the promised " + promisedEpoch);
    }
    promisedEpoch = epoch;
    promisedTo = to;
    sawEpoch(epoch);
  }

  boolean promiseIsDurable() {
    return durable.promisedEpoch() >= promisedEpoch;
  }

  Pledge durable() {
    return durable;
  }

  void pledgePersisted(Pledge pledge) {
    pledgeUnderway = false;
    durable = pledge;
  }

  void pledgeRefused() {
    pledgeUnderway = false;
  }

  boolean repairing() {
    return repairing;
  }

  void repaired() {
    repairing = false;
  }

  void sawEpoch(long epoch) {
    epochSeen = Math.max(epochSeen, epoch);
  }

  /** The highest epoch heard of. */
  long epochSeen() {
    return Math.max(epochSeen, Math.max(promisedEpoch, log.lastEpoch()));
  }

  long commit() {
    return commit;
  }

  void moveCommit(long newCommit, long newAcknowledged) {
    if (newCommit > commit || newAcknowledged > acknowledged) {
      commit = Math.max(commit, newCommit);
      acknowledged = Math.max(acknowledged, newAcknowledged);
      effect(new ReplicaEffect.CommitMoved(commit, acknowledged));
    }
  }

  long held() {
    return rules.held(settings.flush(), log);
  }

  void flushed(long version, long position) {
    flushUnderway = false;
    if (version == logVersion) {
      log.flushedTo(position);
    }
  }

  boolean cutUnderway() {
    return cutUnderway;
  }

  void cutTo(long position) {
    if (position < commit) {
      throw new ProtocolViolation(
          "asked to cut at " + position + " what is committed up to " + commit);
    }
    log.cutTo(position);
    cutBegun(new ReplicaEffect.CutTo(position));
  }

  void resetTo(LogBase base) {
    if (base.position() < commit) {
      throw new ProtocolViolation(
          "asked to begin at " + base.position() + " what is committed up to " + commit);
    }
    log.resetTo(base);
    cutBegun(new ReplicaEffect.ResetTo(base));
  }

  private void cutBegun(ReplicaEffect effect) {
    logVersion++;
    acknowledged = Math.min(acknowledged, log.end()); // other bytes will come to lie there
    cutUnderway = true;
    effect(effect);
  }

  void cutDone() {
    cutUnderway = false;
  }

  long takeFetchId() {
    return nextFetchId++;
  }
}
