package io.sampo.cluster.replication;

import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaEffect.MembershipRefusal;
import io.sampo.cluster.serialization.ControlMessage;
import org.apache.pekko.actor.typed.ActorRef;

/** What a {@link CommitLog} can be asked about its replica and the log group's others. */
public sealed interface ReplicaQuestion extends CommitLog.Command {
  /**
   * Asks for the proof that this log is still led under an epoch, for a read that must be current.
   *
   * @param replyTo answered after a majority has said, later than this came, that it follows this
   *     leader; refused when none says so in {@code sampo.replication.ack-timeout}
   */
  record ReadBarrier(long epoch, ReplyTo<BarrierReply> replyTo)
      implements ReplicaQuestion, Undeliverable {
    void refuse() {
      Answers.tell(replyTo, ReadRefused.INSTANCE);
    }

    @Override
    public void undelivered() {
      refuse();
    }
  }

  /** The answer to {@link ReadBarrier}. */
  sealed interface BarrierReply {}

  /** When it was asked nothing beyond this position had been acknowledged by anybody. */
  record ReadReady(long position) implements BarrierReply {}

  /** The leadership is over, or nobody can say so. */
  enum ReadRefused implements BarrierReply {
    INSTANCE
  }

  /**
   * Asks for another membership of the log group, at most one voter apart from the one in force.
   */
  record ChangeMembership(Membership membership, ActorRef<MembershipReply> replyTo)
      implements ReplicaQuestion, ControlMessage {
    void refuse() {
      replyTo.tell(new MembershipNotChanged(membership, MembershipRefusal.NOT_LEADING));
    }
  }

  /** The answer to {@link ChangeMembership}. */
  sealed interface MembershipReply extends ControlMessage {}

  /** The membership is committed. */
  record MembershipChanged(Membership membership) implements MembershipReply {}

  /**
   * The membership is not in force. When it is refused because the leadership ended it may still
   * come about, if it had been begun.
   */
  record MembershipNotChanged(Membership membership, MembershipRefusal reason)
      implements MembershipReply {}

  /** Asks what the replica is at present; not answered when its log can't be opened, or failed. */
  record AskStatus(ActorRef<ReplicaStatus> replyTo) implements ReplicaQuestion, ControlMessage {}

  /** Asks whether the log is lost to the node; answered in any case. */
  record AskHealth(ActorRef<ReplicaHealth> replyTo) implements ReplicaQuestion, ControlMessage {}

  /**
   * The answer to {@link AskHealth}.
   *
   * @param failed the log failed, or can't be opened; it stays so until a restart
   * @param stalledMs for how long it has led and waited for copies that don't come
   */
  record ReplicaHealth(boolean failed, long stalledMs) implements ControlMessage {
    /** Of a log that is lost to its node. */
    public static final ReplicaHealth FAILED = new ReplicaHealth(true, 0);
  }

  /**
   * Asks whether this node could follow another one: whether it gets an answer at its replication
   * port now.
   */
  record AskReach(String node, ActorRef<ReplicaReach> replyTo)
      implements ReplicaQuestion, ControlMessage {}

  /** The answer to {@link AskReach}. */
  record ReplicaReach(String node, boolean reached) implements ControlMessage {}
}
