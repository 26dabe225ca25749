package io.sampo.actors.group;

import io.sampo.actors.catalog.Catalog;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Finds the catalog's actor for a node: asks the leader of the first log group for it, watches it
 * and asks again when it ends or the leader changes. One actor per node.
 */
final class CatalogFinder extends AbstractBehavior<CatalogFinder.Command> {
  /** What the finder is told; all of it by itself. */
  sealed interface Command {}

  private enum LeaderChanged implements Command {
    INSTANCE
  }

  private record Answered(LogGroup.CatalogReply reply) implements Command {}

  private record CatalogEnded(ActorRef<Catalog.Command> catalog) implements Command {}

  private enum AskAgain implements Command {
    INSTANCE
  }

  /** How long after an unanswered or refused question the leader is asked again. */
  private static final Duration ASK_INTERVAL = Duration.ofMillis(200);

  private final TimerScheduler<Command> timers;
  private final String logGroup;
  private final LeaderDirectory leaders;
  private final Consumer<@Nullable ActorRef<Catalog.Command>> found;
  private final LeaderDirectory.Listener listener;
  private final ActorRef<LogGroup.CatalogReply> answers;
  private @Nullable ActorRef<Catalog.Command> catalog;

  private CatalogFinder(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      String logGroup,
      LeaderDirectory leaders,
      Consumer<@Nullable ActorRef<Catalog.Command>> found) {
    super(context);
    this.timers = timers;
    this.logGroup = logGroup;
    this.leaders = leaders;
    this.found = found;
    this.answers = context.messageAdapter(LogGroup.CatalogReply.class, Answered::new);
    ActorRef<Command> self = context.getSelf();
    this.listener =
        (changed, leader) -> {
          if (changed.equals(logGroup)) {
            self.tell(LeaderChanged.INSTANCE);
          }
        };
    leaders.addListener(listener);
    askLeader();
  }

  /**
   * @param logGroup the first log group
   * @param found told where the catalog is, and null when that is not known any more; called on
   *     this actor's thread
   */
  static Behavior<Command> create(
      String logGroup,
      LeaderDirectory leaders,
      Consumer<@Nullable ActorRef<Catalog.Command>> found) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new CatalogFinder(context, timers, logGroup, leaders, found)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessageEquals(LeaderChanged.INSTANCE, this::onLeaderChanged)
        .onMessage(Answered.class, this::onAnswered)
        .onMessage(CatalogEnded.class, this::onCatalogEnded)
        .onMessageEquals(AskAgain.INSTANCE, this::askLeader)
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<Command> onLeaderChanged() {
    forgetCatalog(); // it is the old leader's child
    return askLeader();
  }

  /** Asks the leader, and again after a while unless an answer comes. */
  private Behavior<Command> askLeader() {
    ActorRef<LogGroup.Command> leader = leaders.leader(logGroup);
    if (leader != null && catalog == null) {
      timers.startSingleTimer(AskAgain.INSTANCE, ASK_INTERVAL);
      leader.tell(new LogGroup.ResolveCatalog(answers));
    }
    return this;
  }

  private Behavior<Command> onAnswered(Answered answer) {
    if (catalog == null && answer.reply() instanceof LogGroup.CatalogResolved resolved) {
      timers.cancel(AskAgain.INSTANCE);
      catalog = resolved.actor();
      getContext().watchWith(catalog, new CatalogEnded(catalog));
      found.accept(catalog);
    }
    return this;
  }

  private Behavior<Command> onCatalogEnded(CatalogEnded ended) {
    if (ended.catalog().equals(catalog)) {
      // Not at once: asking starts it anew, and what made it end may not be over.
      timers.startSingleTimer(AskAgain.INSTANCE, ASK_INTERVAL);
      forgetCatalog();
    }
    return this;
  }

  private void forgetCatalog() {
    if (catalog != null) {
      getContext().unwatch(catalog);
      catalog = null;
      found.accept(null);
    }
  }

  private Behavior<Command> onPostStop() {
    leaders.removeListener(listener);
    return this;
  }
}
