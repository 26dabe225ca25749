package io.sampo.cluster.protocol;

import io.sampo.cluster.protocol.ReplicaEffect.EndReason;
import io.sampo.cluster.protocol.ReplicaEffect.MembershipRefusal;
import io.sampo.cluster.protocol.ReplicaMessage.Fetch;
import io.sampo.cluster.protocol.ReplicaMessage.Follows;
import io.sampo.cluster.protocol.ReplicaMessage.Held;
import io.sampo.cluster.protocol.ReplicaMessage.Leading;
import io.sampo.cluster.protocol.ReplicaSettings.Acknowledge;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Leads an epoch whose record is in the log: serves fetches, counts copies, moves the commit
 * position, changes the membership, vouches for reads.
 *
 * <p>Always holds: the log is only appended to; nothing is committed before the epoch's own record
 * is; at most one membership is not committed; a leader that is no voter leads only until that is
 * committed.
 */
final class Leadership extends Role {
  private final long epoch;
  private final long epochRecordEnd;
  private final LogSource source;
  private final Runnable resign;
  private final TreeMap<ReplicaId, FollowerProgress> followers = new TreeMap<>();
  private final ReadBarriers barriers = new ReadBarriers();
  private boolean won;
  private long toldMs;
  private long progressMs;
  private long membershipToldEnd;
  private @Nullable Membership appending;

  /**
   * @param resign ends this leadership, because the log says so
   */
  Leadership(
      ReplicaState state, long epoch, long epochRecordEnd, LogSource source, Runnable resign) {
    super(state);
    this.epoch = epoch;
    this.epochRecordEnd = epochRecordEnd;
    this.source = source;
    this.resign = resign;
  }

  long epoch() {
    return epoch;
  }

  /** True once the epoch's record is committed: only then clients may be served. */
  boolean won() {
    return won;
  }

  @Override
  void begin() {
    progressMs = state.nowMs;
    membershipToldEnd = state.commit();
    tellEverybody();
    advance();
  }

  @Override
  void end(EndReason reason) {
    barriers.refuseAll().forEach(state::effect);
    if (won) {
      state.effect(new ReplicaEffect.LeadershipLost(epoch, reason));
    } else {
      state.effect(new ReplicaEffect.LeadershipRefused(reason, state.epochSeen()));
    }
  }

  @Override
  void onTick() {
    if (state.nowMs - toldMs >= state.settings.heartbeatMs()) {
      tellEverybody();
    }
  }

  private void tellEverybody() {
    toldMs = state.nowMs;
    for (ReplicaId member : state.log.membership().members()) {
      if (!member.equals(state.self)) {
        state.send(member, new Leading(epoch, state.commit(), barriers.round()));
      }
    }
  }

  @Override
  void onMessage(ReplicaId from, ReplicaMessage message) {
    if (message.epoch() != epoch) {
      return;
    }
    if (!state.log.membership().isMember(from)) {
      if (message instanceof Fetch) {
        state.refuse(from, epoch, RefusalReason.NOT_A_MEMBER);
      }
      return;
    }
    FollowerProgress follower = followers.computeIfAbsent(from, id -> new FollowerProgress());
    if (message instanceof Fetch fetch) {
      onFetch(from, follower, fetch);
    } else if (message instanceof Held held) {
      onHeld(follower, held.position());
    } else if (message instanceof Follows follows) {
      onFollows(follower, follows);
    }
  }

  private void onFetch(ReplicaId from, FollowerProgress follower, Fetch fetch) {
    follower.parked = null;
    if (!source.isBeginning(from, fetch)) {
      return;
    }
    follower.matched = true;
    onHeld(follower, fetch.held());
    if (fetch.end() < state.log.end()) {
      source.read(from, fetch);
    } else if (fetch.mayWait()) {
      follower.parked = fetch;
    } else {
      source.nothingMore(from, fetch);
    }
  }

  private void onHeld(FollowerProgress follower, long position) {
    if (!follower.matched) {
      return; // of a log that may still differ
    }
    if (position > state.log.end()) {
      throw new ProtocolViolation(
          "a follower claims to hold %d of a log that ends at %d"
              .formatted(position, state.log.end()));
    }
    if (position > follower.held) {
      follower.held = position;
      advance();
    }
  }

  private void onFollows(FollowerProgress follower, Follows follows) {
    follower.confirmedRound = Math.max(follower.confirmedRound, follows.round());
    confirmReads();
  }

  /** For how long nothing more was committed, though there is something that could be. */
  long stalledMs() {
    return state.commit() < state.log.end() ? state.nowMs - progressMs : 0;
  }

  /** Records of clients, or a membership record, are in the log. */
  @Override
  void onAppended(long end) {
    if (stalledMs() == 0) {
      progressMs = state.nowMs;
    }
    Membership membership = appending;
    LogOutline log = state.log;
    if (membership == null) {
      log.extendTo(end);
    } else {
      appending = null;
      log.append(
          new Frames(log.end(), end, List.of(), List.of(new MembershipMark(end, membership)), ""));
      tellEverybody();
    }
    for (var each : followers.entrySet()) {
      Fetch parked = each.getValue().parked;
      if (parked != null) {
        each.getValue().parked = null;
        source.read(each.getKey(), parked);
      }
    }
    advance();
  }

