package io.sampo.cluster.placement;

import io.sampo.cluster.placement.MembershipStep.AddLearner;
import io.sampo.cluster.placement.MembershipStep.Change;
import io.sampo.cluster.placement.MembershipStep.Settled;
import io.sampo.cluster.placement.ReplicaKeeper.DiscardReplica;
import io.sampo.cluster.placement.ReplicaKeeper.OpenReply;
import io.sampo.cluster.placement.ReplicaKeeper.ReplicaNotOpened;
import io.sampo.cluster.placement.ReplicaKeeper.ReplicaOpened;
import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaEffect.MembershipRefusal;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.ReplicaQuestion.AskStatus;
import io.sampo.cluster.replication.ReplicaQuestion.ChangeMembership;
import io.sampo.cluster.replication.ReplicaQuestion.MembershipChanged;
import io.sampo.cluster.replication.ReplicaQuestion.MembershipNotChanged;
import io.sampo.cluster.replication.ReplicaQuestion.MembershipReply;
import io.sampo.cluster.replication.ReplicaStatus;
import io.sampo.cluster.serialization.ControlMessage;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.jspecify.annotations.Nullable;

/**
 * Brings the replicas of all log groups to where {@link ReplicaPlacement} wants them, a {@link
 * MembershipStep} at a time, by asking the leaders. One in the cluster, a singleton; two of them
 * after a partition do no harm, since each change is the leader's to accept, and it names the
 * membership that it changes by being one voter apart from it at most.
 *
 * <p>It has no memory that matters: whoever takes over looks at how things are. At most one step of
 * a log group is under way, and a node catches up with one log group at a time, so copying never
 * takes more than a share of a node. What was refused is tried again, after longer and longer
 * rests.
 */
public final class ReplicaPlacer extends AbstractBehavior<ReplicaPlacer.Command> {
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final Duration STATUS_MAX = Duration.ofSeconds(1);
  private static final Duration STEP_MAX = Duration.ofSeconds(10);

  /** How long it waits for log groups without a leader before it decides without them. */
  private static final long LEADERS_MAX_MS = 20_000;

  /** What it is told. */
  public sealed interface Command {}

  /**
   * A node that is away will not come back: its replicas are to be elsewhere, or nowhere.
   *
   * @param isRemoved false when it is to be waited for again
   */
  public record Remove(String node, boolean isRemoved, ActorRef<RemoveReply> replyTo)
      implements Command, ControlMessage {}

  /** The answer to {@link Remove}; what was accepted is durable. */
  public record RemoveReply(boolean accepted) implements ControlMessage {}

  private record Removed(Remove order, @Nullable Charter charter) implements Command {}

  private enum Look implements Command {
    INSTANCE
  }

  private record StatusCame(String logGroup, @Nullable ReplicaStatus status) implements Command {}

  private record Opened(String logGroup, @Nullable OpenReply reply) implements Command {}

  private record Changed(String logGroup, @Nullable MembershipReply reply) implements Command {}

  /** What it goes by. */
  public record Home(ReplicaBoard board, NodeDirectory nodes, NodePeers peers, CharterBook book) {}

  private final Home home;
  private final CommonSettings own;
  private final Cluster cluster;
  private final NodeStandings standings;
  private final KnownCopies copies;
  private final ActorRef<Amendments.Note> amendments;
  private final CharterProposals proposals;
  private final SortedMap<String, PlacedGroup> groups = new TreeMap<>();
  private final long startedMs = nowMs();
  private SortedMap<String, NodeStanding> nodes = new TreeMap<>();

  /** What the cluster goes by. */
  private CommonSettings settings;

  private ReplicaPlacer(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      Home home,
      CommonSettings own) {
    super(context);
    this.home = home;
    this.own = own;
    this.settings = own;
    this.cluster = Cluster.get(context.getSystem());
    this.standings = new NodeStandings();
    this.copies = new KnownCopies(home.board(), standings);
    home.board().logGroups().forEach(logGroup -> groups.put(logGroup, new PlacedGroup()));
    this.amendments = context.spawn(Amendments.create(), "amendments");
    this.proposals = new CharterProposals(home, amendments, context.getSystem().ignoreRef());
    timers.startTimerWithFixedDelay(Look.INSTANCE, LOOK);
  }

