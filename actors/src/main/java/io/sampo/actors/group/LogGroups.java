package io.sampo.actors.group;

import com.typesafe.config.Config;
import io.sampo.actors.catalog.Catalog;
import io.sampo.actors.catalog.CatalogPublisher;
import io.sampo.actors.catalog.CatalogSettings;
import io.sampo.actors.catalog.CatalogView;
import io.sampo.actors.catalog.DistributedCatalogView;
import io.sampo.actors.catalog.KeptTopics;
import io.sampo.actors.catalog.SystemTopics;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.actors.consumer.ConsumerSettings;
import io.sampo.actors.retention.OldSegments;
import io.sampo.actors.retention.RetentionSettings;
import io.sampo.actors.schedule.DueClock;
import io.sampo.actors.schedule.ScheduleSettings;
import io.sampo.actors.schedule.Scheduler;
import io.sampo.actors.schedule.TargetQueues;
import io.sampo.actors.transaction.Producers;
import io.sampo.actors.transaction.TransactionChecker;
import io.sampo.actors.transaction.TransactionSettings;
import io.sampo.cluster.placement.CharterBook;
import io.sampo.cluster.placement.CharterKeeper;
import io.sampo.cluster.placement.CharterPublisher;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.LocalLog;
import io.sampo.cluster.replication.LocalLogs;
import io.sampo.record.QueueKey;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.cluster.sharding.ShardCoordinator.ShardAllocationStrategy;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.jspecify.annotations.Nullable;

/**
 * A node's part in the log groups of its cluster: sharding of the log groups, the directory of
 * their leaders and the copy of the catalog. Started once per node, by its guardian; what it gives
 * out may be used by any thread.
 *
 * @param homes the log groups that are homes of consumer groups, which never change
 * @param leaders who leads which log group
 * @param catalog the node's copy of the catalog
 * @param producers the node's, to be asked about transactions
 * @param dueClock the time by which delayed messages are due
 */
