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
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * What was asked of the replica and waits for its word: reads that must be current, changes of the
 * membership. Each is answered once. The commit log's thread only.
 */
final class OpenQuestions {
  private final Map<Long, ReplyTo<BarrierReply>> reads = new HashMap<>();
  private final ArrayDeque<ChangeMembership> changes = new ArrayDeque<>();
  private long lastToken;

  /**
   * Takes a read that waits for the proof that its leader is current.
   *
   * @return what the replica is to be put in
   */
  ReplicaInput ask(ReadBarrier barrier) {
    reads.put(++lastToken, barrier.replyTo());
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
    ReplyTo<BarrierReply> waiting = reads.remove(token);
    if (waiting != null) {
      Answers.tell(waiting, reply);
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

  /** The leadership is over: what was begun may or may not come about. */
  void refuseAll() {
    reads.values().forEach(waiting -> Answers.tell(waiting, ReplicaQuestion.ReadRefused.INSTANCE));
    reads.clear();
    changes.forEach(ChangeMembership::refuse);
    changes.clear();
  }
}
