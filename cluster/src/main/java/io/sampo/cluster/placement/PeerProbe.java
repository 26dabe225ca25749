package io.sampo.cluster.placement;

import io.sampo.cluster.placement.PeerLine.Event;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
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
 * that nobody listens there any more: the member is taken out of the cluster. One actor per node.
 *
 * <p>Only a refusal is evidence. A connection that breaks or an attempt without an answer may be
 * the network's doing, and what is silent may only be slow; that is for the failure detector. And a
 * mistake, such as of a firewall that refuses in a node's name, costs a restart of that node and
 * nothing else: what was acknowledged is safe whoever is a member.
 */
public final class PeerProbe extends AbstractBehavior<PeerProbe.Command> {
  private static final int REFUSALS = 3;
  private static final Duration REFUSED_AGAIN = Duration.ofMillis(40);
  private static final Duration UNCLEAR_AGAIN = Duration.ofMillis(500);
  private static final Duration CONNECT_MAX = Duration.ofSeconds(1);

  /** What it is told; all of it by itself and by the cluster. */
  public sealed interface Command {}

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

    Peer(Member member) {
      this.member = member;
    }
  }

  private final TimerScheduler<Command> timers;
  private final Cluster cluster;
  private final Consumer<Member> gone;
  private final Map<UniqueAddress, Peer> peers = new HashMap<>();

  private PeerProbe(
      ActorContext<Command> context, TimerScheduler<Command> timers, Consumer<Member> gone) {
    super(context);
    this.timers = timers;
    this.gone = gone;
    this.cluster = Cluster.get(context.getSystem());
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
        peer.refusals = 0;
        timers.cancel(told.member());
      }
      case BROKEN -> connectAgain(peer, REFUSED_AGAIN);
      case REFUSED -> onRefused(peer);
      case UNCLEAR -> {
        peer.refusals = 0;
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
    if (peer.refusals == REFUSALS) {
      getContext()
          .getLog()
          .warn(
              "The process of {} has ended, its port refuses connections: it is removed from the cluster",
              peer.member.address());
    }
    gone.accept(peer.member);
    connectAgain(peer, UNCLEAR_AGAIN); // said again until it is no member any more
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
      peer.refusals = 0;
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
