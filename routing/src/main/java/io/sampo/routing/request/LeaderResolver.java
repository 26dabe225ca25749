package io.sampo.routing.request;

import io.sampo.actors.group.LeaderDirectory;
import io.sampo.actors.group.LogGroup;
import io.sampo.routing.request.LeaderCache.GroupSlot;
import io.sampo.routing.request.LeaderCache.PartSlot;
import io.sampo.routing.request.LeaderCache.QueueSlot;
import io.sampo.routing.request.LeaderCache.Slot;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Finds the actors for a node's {@link LeaderCache} and watches them: a slot leaves the cache as
 * soon as its actor has stopped. While a log group has no leader, as in a hand-over, its slots wait
 * for the new one; when that takes longer than the timeout what waits there is refused.
 */
final class LeaderResolver extends AbstractBehavior<LeaderResolver.Command> {
  /** What the resolver is told. */
  sealed interface Command {}

  /** Finds the actor of a slot. */
  record Resolve(Slot<?> slot) implements Command {}

  private record LeaderChanged(String logGroup) implements Command {}

  private record QueueAnswered(QueueSlot slot, LogGroup.@Nullable QueueReply reply)
      implements Command {}

  private record GroupAnswered(GroupSlot slot, LogGroup.@Nullable ConsumerGroupReply reply)
      implements Command {}

  private record PartAnswered(PartSlot slot, LogGroup.@Nullable PartReply reply)
      implements Command {}

  private record ActorStopped(Slot<?> slot) implements Command {}

  private record GiveUp(Slot<?> slot) implements Command {}

  private record AskAgain(Slot<?> slot) implements Command {}

  /** How long after a leader said that it isn't one, as far as nothing is heard before. */
  private static final Duration AGAIN = Duration.ofMillis(50);

  private final LeaderDirectory directory;
  private final Duration timeout;
  private final TimerScheduler<Command> timers;
  private final LeaderDirectory.Listener listener;

  /** Slots without an actor; each has a timer of its own. */
  private final Set<Slot<?>> unresolved = new LinkedHashSet<>();

  private LeaderResolver(
      ActorContext<Command> context,
      LeaderDirectory directory,
      Duration timeout,
      TimerScheduler<Command> timers) {
    super(context);
    this.directory = directory;
    this.timeout = timeout;
    this.timers = timers;
    ActorRef<Command> self = context.getSelf();
    this.listener = (logGroup, leader) -> self.tell(new LeaderChanged(logGroup));
    directory.addListener(listener);
  }