public record LogGroups(
    List<String> homes,
    LeaderDirectory leaders,
    CatalogView catalog,
    Producers producers,
    DueClock dueClock) {

  /**
   * Which log groups there are; the same on every node.
   *
   * @param clusterName as clients see it
   * @param book of the log groups; the first has the catalog
   * @param alone whether the node is a cluster by itself, which decides nothing about itself
   */
  public record Layout(String clusterName, CharterBook book, boolean alone) {
    /** The log groups of the founding, where consumer groups have their homes. */
    List<String> homes() {
      return book.founding().logGroupNames();
    }
  }

  /** The settings of all that is started here. */
  public record Settings(
      LogGroupSettings logGroup,
      QueueSettings queue,
      FinderSettings finder,
      ConsumerSettings consumer,
      CatalogSettings catalog,
      TransactionSettings transaction,
      ScheduleSettings schedule,
      RetentionSettings retention,
      Knocker.Pace knocker) {
    /** Reads them from a whole configuration; fails with the path of what is wrong. */
    public static Settings from(Config config) {
      return new Settings(
          LogGroupSettings.from(config),
          QueueSettings.from(config),
          FinderSettings.from(config),
          ConsumerSettings.from(config),
          CatalogSettings.from(config),
          TransactionSettings.from(config),
          ScheduleSettings.from(config),
          RetentionSettings.from(config),
          Knocker.Pace.from(config));
    }
  }

  /**
   * Starts everything, with children of the given actor. The node's commit logs are found in {@link
   * LocalLogs} and may be opened before or after.
   *
   * @param allocation which node is to lead which log group
   */
  public static LogGroups start(
      ActorContext<?> context,
      Layout layout,
      ShardAllocationStrategy allocation,
      Settings settings) {
    ActorSystem<?> system = context.getSystem();
    Supplier<Map<String, TopicConfig>> systemTopics =
        SystemTopics.growing(layout.clusterName(), layout.book()::logGroupNames);
    Producers producers = new Producers(settings.transaction().producersMax());
    DistributedCatalogView catalog =
        DistributedCatalogView.start(context, systemTopics, settings.catalog());
    DueClock dueClock = DueClock.ofSystem(settings.schedule().clockSettle());
    Children children =
        new Children(
            settings,
            layout,
            systemTopics,
            system,
            CatalogPublisher.distributed(system),
            logGroup -> LocalLogs.get(system).find(logGroup),
            producers,
            catalog,
            dueClock);
    ActorRef<LocalLeaders.Command> led =
        context.spawn(
            LocalLeaders.create(
                logGroup ->
                    LogGroup.create(
                        new LogGroup.Home(
                            logGroup,
                            layout.homes(),
                            settings.logGroup(),
                            name -> localLog(system, name),
                            children))),
            "leaders");
    ActorRef<ShardingEnvelope<LogGroup.Command>> region = LogGroup.init(system, allocation, led);
    LeaderDirectory leaders = new LeaderDirectory();
    ActorRef<Knocker.Command> knocker =
        context.spawn(
            Knocker.create(layout.book()::logGroupNames, region, leaders, settings.knocker()),
            "knocker");
    if (!layout.alone()) {
      context.spawn(LeaderHandOver.create(led, knocker), LeaderHandOver.NAME);
    }
    layout.book().addListener(plan -> knocker.tell(Knocker.logGroupsGrew()));
    context.spawn(
        CatalogFinder.create(layout.homes().get(0), leaders, catalog::catalogIs), "catalog-finder");
    return new LogGroups(layout.homes(), leaders, catalog, producers, dueClock);
  }

  private static @Nullable ActorRef<CommitLog.Command> localLog(
      ActorSystem<?> system, String logGroup) {
    LocalLog log = LocalLogs.get(system).find(logGroup);
    return log == null ? null : log.commitLog();
  }

  /** The actors that live under a leader. */
  private record Children(
      Settings settings,
      Layout layout,
      Supplier<Map<String, TopicConfig>> systemTopics,
      ActorSystem<?> system,
      CatalogPublisher publisher,
      Function<String, @Nullable LocalLog> localLogs,
      Producers producers,
      CatalogView catalogView,
      DueClock dueClock)
      implements LogGroupChildren {
    @Override
    public Queue.Start queue(QueueKey key, Leadership leadership) {
      return Queue.create(key, leadership, settings.queue(), Children::nowMs);
    }

    @Override
    public Behavior<ConsumerGroup.Command> consumerGroup(String group, Leadership leadership) {
      return ConsumerGroup.create(
          new ConsumerGroup.Identity(leadership.logGroup(), group),
          new ConsumerGroup.Surroundings(
              settings.consumer(), Children::nowMs, leadership::proveCurrent));
    }

    @Override
    public Behavior<LogGroup.PartCommand> part(LogGroup.Part part, PartHome home) {
      return switch (part) {
        case RECORDS ->
            RecordReader.create(home.leadership().log(), committedPosition(home.leadership()))
                .unsafeCast();
        case KEYS ->
            MessageFinder.create(
                    home.leadership().log(),
                    committedPosition(home.leadership()),
                    settings.finder())
                .unsafeCast();
        case TRANSACTIONS ->
            TransactionChecker.create(
                    new TransactionChecker.Home(
                        home.leadership().logGroup(),
                        home.leadership().log(),
                        home.writer(),
                        producers,
                        settings.transaction(),
                        dueClock::nowMs))
                .unsafeCast();
        case SCHEDULE ->
            Scheduler.create(
                    new Scheduler.Home(
                        home.leadership().logGroup(),
                        home.leadership().log(),
                        home.logGroup(),
                        home.writer(),
                        TargetQueues.in(catalogView::topic)),
                    settings.schedule(),
                    dueClock)
                .unsafeCast();
        case RETENTION ->
            OldSegments.create(
                    new OldSegments.Home(
                        home.leadership().logGroup(),
                        home.leadership().epoch(),
                        home.leadership().log(),
                        committedPosition(home.leadership()),
                        home.logGroup(),
                        home.leadership().commitLog()),
                    settings.retention(),
                    dueClock)
                .unsafeCast();
      };
    }

    /** How far the log of a leadership may be shown; nothing of it once it isn't on this node. */
    private LongSupplier committedPosition(Leadership leadership) {
      return () -> {
        LocalLog log = localLogs.apply(leadership.logGroup());
        return log == null ? 0 : log.committedPosition();
      };
    }

    @Override
    public Behavior<Catalog.Command> catalog(Leadership leadership) {
      return Catalog.create(
          leadership.logGroup(),
          settings.catalog(),
          layout.alone()
              ? KeptTopics.NONE
              : new KeptTopics(
                  () -> layout.book().logGroupNames().size(), !settings.catalog().growOnJoin()),
          systemTopics,
          publisher);
    }

    @Override
    public @Nullable Behavior<CharterKeeper.Command> charterKeeper(Leadership leadership) {
      return layout.alone()
          ? null
          : CharterKeeper.create(
              leadership.logGroup(),
              layout.book().founding(),
              CharterPublisher.distributed(system));
    }

    private static long nowMs() {
      return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
  }
}
