package io.sampo.routing.boot;

import io.sampo.actors.catalog.Catalog;
import io.sampo.cluster.forming.ClusterForming;
import io.sampo.cluster.forming.FormingSettings;
import io.sampo.cluster.forming.NodeFile;
import io.sampo.cluster.placement.CharterFile;
import io.sampo.cluster.placement.ClusterPlan;
import io.sampo.cluster.placement.NodeCard;
import io.sampo.cluster.placement.PeerProbe;
import io.sampo.cluster.placement.ReplicasFile;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.DeadLetterReclaimer;
import java.time.Duration;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.typed.Cluster;
import org.jspecify.annotations.Nullable;

/**
 * The root of a node's actors while it gets into its cluster. When that is done it tells the plan,
 * and is told to {@link Open} the node; from then on it is an {@link OpenNode}.
 */
final class Guardian extends AbstractBehavior<Guardian.Command> {
  private static final Duration FORMING_PACE = Duration.ofMillis(200);

  /** What the root of a node's actors is told. */
  sealed interface Command {}

  /**
   * Opens the logs and starts what serves clients.
   *
   * @param plan the founding document
   * @param card what the others are told of this node
   */
  record Open(ClusterPlan plan, NodeCard card) implements Command {}

  private record FormingTold(ClusterForming.Outcome outcome) implements Command {}

  private enum FormingEnded implements Command {
    INSTANCE
  }

  /** A log can't be written, or not even opened; its actor has said so in the node's log. */
  record LogFailed(CommitLog.LogFailed event) implements Command {}

  /** The actor of a log broke. */
  record LogEnded(String logGroup) implements Command {}

  /** The node's replicas can't be opened; nothing of them runs. */
  record NotKept(String reason) implements Command {}

  /** A log that had failed is needed no more. */
  record FailedLogGone(String logGroup) implements Command {}

  /** The actor that keeps the node's replicas ended. */
  enum KeeperEnded implements Command {
    INSTANCE
  }

  /** The node was to leave its cluster, and has nothing left that is needed. */
  enum Left implements Command {
    INSTANCE
  }

  /** Another leader is known of a log group, or none. */
  enum LeadersChanged implements Command {
    INSTANCE
  }

  /** It is time to go on without the log groups that nobody leads. */
  enum LeadersWaitOver implements Command {
    INSTANCE
  }

  /** Asks the catalog for its first answer. */
  enum AskCatalog implements Command {
    INSTANCE
  }

  /** It answered, or not. */
  record CatalogAsked(Catalog.@Nullable TopicReply reply) implements Command {}

  /** What a node is made of. */
  record Parts(
      SampoSettings settings,
      PartSettings parts,
      NodeFile file,
      ReplicasFile replicas,
      CharterFile charter,
      StartSteps steps) {}

  private final TimerScheduler<Command> timers;
  private final Parts parts;

  private Guardian(ActorContext<Command> context, TimerScheduler<Command> timers, Parts parts) {
    super(context);
    this.timers = timers;
    this.parts = parts;
    context.spawn(DeadLetterReclaimer.create(), "dead-letter-reclaimer");
    context.spawn(PeerProbe.create(), PeerProbe.NAME, PeerProbe.dispatcher());
    context
        .getSystem()
        .eventStream()
        .tell(
            new EventStream.Subscribe<>(
                CommitLog.LogFailed.class,
                context.messageAdapter(CommitLog.LogFailed.class, LogFailed::new)));
    SampoSettings settings = parts.settings();
    FormingSettings forming =
        new FormingSettings(
            settings
                .membership()
                .rules(
                    settings.clusterName(),
                    Cluster.get(context.getSystem()).selfMember().address().toString(),
                    settings.logGroups()),
            FORMING_PACE);
    context.watchWith(
        context.spawn(
            ClusterForming.create(
                parts.file(),
                forming,
                context.messageAdapter(ClusterForming.Outcome.class, FormingTold::new)),
            ClusterForming.NAME,
            ClusterForming.dispatcher()),
        FormingEnded.INSTANCE);
  }

  static Behavior<Command> create(Parts parts) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new Guardian(context, timers, parts)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(FormingTold.class, this::onFormingTold)
        .onMessageEquals(FormingEnded.INSTANCE, this::onFormingEnded)
        .onMessage(Open.class, open -> new OpenNode(getContext(), timers, parts, open))
        .build();
  }

  private Behavior<Command> onFormingTold(FormingTold told) {
    if (told.outcome() instanceof ClusterForming.Formed formed) {
      parts.steps().formed().complete(formed.plan());
    } else if (told.outcome() instanceof ClusterForming.NotFormed not) {
      parts.steps().fail(not.reason());
    }
    return this;
  }

  private Behavior<Command> onFormingEnded() {
    parts.steps().fail("the node's file could not be written; see the log");
    return this;
  }
}
