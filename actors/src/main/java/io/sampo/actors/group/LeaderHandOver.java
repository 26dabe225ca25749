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
 * sharding to move the node's log groups, and is done when none is led here any more; one actor per
 * node.
 */
final class LeaderHandOver extends AbstractBehavior<LeaderHandOver.Command> {
  private static final int UNKNOWN = -1;
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
  private static final Duration ANSWER_MAX = Duration.ofMillis(500);

  /** Each log group has a limit of its own. */
  private static final Duration SUCCESSORS_MAX = Duration.ofMinutes(1);

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

  private enum NoneIsLed implements Command {
    INSTANCE
  }

  private final TimerScheduler<Command> timers;
  private final ActorRef<LocalLeaders.Command> leaders;
  private final org.apache.pekko.actor.ActorRef region;
  private @Nullable ActorRef<Done> asked;

  private LeaderHandOver(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      ActorRef<LocalLeaders.Command> leaders) {
    super(context);
    this.timers = timers;
    this.leaders = leaders;
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
  static Behavior<Command> create(ActorRef<LocalLeaders.Command> leaders) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new LeaderHandOver(context, timers, leaders)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Begin.class, this::onBegin)
        .onMessageEquals(Look.INSTANCE, this::onLook)
        .onMessage(LedHere.class, this::onLedHere)
        .onMessageEquals(RegionEnded.INSTANCE, this::onRegionEmpty)
        .onMessageEquals(NoneIsLed.INSTANCE, this::onNoneIsLed)
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
      return onRegionEmpty();
    }
    timers.startSingleTimer(Look.INSTANCE, LOOK_AGAIN);
    return this;
  }

  /** All are to be led elsewhere; some may still be led here until they are. */
  private Behavior<Command> onRegionEmpty() {
    getContext()
        .ask(
            Done.class,
            leaders,
            SUCCESSORS_MAX,
            LocalLeaders.AwaitNone::new,
            (none, failure) -> NoneIsLed.INSTANCE);
    return this;
  }

  private Behavior<Command> onNoneIsLed() {
    ActorRef<Done> waiting = asked;
    if (waiting != null) {
      asked = null;
      waiting.tell(Done.getInstance());
    }
    return this;
  }
}
