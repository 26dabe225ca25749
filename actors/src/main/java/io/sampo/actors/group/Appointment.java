package io.sampo.actors.group;

import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * Sharding's word that a log group is to be led on this node: the sharded entity, one in the whole
 * cluster for each log group. What it is told goes to the {@link LogGroup} under the node's {@link
 * LocalLeaders}. It ends when that has ended; or, when sharding takes it back, as soon as that may
 * be followed, which serves on until it is. So the next leader is made ready while clients are
 * served.
 */
final class Appointment extends AbstractBehavior<LogGroup.Command> {
  /** What the {@link LocalLeaders} tell. */
  enum Told implements LogGroup.InternalCommand {
    /** The log group that was begun for it has ended. */
    LEADER_ENDED,
    /** The next leader may begin. */
    MAY_BE_FOLLOWED
  }

  private final String logGroup;
  private final ActorRef<LocalLeaders.Command> leaders;

  private Appointment(
      ActorContext<LogGroup.Command> context,
      String logGroup,
      ActorRef<LocalLeaders.Command> leaders) {
    super(context);
    this.logGroup = logGroup;
    this.leaders = leaders;
    leaders.tell(new LocalLeaders.Appointed(logGroup, context.getSelf()));
  }

  static Behavior<LogGroup.Command> create(
      String logGroup, ActorRef<LocalLeaders.Command> leaders) {
    return Behaviors.setup(context -> new Appointment(context, logGroup, leaders));
  }

  @Override
  public Receive<LogGroup.Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(LogGroup.Request.class, this::onRequest)
        .onMessageEquals(LogGroup.HandOver.INSTANCE, this::onHandOver)
        .onMessage(Told.class, told -> Behaviors.stopped())
        .onSignal(PostStop.class, stopped -> onHandOver())
        .build();
  }

  private Behavior<LogGroup.Command> onRequest(LogGroup.Request request) {
    leaders.tell(new LocalLeaders.Asked(logGroup, request));
    return this;
  }

  private Behavior<LogGroup.Command> onHandOver() {
    leaders.tell(new LocalLeaders.Dismissed(logGroup, getContext().getSelf()));
    return this;
  }
}
