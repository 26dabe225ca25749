package io.sampo.cluster.protocol;

import io.sampo.cluster.protocol.ReplicaEffect.EndReason;
import io.sampo.cluster.protocol.ReplicaEffect.MembershipRefusal;
import io.sampo.cluster.protocol.ReplicaInput.Appended;
import io.sampo.cluster.protocol.ReplicaInput.ChangeMembership;
import io.sampo.cluster.protocol.ReplicaInput.Flushed;
import io.sampo.cluster.protocol.ReplicaInput.Lead;
import io.sampo.cluster.protocol.ReplicaInput.PledgePersisted;
import io.sampo.cluster.protocol.ReplicaInput.RangeRead;
import io.sampo.cluster.protocol.ReplicaInput.ReadBarrier;
import io.sampo.cluster.protocol.ReplicaInput.Received;
import io.sampo.cluster.protocol.ReplicaInput.StartMoved;
import io.sampo.cluster.protocol.ReplicaMessage.Canvass;
import io.sampo.cluster.protocol.ReplicaMessage.CanvassGranted;
import io.sampo.cluster.protocol.ReplicaMessage.Fetch;
import io.sampo.cluster.protocol.ReplicaMessage.Leading;
import io.sampo.cluster.protocol.ReplicaMessage.Prepare;
import io.sampo.cluster.protocol.ReplicaMessage.Promise;
import io.sampo.cluster.protocol.ReplicaMessage.Refused;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One replica of a log group: inputs in, effects out. It has no clock, thread, disk or network, and
 * what it does follows from what it was told alone.
 *
 * <p>What holds among the replicas of a group, whatever is lost, late, doubled, out of order,
 * crashed, paused or restarted:
 *
 * <ol>
 *   <li><b>At most one leader per epoch.</b> An epoch is won by the durable promises of a majority,
 *       and a replica promises an epoch once.
 *   <li><b>Epoch and position identify bytes.</b> One replica writes an epoch's part of the log,
 *       and only appends; the others copy behind a byte of the same epoch at the same position. So
 *       two logs that agree in one byte's epoch and position agree in all before it.
 *   <li><b>What is committed stays.</b> A leader begins with the most advanced log of a majority of
 *       those whose logs are whole, and commits nothing before a record of its own epoch. A replica
 *       never cuts below the commit position it knows.
 *   <li><b>A copy is a copy.</b> A replica says that it holds what is on its disk (or written, when
 *       that is what was asked for), of a log that it knows to be a beginning of the leader's, and
 *       only while it has promised nobody a higher epoch.
 *   <li><b>Epoch and commit position never go back</b> on a replica that runs; the promised epoch
 *       never does.
 *   <li><b>Who forgot doesn't vote.</b> A replica that lost part of its log is silent until it has
 *       it again; one that lost its disk is another replica.
 * </ol>
 *
 * <p>Who stands for an epoch is decided outside ({@link Lead}); a mistake there costs time and
 * nothing else.
 *
 * <p>Not thread-safe: whoever owns the replica's log owns this.
 */
public final class ReplicaCore {
  private static final long UNKNOWN = Long.MIN_VALUE;

  private final ReplicaState state;
  private final LogSource source;
  private Role role;
  private @Nullable Canvassing canvassing;

  /** Counts from the first input on. */
  private long leaderHeardMs = UNKNOWN;

  /**
   * A replica as it starts.
   *
   * @param log as recovery left it; the damage, if any, is cut off and the pledge says so
   * @param pledge as it is on disk
   * @param firstFetchId fetches are numbered from here; drawn at random, so that the answer to a
   *     fetch of before a restart is not taken for one to a fetch of after it
   */
  public ReplicaCore(
      ReplicaId self, ReplicaSettings settings, LogOutline log, Pledge pledge, long firstFetchId) {
    this(self, settings, log, pledge, firstFetchId, new ProtocolRules());
  }

  ReplicaCore(
      ReplicaId self,
      ReplicaSettings settings,
      LogOutline log,
      Pledge pledge,
      long firstFetchId,
      ProtocolRules rules) {
    this.state = new ReplicaState(self, settings, rules, log, pledge, firstFetchId);
    this.source = new LogSource(state);
    this.role = new Role(state);
  }

