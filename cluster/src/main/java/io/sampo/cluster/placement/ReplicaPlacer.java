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
  private static final long REST_MIN_MS = 250;
  private static final long REST_MAX_MS = 30_000;

  /** How long a replica that was opened may be unknown to the board. */
  private static final long OPENED_UNKNOWN_MS = 10_000;

  /** How long it waits for log groups without a leader before it decides without them. */
  private static final long LEADERS_MAX_MS = 20_000;

  /** What it is told. */
  public sealed interface Command {}

  /** A node that is away will not come back: its replicas are to be elsewhere, or nowhere. */
  public record Remove(String node, ActorRef<RemoveReply> replyTo)
      implements Command, ControlMessage {}

  /** The answer to {@link Remove}. */
  public record RemoveReply(boolean accepted) implements ControlMessage {}

  private enum Look implements Command {
    INSTANCE
  }

  private record StatusCame(String logGroup, @Nullable ReplicaStatus status) implements Command {}

  private record Opened(String logGroup, @Nullable OpenReply reply) implements Command {}

  private record Changed(String logGroup, @Nullable MembershipReply reply) implements Command {}

  /** What it goes by. */
  public record Home(ReplicaBoard board, NodeDirectory nodes, NodePeers peers) {}

  /**
   * @param replicas of each log group
   * @param replaceAfter after how long a node that is away is replaced, if there is another
   */
  public record Settings(int replicas, Duration replaceAfter) {}

  /** A log group on its way. */
  private static final class Group {
    /** What its leader said last; null when that was used up. */
    @Nullable ReplicaStatus status;

    @Nullable ReplicaStatus before;
    boolean asking;
    boolean stepping;
    long restUntilMs;
    long restMs = REST_MIN_MS;
    @Nullable List<String> wanted;

    /** The node that is asked for a replica. */
    @Nullable String asked;

    String told = "";
  }

  private final Home home;
  private final Settings settings;
  private final Cluster cluster;
  private final NodeStandings standings;
  private final SortedMap<String, Group> groups = new TreeMap<>();
  private final Map<ReplicaId, Long> openedMs = new HashMap<>();
  private final long startedMs = nowMs();
  private SortedMap<String, NodeStanding> nodes = new TreeMap<>();

  private ReplicaPlacer(
      ActorContext<Command> context, TimerScheduler<Command> timers, Home home, Settings settings) {
    super(context);
    this.home = home;
    this.settings = settings;
    this.cluster = Cluster.get(context.getSystem());
    this.standings = new NodeStandings(settings.replaceAfter().toMillis());
    home.board().logGroups().forEach(logGroup -> groups.put(logGroup, new Group()));
    timers.startTimerWithFixedDelay(Look.INSTANCE, LOOK);
  }

  /** To be started as a singleton of the cluster. */
  public static Behavior<Command> create(Home home, Settings settings) {
    return Behaviors.setup(
        context -> {
          context.setLoggerName(ReplicaPlacer.class);
          return Behaviors.withTimers(timers -> new ReplicaPlacer(context, timers, home, settings));
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
        .build();
  }

  private Behavior<Command> onLook() {
    nodes = standings.judge(reachableMembers(), knownNodes(), home.board(), nowMs());
    openedMs.values().removeIf(at -> nowMs() - at > OPENED_UNKNOWN_MS);
    decide();
    forgetWhoLeft();
    groups.forEach(
        (logGroup, group) -> {
          if (!group.stepping && nowMs() >= group.restUntilMs) {
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
    for (Map.Entry<String, Group> each : groups.entrySet()) {
      Group group = each.getValue();
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
    ReplicaPlacement.decide(now, nodes, settings.replicas())
        .forEach(
            (logGroup, wanted) -> {
              Group group = groups.get(logGroup);
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

  // What a log group is like.

  private void askStatus(String logGroup, Group group) {
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
    Group group = groups.get(came.logGroup());
    if (group != null) {
      group.asking = false;
      if (came.status() != null && came.status().leads() && !group.stepping) {
        group.before = group.status == null ? group.before : group.status;
        group.before = group.before == null ? came.status() : group.before;
        group.status = came.status();
      }
    }
    return this;
  }

  private MembershipStep.Group view(String logGroup, Group group, ReplicaStatus status) {
    Map<ReplicaId, MembershipStep.Copy> copies = new HashMap<>();
    ReplicaStatus before = group.before;
    long commitBefore =
        before == null || before.epoch() != status.epoch() ? status.commit() : before.commit();
    copies.put(status.replica(), MembershipStep.Copy.WORKS);
    status
        .copies()
        .forEach(
            copy ->
                copies.put(
                    copy.replica(),
                    copyOf(
                        logGroup,
                        group,
                        copy.replica(),
                        copy.caughtUp() || (copy.held() > 0 && copy.held() >= commitBefore))));
    return new MembershipStep.Group(
        status.membership(), status.isMembershipCommitted(), status.replica(), copies);
  }

  private MembershipStep.Copy copyOf(
      String logGroup, Group group, ReplicaId replica, boolean hasAll) {
    String node = replica.node();
    NodeReplicas said = home.board().node(node);
    if (standings.isReachable(node) && said != null) {
      if (!said.has(logGroup, replica)) {
        return openedMs.containsKey(replica) ? MembershipStep.Copy.WEAK : MembershipStep.Copy.LOST;
      }
      return hasAll ? MembershipStep.Copy.WORKS : MembershipStep.Copy.WEAK;
    }
    NodeStanding standing = nodes.getOrDefault(node, NodeStanding.AWAY);
    List<String> wanted = group.wanted;
    boolean isOver = standing == NodeStanding.GIVEN_UP || standing == NodeStanding.LEAVING;
    return isOver && wanted != null && !wanted.contains(node)
        ? MembershipStep.Copy.LOST
        : MembershipStep.Copy.WEAK;
  }

  // What is done about it.

  private void step(String logGroup, Group group) {
    ReplicaStatus status = group.status;
    List<String> wanted = group.wanted;
    if (status == null || wanted == null || !isOfLeader(logGroup, status)) {
      return;
    }
    MembershipStep step =
        MembershipStep.next(view(logGroup, group, status), Set.copyOf(wanted), this::mayLearn);
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
        && groups.keySet().stream()
            .flatMap(logGroup -> home.board().membership(logGroup).learners().stream())
            .noneMatch(learner -> learner.node().equals(node))
        && groups.values().stream().noneMatch(group -> node.equals(group.asked));
  }

  /** Each thing once. */
  private void tell(String logGroup, Group group, String what) {
    if (!what.equals(group.told)) {
      group.told = what;
      getContext().getLog().info("{}: {}", logGroup, what.isEmpty() ? "is as it should be" : what);
    }
  }

  private void open(String logGroup, Group group, String node) {
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
    Group group = groups.get(opened.logGroup());
    if (group == null) {
      return this;
    }
    ReplicaStatus status = group.status;
    if (status != null && opened.reply() instanceof ReplicaOpened there) {
      openedMs.put(there.replica(), nowMs());
      if (status.membership().isMember(there.replica())) {
        done(group, false);
      } else {
        change(opened.logGroup(), group, status.membership().withLearner(there.replica()));
      }
    } else {
      String reason =
          opened.reply() instanceof ReplicaNotOpened not ? not.reason() : "it doesn't answer";
      getContext().getLog().info("{}: no replica yet, {}", opened.logGroup(), reason);
      done(group, true);
    }
    return this;
  }

  private void change(String logGroup, Group group, Membership membership) {
    ActorRef<CommitLog.Command> leader = leaderOf(logGroup);
    if (leader == null) {
      done(group, true);
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
    Group group = groups.get(changed.logGroup());
    if (group == null) {
      return this;
    }
    if (changed.reply() instanceof MembershipChanged) {
      done(group, false);
    } else if (changed.reply() instanceof MembershipNotChanged not
        && not.reason() == MembershipRefusal.NOT_CAUGHT_UP) {
      done(group, false); // it nearly has; asked again at the next look
    } else {
      getContext()
          .getLog()
          .info(
              "{}: its membership did not change: {}",
              changed.logGroup(),
              changed.reply() instanceof MembershipNotChanged not
                  ? not.reason()
                  : "its leader doesn't answer");
      done(group, true);
    }
    return this;
  }

  /** What was known of the log group may be out of date now. */
  private static void done(Group group, boolean failed) {
    group.stepping = false;
    group.asked = null;
    group.status = null;
    group.restMs = failed ? Math.min(2 * group.restMs, REST_MAX_MS) : REST_MIN_MS;
    group.restUntilMs = failed ? nowMs() + group.restMs : 0;
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
          && !openedMs.containsKey(view.replica())
          && !status.membership().isMember(view.replica())) {
        keeper.tell(
            new DiscardReplica(logGroup, view.replica(), status.epoch(), status.membershipEnd()));
      }
    }
  }

  private Behavior<Command> onRemove(Remove order) {
    boolean away = !standings.isReachable(order.node()) && nodes.containsKey(order.node());
    if (away) {
      getContext().getLog().info("{} will not come back, its place is given away", order.node());
      standings.remove(order.node());
    }
    order.replyTo().tell(new RemoveReply(away));
    return this;
  }

  private static long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }
}
