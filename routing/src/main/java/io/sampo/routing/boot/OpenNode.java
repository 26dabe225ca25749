package io.sampo.routing.boot;

import io.sampo.actors.group.LeaderHandOver;
import io.sampo.actors.group.LogGroups;
import io.sampo.cluster.placement.ClusterPlan;
import io.sampo.cluster.placement.CopyReadiness;
import io.sampo.cluster.placement.LeaderShardAllocation;
import io.sampo.cluster.placement.LogGroupPlan;
import io.sampo.cluster.placement.NodeDirectory;
import io.sampo.cluster.placement.NodePeers;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.ReplicaPlan;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

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
  private static final Duration CATALOG_AGAIN = Duration.ofMillis(50);

  private final Guardian.Parts parts;
  private final TimerScheduler<Guardian.Command> timers;
  private final ClusterPlan plan;
  private final NodeDirectory nodes;
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
    this.plan = open.plan();
    this.nodes = NodeDirectory.start(context);
    nodes.publish(open.card());
    ReplicaId self = parts.file().replica();
    NodePeers peers = new NodePeers(context.getSystem(), nodes, plan.clusterId());
    for (LogGroupPlan logGroup : plan.logGroupsOf(self)) {
      context.watchWith(
          context.spawn(
              CommitLog.create(
                  logGroup.name(),
                  new ReplicaPlan(self, logGroup.membership()),
                  peers,
                  parts.parts().commitLog()),
              NodePeers.commitLogName(logGroup.name()),
              CommitLog.dispatcher()),
          new Guardian.LogEnded(logGroup.name()));
    }
    this.logGroups =
        LogGroups.start(
            context,
            new LogGroups.Layout(parts.settings().clusterName(), plan.logGroupNames()),
            new LeaderShardAllocation(
                context.getSystem(), this::voters, new CopyReadiness(context.getSystem(), peers)),
            parts.parts().logGroups());
    logGroups
        .leaders()
        .addListener(
            (logGroup, leader) -> context.getSelf().tell(Guardian.LeadersChanged.INSTANCE));
    context.getSelf().tell(Guardian.LeadersChanged.INSTANCE);
    if (plan.logGroups().stream().anyMatch(logGroup -> logGroup.voters().size() > 1)) {
      context.spawn(LeaderHandOver.create(), "leader-hand-over");
    }
    if (plan.founders().size() > 1) {
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
        .build();
  }

  /** The nodes that vote in a log group, in the plan's order. Any thread. */
  private List<String> voters(String name) {
    LogGroupPlan logGroup = plan.logGroup(name);
    return logGroup == null ? List.of() : logGroup.voters().stream().map(ReplicaId::node).toList();
  }

  private List<String> notLed() {
    return plan.logGroupNames().stream()
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
      parts.steps().serving().complete(new StartSteps.Serving(logGroups, nodes));
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
}