  /**
   * To be started as a singleton of the cluster.
   *
   * @param own settings of this node; those that were agreed on are stronger
   */
  public static Behavior<Command> create(Home home, CommonSettings own) {
    return Behaviors.setup(
        context -> {
          context.setLoggerName(ReplicaPlacer.class);
          return Behaviors.withTimers(timers -> new ReplicaPlacer(context, timers, home, own));
        });
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessageEquals(Look.INSTANCE, this::onLook)
        .onMessage(StatusCame.class, this::onStatus)
        .onMessage(Opened.class, this::onOpened)
        .onMessage(Changed.class, this::onChanged)
        .onMessage(Remove.class, this::onRemove)
        .onMessage(Removed.class, this::onRemoved)
        .build();
  }

  private Behavior<Command> onLook() {
    Charter charter = home.book().charter();
    settings = charter.settings() == null ? own : charter.settings();
    nodes =
        standings.judge(
            reachableMembers(),
            knownNodes(),
            charter,
            settings.replaceAfterMs(),
            home.board(),
            nowMs());
    copies.look(nowMs(), settings.replaceAfterMs());
    home.book().plan().logGroups().forEach(this::enter);
    decide();
    propose();
    forgetWhoLeft();
    groups.forEach(
        (logGroup, group) -> {
          if (group.mayStep(nowMs())) {
            step(logGroup, group);
          }
          askStatus(logGroup, group);
        });
    return this;
  }

  private Set<String> reachableMembers() {
    Set<Member> unreachable = cluster.state().getUnreachable();
    Set<String> members = new HashSet<>();
    for (Member member : cluster.state().getMembers()) {
      String node = NodeRole.node(member);
      if (node != null
          && member.status() == MemberStatus.up()
          && !unreachable.contains(member)
          && home.nodes().card(node) != null) {
        members.add(node);
      }
    }
    return members;
  }

  private Set<String> knownNodes() {
    Set<String> known = new HashSet<>();
    home.nodes().cards().forEach(card -> known.add(card.node()));
    for (String logGroup : groups.keySet()) {
      home.board().membership(logGroup).members().forEach(member -> known.add(member.node()));
    }
    return known;
  }

  private void forgetWhoLeft() {
    for (NodeCard card : home.nodes().cards()) {
      String node = card.node();
      if (nodes.get(node) == NodeStanding.LEAVING
          && !standings.isReachable(node)
          && groups.keySet().stream()
              .flatMap(logGroup -> home.board().membership(logGroup).members().stream())
              .noneMatch(member -> member.node().equals(node))) {
        getContext().getLog().info("{} has left the cluster for good", node);
        home.nodes().forget(node);
      }
    }
  }

  /** Decides where voters should be, once it is known where they are. */
  private void decide() {
    Map<String, List<String>> now = new TreeMap<>();
    for (Map.Entry<String, PlacedGroup> each : groups.entrySet()) {
      PlacedGroup group = each.getValue();
      List<String> base = group.wanted;
      if (base == null) {
        base = home.board().wanted(each.getKey());
      }
      if (base == null && (group.before != null || nowMs() - startedMs > LEADERS_MAX_MS)) {
        base = home.board().candidates(each.getKey());
      }
      if (base == null) {
        return;
      }
      now.put(each.getKey(), base);
    }
    Map<String, ReplicaBoard.Wanted> changed = new HashMap<>();
    ReplicaPlacement.decide(now, voting(), settings.replicas())
        .forEach(
            (logGroup, wanted) -> {
              PlacedGroup group = groups.get(logGroup);
              if (group != null) {
                group.wanted = List.copyOf(wanted);
                if (!wanted.equals(home.board().wanted(logGroup))) {
                  changed.put(logGroup, new ReplicaBoard.Wanted(wanted));
                }
              }
            });
    if (!changed.isEmpty()) {
      home.board().want(changed);
    }
  }

