package io.sampo.cluster.placement;

import io.sampo.cluster.protocol.ReplicaCopy;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.ReplicaQuestion.AskStatus;
import io.sampo.cluster.replication.ReplicaStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.jspecify.annotations.Nullable;

/**
 * What those who look after a cluster see of its log groups, and may ask of its nodes. An extension
 * because Pekko makes who asks for it. Any thread.
 */
public final class PlacementAdmin implements Extension {
  private static final Id ID = new Id();
  private static final Duration STATUS_MAX = Duration.ofSeconds(2);
  private static final Duration ORDER_MAX = Duration.ofSeconds(5);

  /** The charter may have to find a leader first. */
  private static final Duration REMOVE_MAX = Duration.ofSeconds(8);

  private final ActorSystem<?> system;

  /** Null until the node is in its cluster. */
  private volatile @Nullable Source source;

  private record Source(ReplicaPlacer.Home home, ActorRef<ReplicaPlacer.Command> placer) {}

  private PlacementAdmin(ActorSystem<?> system) {
    this.system = system;
  }

  public static PlacementAdmin get(ActorSystem<?> system) {
    return ID.apply(system);
  }

  /** Begins to answer. */
  public void serve(ReplicaPlacer.Home home, ActorRef<ReplicaPlacer.Command> placer) {
    source = new Source(home, placer);
  }

  /**
   * A log group, as its leader sees it.
   *
   * @param leader the node that leads; null when nobody is known to, or it doesn't answer. Then
   *     positions aren't known, and who is a member is what was heard last
   * @param wanted the nodes that should have its voters, the preferred leader first
   */
  public record LogGroupView(
      String logGroup,
      @Nullable String leader,
      long epoch,
      long start,
      long commit,
      long end,
      List<String> wanted,
      List<ReplicaView> replicas) {}

  /**
   * A replica, as its leader sees it.
   *
   * @param role leader, voter or learner
   * @param held up to where it is known to have the log; null when that isn't known
   * @param lag how many bytes of the log it is known not to have
   * @param problem what is wrong with it and what to do; null when nothing is known to be
   */
  public record ReplicaView(
      String node,
      long disk,
      String role,
      @Nullable Long held,
      @Nullable Long lag,
      @Nullable String problem) {}

  private static @Nullable String problem(ReplicaBoard board, String logGroup, ReplicaId replica) {
    NodeReplicas said = board.node(replica.node());
    NodeReplicas.View view = said == null ? null : said.view(logGroup);
    if (view != null && view.replica().equals(replica)) {
      return view.failed()
          ? "its log failed, see the log of "
              + replica.node()
              + "; restart that node when its disk is in order, or wait for sampo.cluster.replace-after"
          : null;
    }
    return said == null ? "its node has said nothing yet" : "its node doesn't have it any more";
  }

  /** All log groups, in their order; empty as long as the node isn't in its cluster. */
  public CompletionStage<List<LogGroupView>> logGroups() {
    Source from = source;
    if (from == null) {
      return CompletableFuture.completedStage(List.of());
    }
    CompletableFuture<List<LogGroupView>> all = CompletableFuture.completedFuture(List.of());
    for (String logGroup : from.home().board().logGroups()) {
      all = all.thenCombine(logGroup(from.home(), logGroup), PlacementAdmin::plus);
    }
    return all;
  }

  private static List<LogGroupView> plus(List<LogGroupView> some, LogGroupView more) {
    List<LogGroupView> all = new ArrayList<>(some);
    all.add(more);
    return all;
  }

  private CompletionStage<LogGroupView> logGroup(ReplicaPlacer.Home home, String logGroup) {
    ReplicaId leader = home.board().leader(logGroup);
    ActorRef<CommitLog.Command> log =
        leader == null ? null : home.peers().commitLog(leader.node(), logGroup);
    if (log == null) {
      return CompletableFuture.completedStage(unled(home.board(), logGroup));
    }
    return AskPattern.<CommitLog.Command, ReplicaStatus>ask(
            log, AskStatus::new, STATUS_MAX, system.scheduler())
        .handle(
            (status, failure) ->
                status != null && status.leads()
                    ? led(home.board(), logGroup, status)
                    : unled(home.board(), logGroup));
  }