  /**
   * Takes note of what happened.
   *
   * @param nowMs of a clock that never goes back; only how much of it passes matters
   * @return what is to be done, in this order
   * @throws ProtocolViolation when somebody broke the protocol; this object is of no use after that
   */
  public List<ReplicaEffect> on(ReplicaInput input, long nowMs) {
    state.nowMs = nowMs;
    if (leaderHeardMs == UNKNOWN || role instanceof Leadership) {
      leaderHeardMs = nowMs;
    }
    if (input instanceof Received received) {
      onReceived(received.from(), received.message());
    } else if (input instanceof ReplicaInput.Tick) {
      onTick();
    } else if (input instanceof Appended appended) {
      role.onAppended(appended.end());
    } else if (input instanceof ReplicaInput.AppendRefused) {
      role.onAppendRefused();
    } else if (input instanceof Flushed flushed) {
      state.flushed(flushed.version(), flushed.position());
      role.onFlushed();
    } else if (input instanceof RangeRead read) {
      onRangeRead(read);
    } else if (input instanceof PledgePersisted persisted) {
      onPledgePersisted(persisted.pledge());
    } else {
      onSeldom(input);
    }
    state.settle();
    return state.takeEffects();
  }

  private void onSeldom(ReplicaInput input) {
    if (input instanceof Lead lead) {
      onLead(lead.epochAtLeast());
    } else if (input instanceof ReplicaInput.Resign) {
      onResign();
    } else if (input instanceof ReplicaInput.PledgeRefused) {
      state.pledgeRefused();
    } else if (input instanceof ReplicaInput.CutDone) {
      state.cutDone();
      role.onCutDone();
    } else if (input instanceof StartMoved moved) {
      state.log.startAt(moved.position());
    } else if (input instanceof ChangeMembership change) {
      onChangeMembership(change.membership());
    } else if (input instanceof ReadBarrier barrier) {
      onReadBarrier(barrier.token());
    }
  }

  /** The epoch led and won, for which clients may append; 0 when there is none. */
  public long ledEpoch() {
    return role instanceof Leadership leadership && leadership.won() ? leadership.epoch() : 0;
  }

  /** The replica that leads as far as this one knows; null when it knows of none. */
  public @Nullable ReplicaId leader() {
    if (role instanceof Following following) {
      return following.leader();
    }
    return ledEpoch() > 0 ? state.self : null;
  }

  /** The epoch below which this replica takes part in nothing, as it is on disk or soon will be. */
  public long promisedEpoch() {
    return state.promisedEpoch();
  }

  public long commit() {
    return state.commit();
  }

  /** The log as the core knows it; for reading. */
  public LogOutline log() {
    return state.log;
  }

  /** True while its log must be repaired before it has a vote. */
  public boolean isRepairing() {
    return state.repairing();
  }

  /** What this leader knows of the others' copies; nothing when it doesn't lead. */
  public List<ReplicaCopy> copies() {
    return role instanceof Leadership leadership ? leadership.copies() : List.of();
  }

  /** For how long nobody has said that he leads; 0 when this replica does. */
  public long leaderSilentMs() {
    return role instanceof Leadership ? 0 : state.nowMs - leaderHeardMs;
  }

  /** For how long this leader has waited for copies of the next that it has; 0 when it doesn't. */
  public long stalledMs() {
    return role instanceof Leadership leadership ? leadership.stalledMs() : 0;
  }

  private void onReceived(ReplicaId from, ReplicaMessage message) {
    if (message instanceof Leading leading) {
      onLeading(from, leading);
    } else if (message instanceof Canvass canvass) {
      onCanvass(from, canvass);
    } else if (message instanceof CanvassGranted granted) {
      onGranted(from, granted);
    } else if (message instanceof Prepare prepare) {
      onPrepare(from, prepare);
    } else if (message instanceof Refused refused) {
      onRefused(from, refused);
    } else if (message instanceof Fetch fetch && !(role instanceof Leadership)) {
      onCandidatesFetch(from, fetch);
    } else {
      role.onMessage(from, message);
    }
  }

  // Who wants to lead.

