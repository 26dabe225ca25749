package io.sampo.routing.boot;

import io.sampo.actors.catalog.Catalog;
import io.sampo.actors.group.LogGroups;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.DeadLetterReclaimer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.jspecify.annotations.Nullable;

/**
 * The root of a node's actors: it joins the cluster and starts the logs and the log groups on them.
 * Its phases: starting, until every log group is led and the catalog has answered, which completes
 * the future that the node waits for; then running. A log that fails while starting fails the
 * start; one that fails later ends its log group, and the others go on.
 */
final class Guardian extends AbstractBehavior<Guardian.Command> {
  private static final Duration CATALOG_AGAIN = Duration.ofMillis(50);

  /** What the guardian is told; all of it by what it started. */
  sealed interface Command {}

  /** A log can't be written, or not even opened; its actor has said so in the node's log. */
  private record LogFailed(CommitLog.LogFailed event) implements Command {}

  /** The actor of a log broke. */
  private record LogEnded(String logGroup) implements Command {}

  private enum LeadersChanged implements Command {
    INSTANCE
  }

  private enum AskCatalog implements Command {
    INSTANCE
  }

  private record CatalogAsked(Catalog.@Nullable TopicReply reply) implements Command {}

  private final SampoSettings settings;
  private final LogGroups logGroups;
  private final CompletableFuture<LogGroups> serving;
  private final TimerScheduler<Command> timers;
  private boolean askedCatalog;

  private Guardian(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      SampoSettings settings,
      PartSettings parts,
      CompletableFuture<LogGroups> serving) {
    super(context);
    this.settings = settings;
    this.serving = serving;
    this.timers = timers;
    context.spawn(DeadLetterReclaimer.create(), "dead-letter-reclaimer");
    context
        .getSystem()
        .eventStream()
        .tell(
            new EventStream.Subscribe<>(
                CommitLog.LogFailed.class,
                context.messageAdapter(CommitLog.LogFailed.class, LogFailed::new)));
    for (String logGroup : settings.logGroupNames()) {
      context.watchWith(
          context.spawn(
              CommitLog.create(logGroup, parts.commitLog()),
              "commit-log-" + logGroup,
              CommitLog.dispatcher()),
          new LogEnded(logGroup));
    }
    Cluster cluster = Cluster.get(context.getSystem());
    cluster.manager().tell(Join.create(cluster.selfMember().address()));
    this.logGroups =
        LogGroups.start(
            context,
            new LogGroups.Layout(settings.clusterName(), settings.logGroupNames()),
            parts.logGroups());
    logGroups
        .leaders()
        .addListener((logGroup, leader) -> context.getSelf().tell(LeadersChanged.INSTANCE));
    context.getSelf().tell(LeadersChanged.INSTANCE);
  }

  /**
   * @param serving completed once clients may be let in, or with a {@link StartFailedException}
   */
  static Behavior<Command> create(
      SampoSettings settings, PartSettings parts, CompletableFuture<LogGroups> serving) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new Guardian(context, timers, settings, parts, serving)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessageEquals(LeadersChanged.INSTANCE, this::onLeadersChanged)
        .onMessageEquals(AskCatalog.INSTANCE, this::askCatalog)
        .onMessage(CatalogAsked.class, this::onCatalogAsked)
        .onMessage(LogFailed.class, this::onLogFailed)
        .onMessage(LogEnded.class, this::onLogEnded)
        .build();
  }

  private Behavior<Command> onLeadersChanged() {
    boolean allLed =
        settings.logGroupNames().stream()
            .allMatch(logGroup -> logGroups.leaders().leader(logGroup) != null);
    if (allLed && !askedCatalog) {
      askedCatalog = true;
      askCatalog();
    }
    return this;
  }

  /** Whether the system topic is there doesn't matter; that the catalog says so does. */
  private Behavior<Command> askCatalog() {
    getContext()
        .pipeToSelf(
            logGroups.catalog().lookUpTopic(settings.clusterName()),
            (reply, failure) -> new CatalogAsked(reply));
    return this;
  }

  private Behavior<Command> onCatalogAsked(CatalogAsked asked) {
    if (asked.reply() == null) {
      timers.startSingleTimer(AskCatalog.INSTANCE, CATALOG_AGAIN);
    } else {
      serving.complete(logGroups);
    }
    return this;
  }

  private Behavior<Command> onLogFailed(LogFailed failed) {
    serving.completeExceptionally(new StartFailedException(failed.event().reason()));
    return this;
  }

  /** Not started again by itself: what broke once on this log would most likely break again. */
  private Behavior<Command> onLogEnded(LogEnded ended) {
    String reason =
        ended.logGroup() + " is not served any more: its log's actor ended; start the node again";
    if (!serving.completeExceptionally(new StartFailedException(reason))) {
      getContext().getLog().error(reason);
    }
    return this;
  }
}
