package io.sampo.actors.group;

import io.sampo.cluster.placement.NodeRole;
import io.sampo.cluster.serialization.ControlMessage;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.ClusterEvent.MemberEvent;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.sharding.ClusterSharding;
import org.apache.pekko.cluster.sharding.ShardRegion;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;
import org.apache.pekko.pattern.Patterns;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that a node which is to stop first hands over what it leads, while it still serves
 * clients: they are told of the next leaders, or relayed to them, and notice nothing. It asks
 * sharding to move the node's log groups, and is done when none is led here any more; one actor per
 * node.
 *
 * <p>Where nobody is left who could lead them, it is done once consumer groups have written what
 * they hold. So that nodes that stop together don't wait for each other, each tells the others.
 */
final class LeaderHandOver extends AbstractBehavior<LeaderHandOver.Command> {
  /** The name that it must be spawned under, below the user guardian. */
  static final String NAME = "leader-hand-over";

  private static final int UNKNOWN = -1;
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
  private static final Duration ANSWER_MAX = Duration.ofMillis(500);

  /** Each log group has a limit of its own. */
  private static final Duration SUCCESSORS_MAX = Duration.ofMinutes(1);

  /** What it is told. */
  public sealed interface Command {}

  /** The node is to stop; answered once it may go on with that. */
  record Begin(ActorRef<Done> replyTo) implements Command {}

  /**
   * Another node is to stop, too, and leads nothing any more.
   *
   * @param member its address and incarnation
   */
  record Goes(String member) implements Command, ControlMessage {}

  private record MembersChanged(MemberEvent event) implements Command {}

  private enum Silent implements Command {
    INSTANCE
  }

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
  private final ActorRef<Knocker.Command> knocker;
  private final org.apache.pekko.actor.ActorRef region;
  private final Cluster cluster;
  private final ActorRefResolver resolver;
  private final Set<String> going = new HashSet<>();
  private boolean regionIsEmpty;
  private @Nullable ActorRef<Done> asked;

  private LeaderHandOver(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      ActorRef<LocalLeaders.Command> leaders,
      ActorRef<Knocker.Command> knocker) {
    super(context);
    this.timers = timers;
    this.leaders = leaders;
    this.knocker = knocker;
    this.cluster = Cluster.get(context.getSystem());
    this.resolver = ActorRefResolver.get(context.getSystem());
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

  /** Spawn it on a node whose log groups may have replicas on others, once they are started. */
  static Behavior<Command> create(
      ActorRef<LocalLeaders.Command> leaders, ActorRef<Knocker.Command> knocker) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(timers -> new LeaderHandOver(context, timers, leaders, knocker)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Begin.class, this::onBegin)
        .onMessage(Goes.class, this::onGoes)
        .onMessage(MembersChanged.class, changed -> doneIfNobodyFollows())
        .onMessageEquals(Silent.INSTANCE, this::onSilent)
        .onMessageEquals(Look.INSTANCE, this::onLook)
        .onMessage(LedHere.class, this::onLedHere)
        .onMessageEquals(RegionEnded.INSTANCE, this::onRegionEmpty)
        .onMessageEquals(NoneIsLed.INSTANCE, this::onNoneIsLed)
        .build();
  }

  private Behavior<Command> onBegin(Begin begin) {
    asked = begin.replyTo();
    cluster
        .subscriptions()
        .tell(
            Subscribe.create(
                getContext().messageAdapter(MemberEvent.class, MembersChanged::new),
                MemberEvent.class));
    others().forEach(this::tellOfGoing);
    return heirs().isEmpty() ? silenceFirst() : onSilent();
  }

  /** Knocks at what will be led by nobody would wait in the region, and keep it from ending. */
  private Behavior<Command> silenceFirst() {
    getContext()
        .ask(
            Done.class,
            knocker,
            ANSWER_MAX,
            Knocker::fallSilent,
            (silent, failure) -> Silent.INSTANCE);
    return this;
  }

  private Behavior<Command> onSilent() {
    getContext().watchWith(Adapter.<Void>toTyped(region), RegionEnded.INSTANCE);
    region.tell(ShardRegion.gracefulShutdownInstance(), org.apache.pekko.actor.ActorRef.noSender());
    return onLook();
  }

  private void tellOfGoing(Member member) {
    resolver
        .<Command>resolveActorRef(member.address() + "/user/" + NAME)
        .tell(new Goes(name(cluster.selfMember())));
  }

  private Behavior<Command> onGoes(Goes goes) {
    going.retainAll(others().stream().map(LeaderHandOver::name).toList());
    going.add(goes.member());
    return doneIfNobodyFollows();
  }

  /** The other nodes that may lead. */
  private List<Member> others() {
    return StreamSupport.stream(cluster.state().getMembers().spliterator(), false)
        .filter(member -> !member.uniqueAddress().equals(cluster.selfMember().uniqueAddress()))
        .filter(member -> member.status() == MemberStatus.up())
        .filter(member -> member.hasRole(NodeRole.VOTER))
        .toList();
  }

  /** Those of them that could lead what this one leads. */
  private List<Member> heirs() {
    return others().stream().filter(member -> !going.contains(name(member))).toList();
  }

  private static String name(Member member) {
    return member.address() + "#" + member.uniqueAddress().longUid();
  }

  private Behavior<Command> doneIfNobodyFollows() {
    return regionIsEmpty && heirs().isEmpty() ? onNoneIsLed() : this;
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
    if (regionIsEmpty) {
      return this;
    }
    regionIsEmpty = true;
    getContext()
        .ask(
            Done.class,
            leaders,
            SUCCESSORS_MAX,
            LocalLeaders.AwaitNone::new,
            (none, failure) -> NoneIsLed.INSTANCE);
    return doneIfNobodyFollows();
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