  private void onLead(long epochAtLeast) {
    if (role instanceof Leadership leadership && leadership.epoch() >= epochAtLeast) {
      return;
    }
    if (role instanceof Candidacy candidacy && candidacy.epoch() >= epochAtLeast) {
      return;
    }
    Canvassing running = canvassing;
    if (running != null && running.epoch() >= epochAtLeast) {
      return;
    }
    if (!state.rules.mayVote(state.repairing())) {
      refuseToLead(EndReason.REPAIRING);
    } else if (!state.log.membership().isVoter(state.self)) {
      refuseToLead(EndReason.NOT_A_VOTER);
    } else {
      Canvassing begun = new Canvassing(state, Math.max(state.epochSeen() + 1, epochAtLeast));
      canvassing = begun;
      canvass(begun, begun.epoch());
    }
  }

  private void refuseToLead(EndReason reason) {
    state.effect(new ReplicaEffect.LeadershipRefused(reason, state.epochSeen()));
  }

  private void canvass(Canvassing running, long epoch) {
    running.ask(epoch);
    standIfGranted(running);
  }

  private void onGranted(ReplicaId from, CanvassGranted granted) {
    Canvassing running = canvassing;
    if (running != null) {
      running.onGranted(from, granted.epoch());
      standIfGranted(running);
    }
  }

  private void standIfGranted(Canvassing running) {
    if (!running.succeeded()) {
      return;
    }
    long epoch = running.epoch();
    if (epoch <= state.promisedEpoch()) { // promised meanwhile, to somebody else
      canvass(running, state.epochSeen() + 1);
      return;
    }
    canvassing = null;
    state.promise(epoch, state.self);
    become(new Candidacy(state, epoch, new CandidacyOutcome()), EndReason.SUPERSEDED);
  }

  private final class CandidacyOutcome implements Candidacy.Outcome {
    @Override
    public void won(long epoch, long epochRecordEnd) {
      LogOutline log = state.log;
      EpochStart start = new EpochStart(epoch, log.end());
      log.append(new Frames(log.end(), epochRecordEnd, List.of(start), List.of(), ""));
      become(
          new Leadership(
              state, epoch, epochRecordEnd, source, () -> becomeNone(EndReason.NOT_A_VOTER)),
          EndReason.RESIGNED);
    }

    @Override
    public void failed(EndReason reason) {
      becomeNone(reason);
    }
  }

  private void onResign() {
    if (canvassing != null) {
      canvassing = null;
      refuseToLead(EndReason.RESIGNED);
    }
    if (role instanceof Leadership || role instanceof Candidacy) {
      becomeNone(EndReason.RESIGNED);
    }
  }

  // Who is asked to let somebody lead.

  private void onCanvass(ReplicaId from, Canvass canvass) {
    RefusalReason refusal = refusalOf(from, canvass.epoch(), canvass.lastEpoch(), canvass.end());
    if (refusal != null) {
      state.refuse(from, canvass.epoch(), refusal);
    } else {
      state.send(from, new CanvassGranted(canvass.epoch()));
    }
  }

  private void onPrepare(ReplicaId from, Prepare prepare) {
    long epoch = prepare.epoch();
    RefusalReason refusal = refusalOf(from, epoch, prepare.lastEpoch(), prepare.end());
    if (refusal != null) {
      state.refuse(from, epoch, refusal);
      return;
    }
    if (epoch > state.promisedEpoch()) {
      state.promise(epoch, from);
      becomeNone(EndReason.SUPERSEDED);
    }
    answerPromise();
  }

  private @Nullable RefusalReason refusalOf(
      ReplicaId candidate, long epoch, long lastEpoch, long end) {
    if (!state.rules.mayVote(state.repairing())) {
      return RefusalReason.REPAIRING;
    }
    if (state.rules.wasRemoved(state.log, candidate, lastEpoch, end)) {
      return RefusalReason.NOT_A_MEMBER;
    }
    boolean promisedToIt = epoch == state.promisedEpoch() && candidate.equals(state.promisedTo());
    return epoch > state.promisedEpoch() || promisedToIt ? null : RefusalReason.SUPERSEDED;
  }

  /** Tells the candidate, once the promise is durable. Nothing is acknowledged in between. */
  private void answerPromise() {
    ReplicaId candidate = state.promisedTo();
    boolean waits = role.getClass() == Role.class;
    if (waits
        && candidate != null
        && !candidate.equals(state.self)
        && state.rules.mayAnswerPromise(state.promisedEpoch(), state.durable())) {
      LogOutline log = state.log;
      state.send(candidate, new Promise(state.promisedEpoch(), log.lastEpoch(), log.end()));
    }
  }

