package io.sampo.actors.group;

import java.time.Duration;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.sharding.ClusterSharding;
import org.apache.pekko.cluster.sharding.ShardRegion;
import org.apache.pekko.pattern.Patterns;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that a node which is to stop first hands over what it leads, while it still serves
 * clients: they are told of the next leaders, or relayed to them, and notice nothing. It asks
 * sharding to move the node's log groups, and is done when none is left here; one actor per node.
 */
public final class LeaderHandOver extends AbstractBehavior<LeaderHandOver.Command> {
  private static final int UNKNOWN = -1;
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
  private static final Duration ANSWER_MAX = Duration.ofMillis(500);

  /** What it is told. */
  public sealed interface Command {}

  private record Begin(ActorRef<Done> replyTo) implements Command {}

  private enum Look implements Command {
    INSTANCE
  }

  private record LedHere(int count) implements Command {}

  private enum RegionEnded implements Command {
    INSTANCE
  }

  private final TimerScheduler<Command> timers;
  private final org.apache.pekko.actor.ActorRef region;
  private @Nullable ActorRef<Done> asked;

  private LeaderHandOver(ActorContext<Command> context, TimerScheduler<Command> timers) {
    super(context);
    this.timers = timers;
    this.region =
        ClusterSharding.get(Adapter.toClassic(context.getSystem()))
            .shardRegion(LogGroup.TYPE_KEY.name());
    ActorRef<Command> self = context.getSelf();
    CoordinatedShutdown.get(context.getSystem())
        .addTask(
            CoordinatedShutdown.PhaseBeforeServiceUnbind(),
            "leaders",
            () ->
                AskPattern.ask(
                    self, Begin::new, Duration.ofMinutes(1), context.getSystem().scheduler()));
  }

  /** Spawn it on a node whose log groups have replicas on others, once they are started. */
  public static Behavior<Command> create() {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new LeaderHandOver(context, timers)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Begin.class, this::onBegin)
        .onMessageEquals(Look.INSTANCE, this::onLook)
        .onMessage(LedHere.class, this::onLedHere)
        .onMessageEquals(RegionEnded.INSTANCE, this::done)
        .build();
  }

  private Behavior<Command> onBegin(Begin begin) {
    asked = begin.replyTo();
    getContext().watchWith(Adapter.<Void>toTyped(region), RegionEnded.INSTANCE);
    region.tell(ShardRegion.gracefulShutdownInstance(), org.apache.pekko.actor.ActorRef.noSender());
    return onLook();
  }

  private Behavior<Command> onLook() {
    getContext()
        .pipeToSelf(
            Patterns.ask(region, ShardRegion.getShardRegionStateInstance(), ANSWER_MAX),
            (state, failure) ->
                new LedHere(
                    state instanceof ShardRegion.CurrentShardRegionState known
                        ? known.getShards().size()
                        : UNKNOWN));
    return this;
  }

  private Behavior<Command> onLedHere(LedHere led) {
    if (led.count() == 0) {
      return done();
    }
    timers.startSingleTimer(Look.INSTANCE, LOOK_AGAIN);
    return this;
  }

  private Behavior<Command> done() {
    ActorRef<Done> waiting = asked;
    if (waiting != null) {
      waiting.tell(Done.getInstance());
    }
    return this;
  }
}
