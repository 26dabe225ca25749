package io.sampo.routing.boot;

import io.sampo.actors.group.LogGroups;
import io.sampo.cluster.placement.CharterBook;
import io.sampo.cluster.placement.CommonSettings;
import io.sampo.cluster.placement.CopyReadiness;
import io.sampo.cluster.placement.LeaderShardAllocation;
import io.sampo.cluster.placement.NodeDirectory;
import io.sampo.cluster.placement.NodePeers;
import io.sampo.cluster.placement.PlacementAdmin;
import io.sampo.cluster.placement.ReplicaBoard;
import io.sampo.cluster.placement.ReplicaKeeper;
import io.sampo.cluster.placement.ReplicaPlacer;
import io.sampo.cluster.protocol.ReplicaId;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.typed.ClusterSingleton;
import org.apache.pekko.cluster.typed.SingletonActor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The root of a node's actors once it is in its cluster: it opens the logs that the node has
 * replicas of and starts the log groups on them. Its phases: starting, until the log groups are led
 * and the catalog has answered, which completes the future that the node waits for; then running. A
 * log that fails while starting fails the start; one that fails later ends its log group here, and
 * the others go on.
 *
 * <p>A log group may have nobody to lead it, when its nodes are away. The start doesn't wait for it
 * longer than it was told to, and says which one it is.
 */
final class OpenNode extends AbstractBehavior<Guardian.Command> {
  private static final Logger LOG = LoggerFactory.getLogger(OpenNode.class);
  private static final Duration CATALOG_AGAIN = Duration.ofMillis(50);

  private final Guardian.Parts parts;
  private final TimerScheduler<Guardian.Command> timers;
  private final CharterBook book;
  private final Set<String> told = ConcurrentHashMap.newKeySet();

  /** The log groups that there are when the node starts. */
  private final List<String> atStart;

  private final NodeDirectory nodes;
  private final ReplicaBoard board;
  private final LogGroups logGroups;
  private boolean leadersWaitOver;
  private boolean askedCatalog;

  OpenNode(
      ActorContext<Guardian.Command> context,
      TimerScheduler<Guardian.Command> timers,
      Guardian.Parts parts,
      Guardian.Open open) {
    super(context);
    this.parts = parts;
    this.timers = timers;
    this.nodes = NodeDirectory.start(context);
    nodes.publish(open.card());
    ReplicaId self = parts.file().replica();
    NodePeers peers = new NodePeers(context.getSystem(), nodes, open.plan().clusterId());
    boolean alone = parts.settings().membership().isAlone();
    this.book =
        alone
            ? CharterBook.ofNodeAlone(open.plan(), parts.file().foundedLogGroups())
            : CharterBook.start(context, open.plan(), parts.charter());
    this.atStart = book.logGroupNames();
    this.board = alone ? new ReplicaBoard(book) : ReplicaBoard.start(context, book);
    context.watchWith(
        context.spawn(
            ReplicaKeeper.create(
                new ReplicaKeeper.Home(self, parts.replicas(), book, board, alone),
                peers,
                parts.parts().commitLog(),
                new KeeperTold(context.getSelf())),
            ReplicaKeeper.NAME,
            ReplicaKeeper.dispatcher()),
        Guardian.KeeperEnded.INSTANCE);
    this.logGroups =
        LogGroups.start(
            context,
            new LogGroups.Layout(parts.settings().clusterName(), book, alone),
            new LeaderShardAllocation(
                context.getSystem(),
                board::candidates,
                new CopyReadiness(context.getSystem(), peers),
                parts.settings().membership().leadAfter()),
            parts.parts().logGroups());
    logGroups
        .leaders()
        .addListener(
            (logGroup, leader) -> context.getSelf().tell(Guardian.LeadersChanged.INSTANCE));
    context.getSelf().tell(Guardian.LeadersChanged.INSTANCE);
    if (!alone) {
      placeReplicas(new ReplicaPlacer.Home(board, nodes, peers, book), open.card().settings());
      tellDifferences(open.card().settings());
      book.addListener(plan -> tellDifferences(open.card().settings()));
      timers.startSingleTimer(
          Guardian.LeadersWaitOver.INSTANCE, parts.settings().membership().leadersWait());
    }
  }

  @Override
  public Receive<Guardian.Command> createReceive() {
    return newReceiveBuilder()
        .onMessageEquals(Guardian.LeadersChanged.INSTANCE, this::onLeadersChanged)
        .onMessageEquals(Guardian.LeadersWaitOver.INSTANCE, this::onLeadersWaitOver)
        .onMessageEquals(Guardian.AskCatalog.INSTANCE, this::askCatalog)
        .onMessage(Guardian.CatalogAsked.class, this::onCatalogAsked)
        .onMessage(Guardian.LogFailed.class, this::onLogFailed)
        .onMessage(Guardian.LogEnded.class, this::onLogEnded)
        .onMessage(Guardian.FailedLogGone.class, this::onFailedLogGone)
        .onMessageEquals(Guardian.Left.INSTANCE, this::onLeft)
        .onMessage(Guardian.NotKept.class, this::onNotKept)
        .onMessageEquals(Guardian.KeeperEnded.INSTANCE, this::onKeeperEnded)
        .build();
  }

