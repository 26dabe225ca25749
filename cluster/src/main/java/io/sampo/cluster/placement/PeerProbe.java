package io.sampo.cluster.placement;

import io.sampo.cluster.placement.PeerLine.Event;
import io.sampo.cluster.serialization.ControlMessage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.ClusterEvent.MemberEvent;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.apache.pekko.cluster.typed.Subscribe;
import org.apache.pekko.event.EventStream;
import org.jspecify.annotations.Nullable;

/**
 * Notices at once when the process of another member has ended, instead of after the seconds of
 * silence that make a member suspect: it keeps a connection to each member's cluster port. When one
 * breaks it connects again, and if that is refused several times in a row, the machine itself says
 * that nobody listens there any more. It tells the others so, and when another says the same, and
 * most members don't refuse ({@link Refusals}), the member is taken out of the cluster. One actor
 * per node.
 *
 * <p>Only a refusal is evidence. A connection that breaks or an attempt without an answer may be
 * the network's doing, and what is silent may only be slow; that is for the failure detector, and
 * so is what only one node sees. A mistake costs a restart of a node and nothing else: what was
 * acknowledged is safe whoever is a member.
 */
public final class PeerProbe extends AbstractBehavior<PeerProbe.Command> {
  /** The name that it must be spawned under, below the user guardian. */
  public static final String NAME = "peer-probe";

  private static final int REFUSALS = 3;

  /** Some times as long as it takes to be said again. */
  private static final long TOLD_VALID_MS = 2_000;

  private static final Duration REFUSED_AGAIN = Duration.ofMillis(40);
  private static final Duration UNCLEAR_AGAIN = Duration.ofMillis(500);
  private static final Duration CONNECT_MAX = Duration.ofSeconds(1);

  /** What it is told, by itself, by the cluster, and by the others of its kind. */
  public sealed interface Command {}

  /**
   * A member refuses connections, too, as another one sees it.
   *
   * @param member its address and incarnation, as {@link #name} has it
   * @param witness who says so
   */
  record Refuses(String member, String witness) implements Command, ControlMessage {}

  private record MemberChanged(MemberEvent event) implements Command {}

  private record LineTold(UniqueAddress member, long attempt, Event event) implements Command {}

  private record ConnectAgain(UniqueAddress member) implements Command {}

  private record ConnectTakesLong(UniqueAddress member, long attempt) implements Command {}

  /** The connection to a member. */
  private static final class Peer {
    final Member member;
    @Nullable PeerLine line;
    long attempt;
    boolean open;
    int refusals;
    boolean ended;

    Peer(Member member) {
      this.member = member;
    }
  }

  private final TimerScheduler<Command> timers;
  private final Cluster cluster;
  private final Consumer<Member> gone;
  private final Map<UniqueAddress, Peer> peers = new HashMap<>();
  private final Refusals refusals = new Refusals(TOLD_VALID_MS);
  private final ActorRefResolver resolver;

  private PeerProbe(
      ActorContext<Command> context, TimerScheduler<Command> timers, Consumer<Member> gone) {
    super(context);
    this.timers = timers;
    this.gone = gone;
    this.cluster = Cluster.get(context.getSystem());
    this.resolver = ActorRefResolver.get(context.getSystem());
    ActorRef<MemberEvent> changes = context.messageAdapter(MemberEvent.class, MemberChanged::new);
    cluster.subscriptions().tell(Subscribe.create(changes, MemberEvent.class));
    cluster.state().getMembers().forEach(this::memberIs);
  }

  /** The probe of a node; spawn it on {@link #dispatcher()}. */
  public static Behavior<Command> create() {
    return Behaviors.setup(
        context -> {
          Cluster cluster = Cluster.get(context.getSystem());
          EventStream events = context.getSystem().classicSystem().eventStream();
          return create(
              member -> {
                EvidencedFailureDetector.ended(events, member.address());
                cluster.manager().tell(new Down(member.address()));
              });
        });
  }

  /**
   * @param gone what to do with a member whose process has ended
   */
  static Behavior<Command> create(Consumer<Member> gone) {
    return Behaviors.setup(
        context -> {
          context.setLoggerName(PeerProbe.class);
          return Behaviors.withTimers(timers -> new PeerProbe(context, timers, gone));
        });
  }

  /** Where it runs: looking up a host's name may take a while. */
  public static DispatcherSelector dispatcher() {
    return DispatcherSelector.blocking();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(MemberChanged.class, changed -> memberIs(changed.event().member()))
        .onMessage(Refuses.class, this::onRefuses)
        .onMessage(LineTold.class, this::onLineTold)
        .onMessage(ConnectAgain.class, this::onConnectAgain)
        .onMessage(ConnectTakesLong.class, this::onConnectTakesLong)
        .onSignal(PostStop.class, stopped -> onPostStop())
        .build();
  }