  /**
   * @param timeout how long what waits may wait
   */
  static Behavior<Command> create(LeaderDirectory directory, Duration timeout) {
    Behavior<Command> resolver =
        Behaviors.setup(
            context ->
                Behaviors.withTimers(
                    timers -> new LeaderResolver(context, directory, timeout, timers)));
    // A slot that is forgotten is never resolved, so no failure may cost more than its message.
    return Behaviors.supervise(resolver).onFailure(SupervisorStrategy.resume());
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Resolve.class, this::onResolve)
        .onMessage(LeaderChanged.class, this::onLeaderChanged)
        .onMessage(QueueAnswered.class, this::onQueueAnswered)
        .onMessage(GroupAnswered.class, this::onGroupAnswered)
        .onMessage(PartAnswered.class, this::onPartAnswered)
        .onMessage(ActorStopped.class, this::onActorStopped)
        .onMessage(GiveUp.class, this::onGiveUp)
        .onMessage(AskAgain.class, this::onAskAgain)
        .onSignal(PostStop.class, stopped -> onPostStop())
        .build();
  }

  private Behavior<Command> onResolve(Resolve resolve) {
    Slot<?> slot = resolve.slot();
    unresolved.add(slot);
    timers.startSingleTimer(slot, new GiveUp(slot), timeout);
    ask(slot);
    return this;
  }

  private Behavior<Command> onLeaderChanged(LeaderChanged changed) {
    List<Slot<?>> affected =
        unresolved.stream().filter(slot -> slot.logGroup.equals(changed.logGroup())).toList();
    affected.forEach(this::ask);
    return this;
  }

  private void ask(Slot<?> slot) {
    ActorRef<LogGroup.Command> leader = directory.leader(slot.logGroup);
    if (leader == null) {
      return; // asked again when there is one
    }
    if (!(slot instanceof GroupSlot) && RemoteGroups.isRemote(leader)) {
      // What is told to queues and parts holds bodies, so it never goes to another node. Requests
      // for these log groups are relayed; this one was on its way when the leader moved.
      unresolved.remove(slot);
      timers.cancel(slot);
      slot.unresolved();
      return;
    }
    if (slot instanceof QueueSlot queue) {
      getContext()
          .ask(
              LogGroup.QueueReply.class,
              leader,
              timeout,
              replyTo -> new LogGroup.ResolveQueue(queue.key, replyTo),
              (reply, failure) -> new QueueAnswered(queue, reply));
    } else if (slot instanceof GroupSlot group) {
      getContext()
          .ask(
              LogGroup.ConsumerGroupReply.class,
              leader,
              timeout,
              replyTo -> new LogGroup.ResolveConsumerGroup(group.group, replyTo),
              (reply, failure) -> new GroupAnswered(group, reply));
    } else if (slot instanceof PartSlot part) {
      getContext()
          .ask(
              LogGroup.PartReply.class,
              leader,
              timeout,
              replyTo -> new LogGroup.ResolvePart(part.part, replyTo),
              (reply, failure) -> new PartAnswered(part, reply));
    }
  }

  private Behavior<Command> onQueueAnswered(QueueAnswered answered) {
    if (answered.reply() instanceof LogGroup.QueueResolved resolved) {
      onResolved(answered.slot(), resolved.actor());
    } else if (answered.reply() instanceof LogGroup.ResolveRefused refused) {
      onRefused(answered.slot(), refused);
    }
    return this;
  }

  private Behavior<Command> onGroupAnswered(GroupAnswered answered) {
    if (answered.reply() instanceof LogGroup.ConsumerGroupResolved resolved) {
      onResolved(answered.slot(), resolved.actor());
    } else if (answered.reply() instanceof LogGroup.ResolveRefused refused) {
      onRefused(answered.slot(), refused);
    }
    return this;
  }

  private Behavior<Command> onPartAnswered(PartAnswered answered) {
    if (answered.reply() instanceof LogGroup.PartResolved resolved) {
      onResolved(answered.slot(), resolved.actor());
    } else if (answered.reply() instanceof LogGroup.ResolveRefused refused) {
      onRefused(answered.slot(), refused);
    }
    return this;
  }

  private <C> void onResolved(Slot<C> slot, ActorRef<C> actor) {
    if (unresolved.remove(slot)) {
      timers.cancel(slot);
      getContext().unwatch(actor); // it may be known to a slot that was dropped
      getContext().watchWith(actor, new ActorStopped(slot));
      slot.resolved(actor);
    }
  }

  private void onRefused(Slot<?> slot, LogGroup.ResolveRefused refused) {
    if (refused.askAgain()) {
      if (unresolved.contains(slot)) {
        AskAgain again = new AskAgain(slot);
        timers.startSingleTimer(again, again, AGAIN);
      }
    } else if (unresolved.remove(slot)) {
      timers.cancel(slot);
      getContext().getLog().debug("{}: {}", slot, refused.reason());
      slot.unresolved();
    }
  }

  private Behavior<Command> onActorStopped(ActorStopped stopped) {
    stopped.slot().drop();
    return this;
  }

  private Behavior<Command> onAskAgain(AskAgain again) {
    if (unresolved.contains(again.slot())) {
      ask(again.slot());
    }
    return this;
  }

  private Behavior<Command> onGiveUp(GiveUp giveUp) {
    if (unresolved.remove(giveUp.slot())) {
      getContext().getLog().debug("{}: no actor within {}", giveUp.slot(), timeout);
      giveUp.slot().unresolved();
    }
    return this;
  }

  private Behavior<Command> onPostStop() {
    directory.removeListener(listener);
    return this;
  }
}
