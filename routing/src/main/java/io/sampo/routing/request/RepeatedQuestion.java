package io.sampo.routing.request;

import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.GroupQuestion;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.serialization.ControlMessage;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * Whom a consumer group answers: the one who asks it, or, when the group's leader is gone, the
 * group's next leader is asked the same; so nobody else needs to note that a leader is gone. All
 * questions to groups bear that: what is done twice by them is as if it was done once, and a pop
 * whose answer was lost hands out other messages while its own come again later, as always when a
 * pop is lost.
 *
 * <p>Any thread; a group's answers come one after the other.
 */
final class RepeatedQuestion<R extends ControlMessage> implements ReplyTo<R> {
  /** Leaders that are asked; the time for finding each is limited besides. */
  private static final int LEADERS_MAX = 3;

  private final LeaderCache leaders;
  private final String group;
  private final GroupQuestion<R> question;
  private final long deadlineNanos;
  private int asked = 1;
  private volatile @Nullable ActorRef<ConsumerGroup.Command> leader;

  /**
   * @param deadlineNanos from then on nobody is asked any more
   */
  RepeatedQuestion(
      LeaderCache leaders, String group, GroupQuestion<R> question, long deadlineNanos) {
    this.leaders = leaders;
    this.group = group;
    this.question = question;
    this.deadlineNanos = deadlineNanos;
  }

  /** Who is going to be asked, as long as it is known to lead. */
  void asking(ActorRef<ConsumerGroup.Command> actor) {
    leader = actor;
  }

  @Override
  public void tell(R reply) {
    if (reply == GroupRefused.NOT_LEADING) {
      forgetLeader();
      if (asked < LEADERS_MAX && deadlineNanos - System.nanoTime() > 0) {
        asked++;
        leaders.askGroup(group, question.answeredTo(this));
        return;
      }
    }
    question.replyTo().tell(reply);
  }

  private void forgetLeader() {
    ActorRef<ConsumerGroup.Command> gone = leader;
    if (gone != null) {
      leader = null;
      leaders.forgetGroup(group, gone);
    }
  }
}
