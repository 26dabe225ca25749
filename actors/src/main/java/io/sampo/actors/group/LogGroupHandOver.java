package io.sampo.actors.group;

import io.sampo.actors.consumer.ConsumerGroup;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * A leader on its way out by plan: its consumer groups write the offsets that they hold, so that
 * consumers don't go back when they meet the next leader, then it stops. Those whom it is asked for
 * meanwhile are sent away. It waits no longer than it may, and not at all if the log ends.
 */
final class LogGroupHandOver extends AbstractBehavior<LogGroup.Command> {
  private enum GroupSettled implements LogGroup.InternalCommand {
    INSTANCE
  }

  private enum WaitIsOver implements LogGroup.InternalCommand {
    INSTANCE
  }

  private int unsettled;

  private LogGroupHandOver(
      ActorContext<LogGroup.Command> context,
      TimerScheduler<LogGroup.Command> timers,
      List<ActorRef<ConsumerGroup.Command>> consumerGroups,
      Duration waitMax) {
    super(context);
    this.unsettled = consumerGroups.size();
    timers.startSingleTimer(WaitIsOver.INSTANCE, waitMax);
    ActorRef<LogGroup.Command> self = context.getSelf();
    for (ActorRef<ConsumerGroup.Command> group : consumerGroups) {
      group.tell(new ConsumerGroup.Settle(settled -> self.tell(GroupSettled.INSTANCE)));
    }
  }

  static Behavior<LogGroup.Command> create(
      List<ActorRef<ConsumerGroup.Command>> consumerGroups, Duration waitMax) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new LogGroupHandOver(context, timers, consumerGroups, waitMax)));
  }

  @Override
  public Receive<LogGroup.Command> createReceive() {
    return newReceiveBuilder()
        .onMessageEquals(GroupSettled.INSTANCE, this::onGroupSettled)
        .onMessageEquals(WaitIsOver.INSTANCE, Behaviors::stopped)
        .onMessage(LogGroupLeader.LogEnded.class, ended -> Behaviors.stopped())
        .onAnyMessage(this::onLate)
        .build();
  }

  private Behavior<LogGroup.Command> onGroupSettled() {
    unsettled--;
    return unsettled == 0 ? Behaviors.stopped() : this;
  }

  private Behavior<LogGroup.Command> onLate(LogGroup.Command command) {
    LogGroup.refuse(command, "the log group moves to another node");
    return this;
  }
}
