package io.sampo.cluster.forming;

import io.sampo.cluster.forming.SeedRule.Decision;
import io.sampo.cluster.forming.SeedRule.JoinCluster;
import io.sampo.cluster.forming.SeedRule.KeepWaiting;
import io.sampo.cluster.forming.SeedRule.OtherCluster;
import io.sampo.cluster.placement.ClusterPlan;
import io.sampo.cluster.placement.NodeRole;
import io.sampo.cluster.serialization.ControlMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.ClusterEvent.MemberUp;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.Subscribe;
import org.apache.pekko.cluster.typed.Unsubscribe;
import org.jspecify.annotations.Nullable;

/**
 * Makes the node a member of its cluster, one actor per node, found by others at {@code
 * /user/forming}. First it finds the cluster, or begins it, as {@link SeedRule} says; then it
 * learns the cluster's plan, or founds it with the others, as {@link Founding} says. It reports
 * once, with the plan or with the reason why this node can't be in that cluster, and from then on
 * answers nodes that come later. What it hears it acts on at once; the ticks are for what got lost,
 * and for who comes to nothing.
 *
 * <p>It writes the {@link NodeFile}, so it runs on a dispatcher that may wait for the disk.
 */
public final class ClusterForming extends AbstractBehavior<ClusterForming.Command> {
  /** The name that it must be spawned under, below the user guardian. */
  public static final String NAME = "forming";

  /** How many ticks between two attempts to join, and between two lines in the log. */
  private static final int JOIN_TICKS = 8;

  private static final int TELL_TICKS = 50;
  private static final int FRESH_TICKS = 4;

  /** How long a node that supports another one's beginning supports no other. */
  private static final int BOUND_TICKS = 25;

  /** How many ticks it waits for the end of another node of its name. */
  private static final int TWIN_TICKS = 75;

  /** How soon after a member was told of it is seen among the members. */
  private static final Duration VIEW_FOLLOWS = Duration.ofMillis(10);

  /** What it is told. */
  public interface Command {}

  /**
   * A node says that it is there, and asks for the same.
   *
   * @param supports in an answer, who is to begin the cluster; empty in a question
   * @param askedMs by the clock of who asked; the answer has it from the question
   */
  record Here(
      String from,
      String clusterId,
      boolean founded,
      boolean member,
      String supports,
      boolean answer,
      long askedMs)
      implements Command, ControlMessage {}

  private enum Tick implements Command {
    INSTANCE
  }

  /** A node is a member now, this one or another. */
  private record Entered(MemberUp event) implements Command {}

  /** How it came out. */
  public sealed interface Outcome {}

  /** The node is a member and knows the cluster's plan. */
  public record Formed(ClusterPlan plan) implements Outcome {}

  /** The node can't be in this cluster; the reason is for people. */
  public record NotFormed(String reason) implements Outcome {}

  private final NodeFile file;
  private final FormingSettings settings;
  private final ActorRef<Outcome> replyTo;
  private final TimerScheduler<Command> timers;
  private final Cluster cluster;
  private final ActorRefResolver resolver;
  private final ActorRef<MemberUp> entrances;
  private final String self;
  private final SeedRule seedRule;
  private final Founding founding;
  private boolean reported;
  private int ticks;
  private int joinTicks;
  private int twinTicks;
  private int toldAtTick;

  private ClusterForming(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      NodeFile file,
      FormingSettings settings,
      ActorRef<Outcome> replyTo) {
    super(context);
    this.file = file;
    this.settings = settings;
    this.replyTo = replyTo;
    this.timers = timers;
    this.cluster = Cluster.get(context.getSystem());
    this.resolver = ActorRefResolver.get(context.getSystem());
    this.self = cluster.selfMember().address().toString();
    FoundingRules rules = settings.rules();
    this.seedRule =
        new SeedRule(
            self,
            rules.seeds(),
            new SeedRule.Times(
                FRESH_TICKS * settings.pace().toMillis(), BOUND_TICKS * settings.pace().toMillis()),
            file.plan() != null);
    this.founding =
        new Founding(self, file.replica(), rules, file, this::send, NodeFile::drawClusterId);
    this.entrances = context.messageAdapter(MemberUp.class, Entered::new);
    cluster.subscriptions().tell(Subscribe.create(entrances, MemberUp.class));
    timers.startTimerWithFixedDelay(Tick.INSTANCE, Duration.ZERO, settings.pace());
  }

