package io.sampo.cluster.protocol;

import io.sampo.cluster.protocol.ReplicaSettings.Flush;
import java.util.Collection;

/**
 * The decisions that safety hangs on, each a function of what is known and each with its reason.
 * They are methods of an object so that tests can break one and see that the simulator notices.
 */
class ProtocolRules {
  /**
   * What a replica may claim to hold. With {@link Flush#SYNC} only what its own disk has: the
   * leader counts this towards the commit position, and a copy that a power failure takes away was
   * none.
   */
  long held(Flush flush, LogOutline log) {
    return flush == Flush.SYNC ? log.flushed() : log.end();
  }

  /**
   * A promise is told only when it is durable. One who forgets it over a restart might promise a
   * lower epoch or the same one again, and two leaders would have a majority each.
   */
  boolean mayAnswerPromise(long promisedEpoch, Pledge durable) {
    return durable.promisedEpoch() >= promisedEpoch;
  }

  /**
   * A replica whose log lost what had been durable does not vote. It may have been one of the
   * majority that holds a committed record, and a new majority that rests on it would not contain
   * that record.
   */
  boolean mayVote(boolean repairing) {
    return !repairing;
  }

  /**
   * More than half of the voters, each counted once. Two majorities of one membership share a
   * replica, and so do those of two memberships that are one voter apart.
   */
  boolean isMajority(Membership membership, Collection<ReplicaId> replicas) {
    int count = 0;
    for (ReplicaId voter : membership.voters()) {
      count += replicas.contains(voter) ? 1 : 0;
    }
    return count >= membership.majority();
  }

  /**
   * Which log knows more: the later epoch, then the greater length. Among the logs of a majority
   * the most advanced one has every committed record, so whoever leads must begin with it. Length
   * alone would not do: a long tail of an old epoch may never have been committed.
   */
  boolean moreAdvanced(long lastEpoch, long end, long otherLastEpoch, long otherEnd) {
    return lastEpoch > otherLastEpoch || (lastEpoch == otherLastEpoch && end > otherEnd);
  }

  /**
   * Whether a log that ends so is a beginning of the source's: the source has a byte of the same
   * epoch in front of the same position. The position alone says nothing, since after a cut other
   * bytes come to lie there.
   */
  boolean isBeginning(LogOutline source, long end, long lastEpoch) {
    return source.holds(end, lastEpoch);
  }

  /**
   * Where a diverged log is cut: behind what both logs can have in common. Within an epoch that
   * both have, the shorter part is a beginning of the longer one; an epoch that only one of them
   * has is not common.
   *
   * @return -1 when there is no such place, which can't be among replicas that kept the rules
   */
  long cutOf(LogOutline own, long commonEpoch, long commonEnd) {
    long mine = own.epochNotAbove(commonEpoch);
    if (mine < 0) {
      return -1;
    }
    long end = own.endOf(mine);
    return mine == commonEpoch ? Math.min(end, commonEnd) : end;
  }

  /**
   * How far the log is committed. A majority must hold it, and it must reach the record of the
   * leader's own epoch: a record of an earlier epoch that a majority holds can still be cut by a
   * candidate with a later epoch in its log; behind a record of this epoch no such candidate can
   * win (figure 8 of the Raft paper).
   *
   * @param held what each voter holds; its order is lost
   * @param epochRecordEnd where the record of the leader's epoch ends
   * @return never less than the commit position so far
   */
  long commit(long[] held, long epochRecordEnd, long commit) {
    long position = CommitQuorum.ofMajority(held);
    return position < epochRecordEnd ? commit : Math.max(commit, position);
  }

  /**
   * A candidate that a newer membership doesn't have: it is refused, whatever epoch it names. Only
   * who knows more than the candidate can say so; one who knows less may be asked by a member that
   * it has not heard of yet.
   */
  boolean wasRemoved(LogOutline own, ReplicaId candidate, long lastEpoch, long end) {
    return !own.membership().isVoter(candidate)
        && moreAdvanced(own.lastEpoch(), own.end(), lastEpoch, end);
  }

  /**
   * A membership is begun only when the one before it is committed and so is a record of the
   * leader's own epoch. Otherwise two leaders in turn could each add a different voter to the same
   * membership, and two majorities would not share a replica.
   */
  boolean mayChangeMembership(boolean epochRecordCommitted, long membershipEnd, long commit) {
    return epochRecordCommitted && membershipEnd <= commit;
  }

  /**
   * A read is current when, after it was asked for, a majority said that it has promised nobody a
   * higher epoch: whoever is elected after that had acknowledged nothing before.
   */
  boolean mayRead(Membership membership, Collection<ReplicaId> confirmedSince) {
    return isMajority(membership, confirmedSince);
  }
}