  private Behavior<Command> memberIs(Member member) {
    UniqueAddress address = member.uniqueAddress();
    if (member.equals(cluster.selfMember())) {
      return this;
    }
    boolean lives =
        member.status() == MemberStatus.joining()
            || member.status() == MemberStatus.weaklyUp()
            || member.status() == MemberStatus.up()
            || member.status() == MemberStatus.leaving()
            || member.status() == MemberStatus.down(); // until it is removed
    Peer known = peers.get(address);
    if (lives && known == null) {
      Peer peer = new Peer(member);
      peers.put(address, peer);
      connect(peer);
    } else if (!lives && known != null) {
      peers.remove(address);
      refusals.left(name(address));
      timers.cancel(address);
      hangUp(known);
    }
    return this;
  }

  private void connect(Peer peer) {
    UniqueAddress address = peer.member.uniqueAddress();
    long attempt = ++peer.attempt;
    peer.open = false;
    ActorRef<Command> self = getContext().getSelf();
    InetSocketAddress target =
        new InetSocketAddress(
            peer.member.address().getHost().orElse(""), peer.member.address().getPort().orElse(0));
    try {
      peer.line = PeerLine.open(target, event -> self.tell(new LineTold(address, attempt, event)));
      timers.startSingleTimer(address, new ConnectTakesLong(address, attempt), CONNECT_MAX);
    } catch (IOException e) {
      getContext().getLog().warn("No connection to {} can be made: {}", target, e.getMessage());
      timers.startSingleTimer(address, new ConnectAgain(address), UNCLEAR_AGAIN);
    }
  }

  private Behavior<Command> onLineTold(LineTold told) {
    Peer peer = peers.get(told.member());
    if (peer == null || peer.attempt != told.attempt()) {
      return this;
    }
    switch (told.event()) {
      case OPEN -> {
        peer.open = true;
        notRefused(peer);
        timers.cancel(told.member());
      }
      case BROKEN -> connectAgain(peer, REFUSED_AGAIN);
      case REFUSED -> onRefused(peer);
      case UNCLEAR -> {
        notRefused(peer);
        connectAgain(peer, UNCLEAR_AGAIN);
      }
    }
    return this;
  }

  private void onRefused(Peer peer) {
    peer.refusals++;
    if (peer.refusals < REFUSALS) {
      connectAgain(peer, REFUSED_AGAIN);
      return;
    }
    UniqueAddress address = peer.member.uniqueAddress();
    refusals.saw(name(address));
    if (peer.refusals == REFUSALS) {
      getContext().getLog().info("{} refuses connections", peer.member.address());
    }
    tellOthers(address);
    judge(peer);
    connectAgain(peer, UNCLEAR_AGAIN); // said again until it is no member any more
  }

  private void notRefused(Peer peer) {
    peer.refusals = 0;
    refusals.tookBack(name(peer.member.uniqueAddress()));
  }

  private void tellOthers(UniqueAddress refusing) {
    Refuses told = new Refuses(name(refusing), name(cluster.selfMember().uniqueAddress()));
    for (Peer other : peers.values()) {
      if (other.open) {
        resolver.<Command>resolveActorRef(other.member.address() + "/user/" + NAME).tell(told);
      }
    }
  }

  private Behavior<Command> onRefuses(Refuses told) {
    for (Peer peer : List.copyOf(peers.values())) {
      if (name(peer.member.uniqueAddress()).equals(told.member())) { // or it is forgotten already
        refusals.heard(told.member(), told.witness(), nowMs());
        judge(peer);
      }
    }
    return this;
  }

  private void judge(Peer peer) {
    Set<String> others = new HashSet<>();
    peers.keySet().forEach(each -> others.add(name(each)));
    if (!refusals.haveEnded(name(peer.member.uniqueAddress()), others, nowMs())) {
      return;
    }
    if (!peer.ended) {
      peer.ended = true;
      getContext()
          .getLog()
          .warn(
              "The process of {} has ended, its port refuses connections: it is removed from the cluster",
              peer.member.address());
    }
    gone.accept(peer.member);
  }

  static String name(UniqueAddress member) {
    return member.address() + "#" + member.longUid();
  }

  private static long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  private void connectAgain(Peer peer, Duration after) {
    UniqueAddress address = peer.member.uniqueAddress();
    timers.startSingleTimer(address, new ConnectAgain(address), after);
  }

  private Behavior<Command> onConnectAgain(ConnectAgain again) {
    Peer peer = peers.get(again.member());
    if (peer != null) {
      hangUp(peer);
      connect(peer);
    }
    return this;
  }

  private Behavior<Command> onConnectTakesLong(ConnectTakesLong late) {
    Peer peer = peers.get(late.member());
    if (peer != null && peer.attempt == late.attempt() && !peer.open) {
      notRefused(peer);
      hangUp(peer);
      connect(peer);
    }
    return this;
  }

  private Behavior<Command> onPostStop() {
    peers.values().forEach(PeerProbe::hangUp);
    return this;
  }

  private static void hangUp(Peer peer) {
    PeerLine line = peer.line;
    if (line != null) {
      line.close();
    }
  }
}