  private void placeReplicas(ReplicaPlacer.Home home, CommonSettings own) {
    ActorRef<ReplicaPlacer.Command> placer =
        ClusterSingleton.get(getContext().getSystem())
            .init(SingletonActor.of(ReplicaPlacer.create(home, own), "replica-placer"));
    PlacementAdmin.get(getContext().getSystem()).serve(home, placer);
  }

  /** Any thread. */
  private void tellDifferences(CommonSettings own) {
    CommonSettings agreed = book.settings();
    if (agreed != null) {
      for (String difference : own.differences(agreed)) {
        if (told.add(difference)) {
          LOG.warn(difference);
        }
      }
    }
  }

  /** Passes on what the keeper of replicas tells. */
  private record KeeperTold(ActorRef<Guardian.Command> node) implements ReplicaKeeper.Listener {
    @Override
    public void logEnded(String logGroup) {
      node.tell(new Guardian.LogEnded(logGroup));
    }

    @Override
    public void failedLogGone(String logGroup) {
      node.tell(new Guardian.FailedLogGone(logGroup));
    }

    @Override
    public void left() {
      node.tell(Guardian.Left.INSTANCE);
    }

    @Override
    public void notKept(String reason) {
      node.tell(new Guardian.NotKept(reason));
    }
  }

  private List<String> notLed() {
    return atStart.stream()
        .filter(logGroup -> logGroups.leaders().leader(logGroup) == null)
        .toList();
  }

  private Behavior<Guardian.Command> onLeadersChanged() {
    if (!askedCatalog && (leadersWaitOver || notLed().isEmpty())) {
      askedCatalog = true;
      askCatalog();
    }
    return this;
  }

  private Behavior<Guardian.Command> onLeadersWaitOver() {
    List<String> notLed = notLed();
    if (!askedCatalog && !notLed.isEmpty()) {
      getContext()
          .getLog()
          .warn("Nobody leads {} yet; too few of its nodes are there", String.join(", ", notLed));
    }
    leadersWaitOver = true;
    return onLeadersChanged();
  }

  /** Whether the system topic is there doesn't matter; that the catalog says so does. */
  private Behavior<Guardian.Command> askCatalog() {
    getContext()
        .pipeToSelf(
            logGroups.catalog().lookUpTopic(parts.settings().clusterName()),
            (reply, failure) -> new Guardian.CatalogAsked(reply));
    return this;
  }

  private Behavior<Guardian.Command> onCatalogAsked(Guardian.CatalogAsked asked) {
    if (asked.reply() == null) {
      timers.startSingleTimer(Guardian.AskCatalog.INSTANCE, CATALOG_AGAIN);
    } else {
      parts.steps().serving().complete(new StartSteps.Serving(logGroups, nodes, board, book));
    }
    return this;
  }

  private Behavior<Guardian.Command> onLogFailed(Guardian.LogFailed failed) {
    FailedLogs.get(getContext().getSystem()).add(failed.event().logGroup());
    parts.steps().fail(failed.event().reason());
    return this;
  }

  /** Not started again by itself: what broke once on this log would most likely break again. */
  private Behavior<Guardian.Command> onLogEnded(Guardian.LogEnded ended) {
    FailedLogs.get(getContext().getSystem()).add(ended.logGroup());
    String reason =
        ended.logGroup() + " is not served any more: its log's actor ended; start the node again";
    if (!parts.steps().fail(reason)) {
      getContext().getLog().error(reason);
    }
    return this;
  }

  private Behavior<Guardian.Command> onFailedLogGone(Guardian.FailedLogGone gone) {
    FailedLogs.get(getContext().getSystem()).remove(gone.logGroup());
    return this;
  }

  private Behavior<Guardian.Command> onLeft() {
    getContext()
        .getLog()
        .info("This node has left its cluster for good and stops; its data is not needed any more");
    CoordinatedShutdown.get(getContext().getSystem())
        .runAll(CoordinatedShutdown.clusterLeavingReason());
    return this;
  }

  private Behavior<Guardian.Command> onNotKept(Guardian.NotKept not) {
    parts.steps().fail("the node's replicas can't be kept: " + not.reason());
    return this;
  }

  /**
   * Its logs ended with it, and what led through them goes on in vain: a node that is half there
   * keeps others from taking over, so it is to be there no more.
   */
  private Behavior<Guardian.Command> onKeeperEnded() {
    for (String logGroup : book.logGroupNames()) {
      FailedLogs.get(getContext().getSystem()).add(logGroup);
    }
    String reason = "the node's replicas can't be kept, see the log";
    if (!parts.steps().fail(reason) && !parts.steps().hasFailed()) {
      getContext().getLog().error("This node stops: {}; start it again", reason);
      CoordinatedShutdown.get(getContext().getSystem()).runAll(KeeperBroke.INSTANCE);
    }
    return this;
  }

  /** Why the node stopped by itself. */
  enum KeeperBroke implements CoordinatedShutdown.Reason {
    INSTANCE
  }
}