  /** Of one that was just opened it is known where it should be: where it was decided to begin. */
  private void enter(LogGroupPlan opened) {
    if (!groups.containsKey(opened.name())) {
      PlacedGroup group = new PlacedGroup();
      group.wanted = opened.voters().stream().map(ReplicaId::node).toList();
      opened.voters().forEach(voter -> copies.opened(voter, nowMs()));
      groups.put(opened.name(), group);
    }
  }

  private void propose() {
    Map<String, List<String>> wanted = new TreeMap<>();
    groups.forEach(
        (logGroup, group) -> {
          if (group.wanted != null) {
            wanted.put(logGroup, group.wanted);
          }
        });
    if (wanted.size() == groups.size()) {
      proposals.grow(wanted, voting(), settings);
    }
    proposals.welcomeBack(standings);
    proposals.agree(nodes);
  }

  private SortedMap<String, NodeStanding> voting() {
    return LearningNodes.withoutThem(nodes, home.nodes().cards());
  }

  // What a log group is like.

  private void askStatus(String logGroup, PlacedGroup group) {
    ActorRef<CommitLog.Command> leader = leaderOf(logGroup);
    if (leader == null || group.asking || group.stepping) {
      return;
    }
    group.asking = true;
    getContext()
        .ask(
            ReplicaStatus.class,
            leader,
            STATUS_MAX,
            AskStatus::new,
            (status, failure) -> new StatusCame(logGroup, status));
  }

  private @Nullable ActorRef<CommitLog.Command> leaderOf(String logGroup) {
    ReplicaId leader = home.board().leader(logGroup);
    return leader == null ? null : home.peers().commitLog(leader.node(), logGroup);
  }

  private Behavior<Command> onStatus(StatusCame came) {
    PlacedGroup group = groups.get(came.logGroup());
    if (group != null) {
      group.asking = false;
      if (came.status() != null && came.status().leads() && !group.stepping) {
        group.heard(came.status());
      }
    }
    return this;
  }

  // What is done about it.

  private void step(String logGroup, PlacedGroup group) {
    ReplicaStatus status = group.status;
    List<String> wanted = group.wanted;
    if (status == null || wanted == null || !isOfLeader(logGroup, status)) {
      return;
    }
    MembershipStep step =
        MembershipStep.next(
            copies.view(logGroup, group, status, nodes),
            Set.copyOf(wanted),
            LearningNodes.staying(nodes, home.nodes().cards()),
            this::mayLearn);
    if (step instanceof AddLearner add) {
      open(logGroup, group, add.node());
    } else if (step instanceof Change change) {
      tell(logGroup, group, change.reason());
      change(logGroup, group, change.membership());
    } else if (step instanceof MembershipStep.Wait wait) {
      tell(logGroup, group, "waits for " + wait.reason());
    } else if (step instanceof Settled) {
      tell(logGroup, group, "");
      discard(logGroup, status);
    }
  }

  private boolean isOfLeader(String logGroup, ReplicaStatus status) {
    return status.replica().equals(home.board().leader(logGroup));
  }

  /** One log group at a time. */
  private boolean mayLearn(String node) {
    return nodes.get(node) == NodeStanding.UP
        && groups.values().stream()
            .noneMatch(group -> node.equals(group.asked) || group.catchingUp.contains(node));
  }

  /** Each thing once. */
  private void tell(String logGroup, PlacedGroup group, String what) {
    if (!what.equals(group.told)) {
      group.told = what;
      getContext().getLog().info("{}: {}", logGroup, what.isEmpty() ? "is as it should be" : what);
    }
  }

  private void open(String logGroup, PlacedGroup group, String node) {
    ActorRef<ReplicaKeeper.Command> keeper = home.peers().keeper(node);
    if (keeper == null) {
      return;
    }
    tell(logGroup, group, "is to have a replica on " + node);
    group.stepping = true;
    group.asked = node;
    getContext()
        .ask(
            OpenReply.class,
            keeper,
            STEP_MAX,
            replyTo -> new ReplicaKeeper.OpenReplica(logGroup, replyTo),
            (reply, failure) -> new Opened(logGroup, reply));
  }