  private void onPledgePersisted(Pledge pledge) {
    state.pledgePersisted(pledge);
    if (state.promiseIsDurable()) {
      answerPromise();
      role.onPromiseDurable();
    }
  }

  private void onCandidatesFetch(ReplicaId from, Fetch fetch) {
    boolean mine = fetch.epoch() == state.promisedEpoch() && from.equals(state.promisedTo());
    if (mine && state.promiseIsDurable() && source.isBeginning(from, fetch)) {
      if (fetch.end() < state.log.end()) {
        source.read(from, fetch);
      } else {
        source.nothingMore(from, fetch);
      }
    }
  }

  private void onRangeRead(RangeRead read) {
    ReplicaEffect.ReadRange request = read.request();
    boolean current =
        role instanceof Leadership leadership
            ? leadership.epoch() == request.epoch()
            : state.promisedEpoch() == request.epoch();
    if (current && !read.frames().isEmpty()) {
      source.send(request.reader(), request.epoch(), request.fetchId(), read.frames());
    }
  }

  // Who is told that somebody leads, or that he himself can't.

  private void onLeading(ReplicaId from, Leading leading) {
    long epoch = leading.epoch();
    if (epoch < state.promisedEpoch()) {
      state.refuse(from, epoch, RefusalReason.SUPERSEDED);
      return;
    }
    leaderHeardMs = state.nowMs;
    if (role instanceof Leadership mine && mine.epoch() == epoch) {
      throw new ProtocolViolation(from + " leads epoch " + epoch + ", and so does " + state.self);
    }
    if (role instanceof Following following && following.epoch() == epoch) {
      if (!following.leader().equals(from)) {
        throw new ProtocolViolation(
            from + " leads epoch " + epoch + ", and so does " + following.leader());
      }
    } else {
      state.promise(epoch, from);
      become(new Following(state, epoch, from), EndReason.SUPERSEDED);
    }
    role.onMessage(from, leading);
  }

  private void onRefused(ReplicaId from, Refused refused) {
    Canvassing running = canvassing;
    boolean ofCanvass = running != null && running.epoch() == refused.epoch();
    boolean ofCandidacy = role instanceof Candidacy mine && mine.epoch() == refused.epoch();
    boolean ofLeadership = role instanceof Leadership mine && mine.epoch() == refused.epoch();
    // A learner counts here too: one that promised more than this leader has can't follow it.
    if (refused.reason() == RefusalReason.REPAIRING || !state.log.membership().isMember(from)) {
      return;
    }
    boolean superseded = refused.reason() == RefusalReason.SUPERSEDED;
    if (superseded) {
      state.sawEpoch(refused.promisedEpoch());
    }
    if (running != null && ofCanvass) {
      if (superseded) {
        canvass(running, state.epochSeen() + 1);
      } else {
        canvassing = null;
        refuseToLead(EndReason.NOT_A_VOTER);
      }
    } else if (ofCandidacy) {
      becomeNone(superseded ? EndReason.SUPERSEDED : EndReason.NOT_A_VOTER);
    } else if (ofLeadership && superseded && refused.promisedEpoch() > refused.epoch()) {
      becomeNone(EndReason.SUPERSEDED);
    }
  }

  // The rest.

  private void onTick() {
    Canvassing running = canvassing;
    if (running != null) {
      if (running.isOver()) {
        canvassing = null;
        refuseToLead(EndReason.NO_MAJORITY);
      } else {
        running.onTick();
      }
    }
    role.onTick();
  }

  private void onChangeMembership(Membership membership) {
    if (role instanceof Leadership leadership) {
      leadership.change(membership);
    } else {
      state.effect(new ReplicaEffect.MembershipRefused(membership, MembershipRefusal.NOT_LEADING));
    }
  }

  private void onReadBarrier(long token) {
    if (role instanceof Leadership leadership) {
      leadership.readBarrier(token);
    } else {
      state.effect(new ReplicaEffect.ReadRefused(token));
    }
  }

  private void becomeNone(EndReason reason) {
    become(new Role(state), reason);
  }

  private void become(Role next, EndReason reason) {
    Role before = role;
    role = next;
    before.end(reason);
    if (before instanceof Candidacy && !(next instanceof Leadership)) {
      refuseToLead(reason);
    }
    next.begin();
  }
}