  @Override
  void onAppendRefused() {
    Membership membership = appending;
    if (membership != null) {
      appending = null;
      refuse(membership, MembershipRefusal.DISK_FULL);
    }
  }

  @Override
  void onFlushed() {
    advance();
  }

  /** Counts copies anew and does what follows from it. */
  private void advance() {
    long[] held = heldByVoters();
    long commit = state.rules.commit(held.clone(), epochRecordEnd, state.commit());
    if (commit > state.commit()) {
      progressMs = state.nowMs;
    }
    boolean first = !won && commit >= epochRecordEnd;
    won |= first;
    state.moveCommit(commit, won ? acknowledged(held, commit) : 0);
    if (first) {
      state.effect(new ReplicaEffect.LeadershipWon(epoch, commit));
    }
    onMembershipCommitted(commit);
  }

  private long acknowledged(long[] held, long commit) {
    Acknowledge mode = state.settings.acknowledge();
    return switch (mode) {
      case QUORUM -> commit;
      case ALL -> Math.min(commit, CommitQuorum.ofAll(held));
      case LEADER -> Math.max(commit, state.held());
    };
  }

  private long[] heldByVoters() {
    List<ReplicaId> voters = state.log.membership().voters();
    long[] held = new long[voters.size()];
    for (int i = 0; i < held.length; i++) {
      ReplicaId voter = voters.get(i);
      FollowerProgress follower = followers.get(voter);
      if (voter.equals(state.self)) {
        held[i] = state.held();
      } else if (follower != null) {
        held[i] = follower.held;
      }
    }
    return held;
  }

  private void onMembershipCommitted(long commit) {
    long end = state.log.membershipEnd();
    if (won && end <= commit && end > membershipToldEnd) {
      membershipToldEnd = end;
      Membership membership = state.log.membership();
      state.effect(new ReplicaEffect.MembershipCommitted(membership));
      if (!membership.isVoter(state.self)) {
        resign.run();
      }
    }
  }

  void change(Membership target) {
    MembershipRefusal refusal = refusalOf(target);
    if (refusal != null) {
      refuse(target, refusal);
      return;
    }
    appending = target;
    state.effect(new ReplicaEffect.AppendMembership(epoch, target));
  }

  private @Nullable MembershipRefusal refusalOf(Membership target) {
    Membership now = state.log.membership();
    if (target.voters().isEmpty()) {
      return MembershipRefusal.NO_VOTER_LEFT;
    }
    if (now.votersApart(target) > 1) {
      return MembershipRefusal.MORE_THAN_ONE_VOTER_APART;
    }
    if (!won) {
      return MembershipRefusal.NOT_LEADING;
    }
    if (!state.rules.mayChangeMembership(won, state.log.membershipEnd(), state.commit())) {
      return MembershipRefusal.ANOTHER_UNDER_WAY;
    }
    for (ReplicaId voter : target.voters()) {
      if (!now.isVoter(voter) && !isCaughtUp(voter)) {
        return MembershipRefusal.NOT_CAUGHT_UP;
      }
    }
    return null;
  }

  /** A voter that still has everything to fetch would be one more that a majority waits for. */
  private boolean isCaughtUp(ReplicaId learner) {
    FollowerProgress follower = followers.get(learner);
    return follower != null && follower.matched && follower.held >= state.commit();
  }

  List<ReplicaCopy> copies() {
    List<ReplicaCopy> copies = new ArrayList<>();
    for (ReplicaId member : state.log.membership().members()) {
      FollowerProgress follower = followers.get(member);
      if (!member.equals(state.self)) {
        copies.add(
            new ReplicaCopy(member, follower == null ? 0 : follower.held, isCaughtUp(member)));
      }
    }
    return copies;
  }

  private void refuse(Membership target, MembershipRefusal reason) {
    state.effect(new ReplicaEffect.MembershipRefused(target, reason));
  }

  void readBarrier(long token) {
    if (!won || barriers.size() >= state.settings.barriersMax()) {
      state.effect(new ReplicaEffect.ReadRefused(token));
      return;
    }
    barriers.add(token, state.commit());
    beginRound();
  }

  private void beginRound() {
    if (barriers.beginRound()) {
      tellEverybody();
      confirmReads();
    }
  }

  private void confirmReads() {
    if (!barriers.isRoundUnderway()) {
      return;
    }
    List<ReplicaId> confirmed = new ArrayList<>();
    confirmed.add(state.self);
    for (var each : followers.entrySet()) {
      if (each.getValue().confirmedRound >= barriers.round()) {
        confirmed.add(each.getKey());
      }
    }
    if (state.rules.mayRead(state.log.membership(), confirmed)) {
      barriers.confirmed().forEach(state::effect);
      beginRound();
    }
  }
}