  private Behavior<Command> onOpened(Opened opened) {
    PlacedGroup group = groups.get(opened.logGroup());
    if (group == null) {
      return this;
    }
    ReplicaStatus status = group.status;
    if (status != null && opened.reply() instanceof ReplicaOpened there) {
      copies.opened(there.replica(), nowMs());
      if (status.membership().isMember(there.replica())) {
        group.done(false, nowMs());
      } else {
        change(opened.logGroup(), group, status.membership().withLearner(there.replica()));
      }
    } else {
      String reason =
          opened.reply() instanceof ReplicaNotOpened not ? not.reason() : "it doesn't answer";
      getContext().getLog().info("{}: no replica yet, {}", opened.logGroup(), reason);
      group.done(true, nowMs());
    }
    return this;
  }

  private void change(String logGroup, PlacedGroup group, Membership membership) {
    ActorRef<CommitLog.Command> leader = leaderOf(logGroup);
    if (leader == null) {
      group.done(true, nowMs());
      return;
    }
    group.stepping = true;
    getContext()
        .ask(
            MembershipReply.class,
            leader,
            STEP_MAX,
            replyTo -> new ChangeMembership(membership, replyTo),
            (reply, failure) -> new Changed(logGroup, reply));
  }

  private Behavior<Command> onChanged(Changed changed) {
    PlacedGroup group = groups.get(changed.logGroup());
    if (group == null) {
      return this;
    }
    if (changed.reply() instanceof MembershipChanged) {
      group.done(false, nowMs());
    } else if (changed.reply() instanceof MembershipNotChanged not
        && not.reason() == MembershipRefusal.NOT_CAUGHT_UP) {
      group.done(false, nowMs()); // it nearly has; asked again at the next look
    } else {
      getContext()
          .getLog()
          .info(
              "{}: its membership did not change: {}",
              changed.logGroup(),
              changed.reply() instanceof MembershipNotChanged not
                  ? not.reason()
                  : "its leader doesn't answer");
      group.done(true, nowMs());
    }
    return this;
  }

  /** Lets go of the replicas that the log group doesn't have any more. */
  private void discard(String logGroup, ReplicaStatus status) {
    for (String node : nodes.keySet()) {
      NodeReplicas said = home.board().node(node);
      NodeReplicas.View view = said == null ? null : said.view(logGroup);
      ActorRef<ReplicaKeeper.Command> keeper = home.peers().keeper(node);
      if (view != null
          && keeper != null
          && standings.isReachable(node)
          && !copies.isJustOpened(view.replica())
          && !status.membership().isMember(view.replica())) {
        keeper.tell(
            new DiscardReplica(logGroup, view.replica(), status.epoch(), status.membershipEnd()));
      }
    }
  }

  private Behavior<Command> onRemove(Remove order) {
    if (standings.isReachable(order.node()) || !nodes.containsKey(order.node())) {
      order.replyTo().tell(new RemoveReply(false));
      return this;
    }
    getContext()
        .ask(
            Charter.class,
            amendments,
            STEP_MAX,
            replyTo ->
                new Amendments.Propose(
                    to -> new CharterKeeper.RemoveNode(order.node(), order.isRemoved(), to),
                    replyTo),
            (charter, failure) -> new Removed(order, charter));
    return this;
  }

  private Behavior<Command> onRemoved(Removed removed) {
    Remove order = removed.order();
    Charter charter = removed.charter();
    boolean accepted =
        charter != null && charter.removed().contains(order.node()) == order.isRemoved();
    if (accepted) {
      getContext()
          .getLog()
          .info(
              "{} {}",
              order.node(),
              order.isRemoved() ? "is not waited for; its place is given away" : "is waited for");
    }
    order.replyTo().tell(new RemoveReply(accepted));
    return this;
  }

  private static long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }
}
