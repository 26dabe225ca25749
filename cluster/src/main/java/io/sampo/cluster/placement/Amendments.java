package io.sampo.cluster.placement;

import io.sampo.cluster.placement.CharterKeeper.Command;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.jspecify.annotations.Nullable;

/**
 * Carries proposals for the {@link Charter} to the {@link CharterKeeper}, wherever that is. It may
 * know several while the first log group changes its leader; an older one doesn't answer, and all
 * may be told the same. What isn't answered is dropped, since whoever proposes looks at the charter
 * and says it again. One at a time.
 */
final class Amendments extends AbstractBehavior<Amendments.Note> {
  private static final Duration ANSWER_MAX = Duration.ofSeconds(3);

  /** What it is told. */
  sealed interface Note {}

  /** Proposes something; dropped while something else is proposed. */
  record Propose(Function<ActorRef<Charter>, Command> proposal, ActorRef<Charter> replyTo)
      implements Note {}

  private record KeepersChanged(Receptionist.Listing listing) implements Note {}

  private record Answered(Charter charter) implements Note {}

  private enum Unanswered implements Note {
    INSTANCE
  }

  private final TimerScheduler<Note> timers;
  private final ActorRef<Charter> answers;
  private Set<ActorRef<Command>> keepers = Set.of();
  private @Nullable ActorRef<Charter> underway;

  private Amendments(ActorContext<Note> context, TimerScheduler<Note> timers) {
    super(context);
    this.timers = timers;
    this.answers = context.messageAdapter(Charter.class, Answered::new);
    context
        .getSystem()
        .receptionist()
        .tell(
            Receptionist.subscribe(
                CharterKeeper.KEY,
                context.messageAdapter(Receptionist.Listing.class, KeepersChanged::new)));
  }

  static Behavior<Note> create() {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new Amendments(context, timers)));
  }

  @Override
  public Receive<Note> createReceive() {
    return newReceiveBuilder()
        .onMessage(Propose.class, this::onPropose)
        .onMessage(KeepersChanged.class, this::onKeepersChanged)
        .onMessage(Answered.class, this::onAnswered)
        .onMessageEquals(Unanswered.INSTANCE, this::onUnanswered)
        .build();
  }

  private Behavior<Note> onPropose(Propose propose) {
    if (underway == null && !keepers.isEmpty()) {
      underway = propose.replyTo();
      Command proposal = propose.proposal().apply(answers);
      keepers.forEach(keeper -> keeper.tell(proposal));
      timers.startSingleTimer(Unanswered.INSTANCE, ANSWER_MAX);
    }
    return this;
  }

  private Behavior<Note> onKeepersChanged(KeepersChanged changed) {
    keepers = changed.listing().getServiceInstances(CharterKeeper.KEY);
    return this;
  }

  private Behavior<Note> onAnswered(Answered answered) {
    if (underway != null) {
      underway.tell(answered.charter());
      onUnanswered();
    }
    return this;
  }

  private Behavior<Note> onUnanswered() {
    underway = null;
    timers.cancel(Unanswered.INSTANCE);
    return this;
  }
}