  /**
   * @param file of this node; used by this actor alone from now on
   * @param replyTo told the outcome, once
   */
  public static Behavior<Command> create(
      NodeFile file, FormingSettings settings, ActorRef<Outcome> replyTo) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new ClusterForming(context, timers, file, settings, replyTo)));
  }

  /** The dispatcher to spawn it on. */
  public static DispatcherSelector dispatcher() {
    return DispatcherSelector.blocking();
  }

  /** The address of a node as all this names it, for "host:port" of a cluster of that name. */
  public static String address(String clusterName, String hostAndPort) {
    return "pekko://" + clusterName + "@" + hostAndPort;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessageEquals(Tick.INSTANCE, this::onTick)
        .onMessage(Entered.class, entered -> onEntered())
        .onMessage(Here.class, this::onHere)
        .onMessage(FoundingMessage.class, this::onFoundingMessage)
        .build();
  }

  /** What was to be done at the next tick is done soon, and a whole pace later again. */
  private Behavior<Command> onEntered() {
    if (!reported) {
      timers.startTimerWithFixedDelay(Tick.INSTANCE, VIEW_FOLLOWS, settings.pace());
    }
    return this;
  }

  private Behavior<Command> onTick() throws IOException {
    ticks++;
    if (isMember()) {
      founding.tick(membersUp());
      reportWhenFormed();
    } else {
      seek();
    }
    return this;
  }

  private void seek() {
    for (String seed : settings.rules().seeds()) {
      if (!seed.equals(self)) {
        send(seed, here("", false, nowMs()));
      }
    }
    joinTicks--;
    joinIfPossible();
  }

  private void joinIfPossible() {
    FoundingState state = file.state();
    Decision decision = seedRule.decide(state.clusterId(), state.founded() != null, nowMs());
    if (decision instanceof KeepWaiting wait) {
      tellNowAndThen(wait.reason());
    } else if (decision instanceof OtherCluster other) {
      report(
          new NotFormed(
              "this node's data is of the cluster %s, but %s is a member of %s; give the node another sampo.data-dir to join that one"
                  .formatted(
                      state.clusterId(),
                      other.address(),
                      other.clusterId().isEmpty() ? "a new cluster" : other.clusterId())));
    } else if (joinTicks <= 0) {
      joinTicks = JOIN_TICKS; // it may be in vain: who was to be joined may end
      String address = decision instanceof JoinCluster join ? join.address() : self;
      cluster.manager().tell(Join.create(AddressFromURIString.parse(address)));
    }
  }

  private Behavior<Command> onHere(Here here) {
    seedRule.heard(
        here.from(),
        new SeedRule.Presence(here.clusterId(), here.founded(), here.member()),
        nowMs());
    if (here.answer()) {
      seedRule.answered(here.from(), here.supports(), here.askedMs());
    } else {
      FoundingState state = file.state();
      String supports = seedRule.supports(state.clusterId(), state.founded() != null, nowMs());
      send(here.from(), here(supports, true, here.askedMs()));
    }
    if (!reported && !isMember()) {
      joinIfPossible();
    }
    return this;
  }

  private Behavior<Command> onFoundingMessage(FoundingMessage message) throws IOException {
    founding.receive(message);
    reportWhenFormed();
    return this;
  }

  private void reportWhenFormed() {
    ClusterPlan foreign = founding.foreign();
    ClusterPlan plan = founding.plan();
    if (foreign != null && plan != null && !reported) {
      report(
          new NotFormed(
              "this node's data is of the cluster %s, but it joined members of %s; give it another sampo.data-dir"
                  .formatted(plan.clusterId(), foreign.clusterId())));
    } else if (plan != null && isMember() && !reported) {
      reportUnlessDoubled(plan);
    } else if (plan == null) {
      tellNowAndThen(founding.waitsFor());
    }
  }

  /**
   * A node may come back elsewhere, or with an empty disk, before the others have noticed that it
   * was gone; so it waits for that. But of two that run at once one is a mistake: they would take
   * themselves for each other.
   */
  private void reportUnlessDoubled(ClusterPlan plan) {
    Member twin = twin();
    if (twin == null) {
      report(new Formed(plan));
    } else if (++twinTicks > TWIN_TICKS && !cluster.state().getUnreachable().contains(twin)) {
      report(
          new NotFormed(
              "another node that is called %s is a member of the cluster, at %s; give one of them another sampo.node.name"
                  .formatted(file.replica().node(), twin.address())));
    } else {
      tellNowAndThen("the end of the node that was called " + file.replica().node() + " before");
    }
  }

  private @Nullable Member twin() {
    String node = file.replica().node();
    for (Member member : cluster.state().getMembers()) {
      if (!member.uniqueAddress().equals(cluster.selfMember().uniqueAddress())
          && member.status() != MemberStatus.down()
          && member.status() != MemberStatus.removed()
          && node.equals(NodeRole.node(member))) {
        return member;
      }
    }
    return null;
  }

  private void report(Outcome outcome) {
    if (!reported) {
      reported = true;
      replyTo.tell(outcome);
      // From now on it only answers.
      timers.cancelAll();
      cluster.subscriptions().tell(new Unsubscribe<>(entrances));
    }
  }

  private void tellNowAndThen(String waitsFor) {
    if (ticks % TELL_TICKS == 0 && ticks != toldAtTick) {
      toldAtTick = ticks;
      getContext().getLog().info("Forming the cluster waits for {}", waitsFor);
    }
  }

  private Here here(String supports, boolean answer, long askedMs) {
    FoundingState state = file.state();
    return new Here(
        self, state.clusterId(), state.founded() != null, isMember(), supports, answer, askedMs);
  }

  private boolean isMember() {
    MemberStatus status = cluster.selfMember().status();
    return status == MemberStatus.up() || status == MemberStatus.weaklyUp();
  }

  private List<String> membersUp() {
    return StreamSupport.stream(cluster.state().getMembers().spliterator(), false)
        .filter(ClusterForming::isUp)
        .map(member -> member.address().toString())
        .sorted()
        .toList();
  }

  private static boolean isUp(Member member) {
    return member.status() == MemberStatus.up() || member.status() == MemberStatus.weaklyUp();
  }

  /** May come to nothing; whoever sends says it again. */
  private <M extends Command & ControlMessage> void send(String address, M message) {
    ActorRef<Command> other = resolver.resolveActorRef(address + "/user/" + NAME);
    other.tell(message);
  }

  private static long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }
}
