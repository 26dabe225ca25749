package io.sampo.cluster.replication;

import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaEffect;
import io.sampo.cluster.protocol.ReplicaEffect.MembershipCommitted;
import io.sampo.cluster.protocol.ReplicaEffect.MembershipRefusal;
import io.sampo.cluster.protocol.ReplicaEffect.MembershipRefused;
import io.sampo.cluster.protocol.ReplicaEffect.ReadReady;
import io.sampo.cluster.protocol.ReplicaEffect.ReadRefused;
import io.sampo.cluster.protocol.ReplicaInput;
import io.sampo.cluster.replication.ReplicaQuestion.BarrierReply;
import io.sampo.cluster.replication.ReplicaQuestion.ChangeMembership;
import io.sampo.cluster.replication.ReplicaQuestion.MembershipChanged;
import io.sampo.cluster.replication.ReplicaQuestion.MembershipNotChanged;
import io.sampo.cluster.replication.ReplicaQuestion.ReadBarrier;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was asked of the replica and waits for its word: reads that must be current, changes of the
 * membership. Each is answered once. The commit log's thread only.
 */
final class OpenQuestions {
  private record Read(ReplyTo<BarrierReply> replyTo, long askedMs) {}

  /** Oldest first. */
  private final Map<Long, Read> reads = new LinkedHashMap<>();

  private final ArrayDeque<ChangeMembership> changes = new ArrayDeque<>();
  private final long readTimeoutMs;
  private long lastToken;

  /**
   * @param readTimeoutMs how long a read may wait
   */
  OpenQuestions(long readTimeoutMs) {
    this.readTimeoutMs = readTimeoutMs;
  }

  /**
   * Takes a read that waits for the proof that its leader is current.
   *
   * @return what the replica is to be put in
   */
  ReplicaInput ask(ReadBarrier barrier, long nowMs) {
    reads.put(++lastToken, new Read(barrier.replyTo(), nowMs));
    return new ReplicaInput.ReadBarrier(lastToken);
  }

  /**
   * Takes a wish for another membership.
   *
   * @return what the replica is to be put in
   */
  ReplicaInput ask(ChangeMembership change) {
    changes.addLast(change);
    return new ReplicaInput.ChangeMembership(change.membership());
  }

  /** Takes the replica's answer, if it is one. */
  void onNews(ReplicaEffect news) {
    if (news instanceof ReadReady ready) {
      answer(ready.token(), new ReplicaQuestion.ReadReady(ready.position()));
    } else if (news instanceof ReadRefused refused) {
      answer(refused.token(), ReplicaQuestion.ReadRefused.INSTANCE);
    } else if (news instanceof MembershipCommitted committed) {
      onCommitted(committed.membership());
    } else if (news instanceof MembershipRefused refused) {
      onRefused(refused.membership(), refused.reason());
    }
  }

  private void answer(long token, BarrierReply reply) {
    Read waiting = reads.remove(token);
    if (waiting != null) {
      Answers.tell(waiting.replyTo(), reply);
    }
  }

  private void onCommitted(Membership membership) {
    for (Iterator<ChangeMembership> all = changes.iterator(); all.hasNext(); ) {
      ChangeMembership change = all.next();
      if (change.membership().equals(membership)) {
        all.remove();
        change.replyTo().tell(new MembershipChanged(membership));
      }
    }
  }

  /** A refusal comes at once, so it is of the newest. */
  private void onRefused(Membership membership, MembershipRefusal reason) {
    ChangeMembership newest = changes.peekLast();
    if (newest != null && newest.membership().equals(membership)) {
      changes.removeLast();
      newest.replyTo().tell(new MembershipNotChanged(membership, reason));
    }
  }

  /** Refuses reads that have waited too long: no majority can be heard. */
  void expire(long nowMs) {
    for (Iterator<Read> all = reads.values().iterator(); all.hasNext(); ) {
      Read read = all.next();
      if (nowMs - read.askedMs() <= readTimeoutMs) {
        return;
      }
      all.remove();
      Answers.tell(read.replyTo(), ReplicaQuestion.ReadRefused.INSTANCE);
    }
  }

  /** The leadership is over: what was begun may or may not come about. */
  void refuseAll() {
    reads
        .values()
        .forEach(read -> Answers.tell(read.replyTo(), ReplicaQuestion.ReadRefused.INSTANCE));
    reads.clear();
    changes.forEach(ChangeMembership::refuse);
    changes.clear();
  }
}