  private static List<String> wanted(ReplicaBoard board, String logGroup) {
    List<String> wanted = board.wanted(logGroup);
    return wanted == null ? board.candidates(logGroup) : wanted;
  }

  private static LogGroupView unled(ReplicaBoard board, String logGroup) {
    List<ReplicaView> replicas =
        board.membership(logGroup).members().stream()
            .map(
                member ->
                    new ReplicaView(
                        member.node(),
                        member.disk(),
                        board.membership(logGroup).isVoter(member) ? "voter" : "learner",
                        null,
                        null,
                        problem(board, logGroup, member)))
            .toList();
    return new LogGroupView(logGroup, null, 0, 0, 0, 0, wanted(board, logGroup), replicas);
  }

  private static LogGroupView led(ReplicaBoard board, String logGroup, ReplicaStatus status) {
    List<ReplicaView> replicas = new ArrayList<>();
    ReplicaId self = status.replica();
    replicas.add(
        new ReplicaView(
            self.node(), self.disk(), "leader", status.end(), 0L, problem(board, logGroup, self)));
    for (ReplicaCopy copy : status.copies()) {
      ReplicaId replica = copy.replica();
      replicas.add(
          new ReplicaView(
              replica.node(),
              replica.disk(),
              status.membership().isVoter(replica) ? "voter" : "learner",
              copy.held(),
              status.end() - Math.max(copy.held(), status.start()),
              problem(board, logGroup, replica)));
    }
    return new LogGroupView(
        logGroup,
        self.node(),
        status.epoch(),
        status.start(),
        status.commit(),
        status.end(),
        wanted(board, logGroup),
        replicas);
  }

  /** What came of an order. */
  public enum Ordered {
    /** It is carried out from now on. */
    ACCEPTED,
    /** There is no such node. */
    NO_SUCH_NODE,
    /** The node, or who places replicas, doesn't answer; try again. */
    NOT_NOW
  }

  /**
   * Orders that a node leaves the cluster for good, or that it stays after all. One that runs notes
   * it and gives its replicas away first; one that is away is not waited for.
   */
  public CompletionStage<Ordered> leave(String node, boolean leaving) {
    Source from = source;
    if (from == null) {
      return CompletableFuture.completedStage(Ordered.NOT_NOW);
    }
    ActorRef<ReplicaKeeper.Command> keeper = from.home().peers().keeper(node);
    if (keeper == null) {
      return CompletableFuture.completedStage(Ordered.NO_SUCH_NODE);
    }
    return AskPattern.<ReplicaKeeper.Command, ReplicaKeeper.LeaveNoted>ask(
            keeper,
            replyTo -> new ReplicaKeeper.Leave(leaving, replyTo),
            ORDER_MAX,
            system.scheduler())
        .handle((noted, failure) -> noted != null)
        .thenCompose(
            noted ->
                noted
                    ? CompletableFuture.completedStage(Ordered.ACCEPTED)
                    : remove(from, node, leaving));
  }

  private CompletionStage<Ordered> remove(Source from, String node, boolean leaving) {
    return AskPattern.<ReplicaPlacer.Command, ReplicaPlacer.RemoveReply>ask(
            from.placer(),
            replyTo -> new ReplicaPlacer.Remove(node, leaving, replyTo),
            REMOVE_MAX,
            system.scheduler())
        .handle(
            (reply, failure) ->
                reply != null && reply.accepted() ? Ordered.ACCEPTED : Ordered.NOT_NOW);
  }

  private static final class Id extends ExtensionId<PlacementAdmin> {
    @Override
    public PlacementAdmin createExtension(ActorSystem<?> system) {
      return new PlacementAdmin(system);
    }
  }
}
