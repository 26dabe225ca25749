package io.sampo.actors.group;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * The parent of this node's {@link LogGroup}s: those that lead or stand for it, and those that are
 * on their way out and serve until another one has taken over. One actor per node.
 *
 * <p>Always holds: of each log group at most one was appointed and not dismissed; all others here
 * end by themselves.
 */
final class LocalLeaders extends AbstractBehavior<LocalLeaders.Command> {
  /** What it is told. */
  sealed interface Command {}

  /** Sharding wants a log group led here. */
  record Appointed(String logGroup, ActorRef<LogGroup.Command> appointment) implements Command {}

  /** Something that the log group is asked. */
  record Asked(String logGroup, LogGroup.Request request) implements Command {}

  /** Sharding wants the log group led elsewhere; the appointment is told when that may begin. */
  record Dismissed(String logGroup, ActorRef<LogGroup.Command> appointment) implements Command {}

  /** Answered once no log group is here any more. */
  record AwaitNone(ActorRef<Done> replyTo) implements Command {}

  private record Ended(String logGroup, ActorRef<LogGroup.Command> actor) implements Command {}

  private record Seat(
      ActorRef<LogGroup.Command> appointment, ActorRef<LogGroup.Command> logGroup) {}

  private final Function<String, Behavior<LogGroup.Command>> logGroups;
  private final Map<String, Seat> seats = new HashMap<>();
  private final List<ActorRef<Done>> awaitNone = new ArrayList<>();
  private int alive;

  private LocalLeaders(
      ActorContext<Command> context, Function<String, Behavior<LogGroup.Command>> logGroups) {
    super(context);
    this.logGroups = logGroups;
  }

  /**
   * @param logGroups makes a log group, which begins by standing for leadership
   */
  static Behavior<Command> create(Function<String, Behavior<LogGroup.Command>> logGroups) {
    return Behaviors.setup(context -> new LocalLeaders(context, logGroups));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Appointed.class, this::onAppointed)
        .onMessage(Asked.class, this::onAsked)
        .onMessage(Dismissed.class, this::onDismissed)
        .onMessage(AwaitNone.class, this::onAwaitNone)
        .onMessage(Ended.class, this::onEnded)
        .build();
  }

  private Behavior<Command> onAppointed(Appointed appointed) {
    String name = appointed.logGroup();
    ActorRef<LogGroup.Command> logGroup = getContext().spawnAnonymous(logGroups.apply(name));
    getContext().watchWith(logGroup, new Ended(name, logGroup));
    alive++;
    Seat before = seats.put(name, new Seat(appointed.appointment(), logGroup));
    if (before != null) {
      before.logGroup().tell(new LogGroup.Retire(before.appointment()));
    }
    return this;
  }

  private Behavior<Command> onAsked(Asked asked) {
    Seat seat = seats.get(asked.logGroup());
    if (seat == null) {
      LogGroup.refuse(asked.request(), asked.logGroup() + " is led elsewhere");
    } else {
      seat.logGroup().tell(asked.request());
    }
    return this;
  }

  private Behavior<Command> onDismissed(Dismissed dismissed) {
    Seat seat = seats.get(dismissed.logGroup());
    if (seat != null && seat.appointment().equals(dismissed.appointment())) {
      seat.logGroup().tell(new LogGroup.Retire(seat.appointment()));
    }
    return this;
  }

  private Behavior<Command> onAwaitNone(AwaitNone wait) {
    awaitNone.add(wait.replyTo());
    return answerIfNone();
  }

  private Behavior<Command> onEnded(Ended ended) {
    alive--;
    Seat seat = seats.get(ended.logGroup());
    if (seat != null && seat.logGroup().equals(ended.actor())) {
      seats.remove(ended.logGroup());
      seat.appointment().tell(Appointment.Told.LEADER_ENDED);
    }
    return answerIfNone();
  }

  private Behavior<Command> answerIfNone() {
    if (alive == 0) {
      awaitNone.forEach(waiting -> waiting.tell(Done.getInstance()));
      awaitNone.clear();
    }
    return this;
  }
}
