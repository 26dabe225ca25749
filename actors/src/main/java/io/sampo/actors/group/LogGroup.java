package io.sampo.actors.group;

import io.sampo.actors.catalog.Catalog;
import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.Undeliverable;
import io.sampo.cluster.serialization.ControlMessage;
import io.sampo.record.QueueKey;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.StashBuffer;
import org.apache.pekko.cluster.sharding.ShardCoordinator.ShardAllocationStrategy;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.cluster.sharding.typed.ShardingMessageExtractor;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.jspecify.annotations.Nullable;

/**
 * Leads a log group. Sharding decides on which node ({@link Appointment}); whether it may act is
 * decided by the log, which must grant it an epoch first.
 *
 * <p>Its life: {@link LogGroupElection electing} until the node's replica of the log leads, then
 * {@link LogGroupLeader leading} until the log ends, another one leads or a child breaks; then it
 * stops, and all that depends on the log stops with it. The next {@link Knock} starts one again,
 * with a new epoch. When sharding wants the log group led elsewhere it goes on leading until the
 * other one does: two of them do no harm, since the log obeys the newer one.
 */
public final class LogGroup {
  /** The entity type; the entity's id is the log group's name. */
  public static final EntityTypeKey<Command> TYPE_KEY =
      EntityTypeKey.create(Command.class, "LogGroup");

  private LogGroup() {}

  /** What a log group is told. */
  public sealed interface Command {}

  /** What it is told by others, from any node. */
  public sealed interface Request extends Command, ControlMessage {}

  /** Wakes the log group, and asks who leads it. Answered once it serves. */
  public record Knock(ActorRef<LeaderAnnouncement> replyTo) implements Request {}

  /** Who leads a log group; the newest epoch wins. */
  public record LeaderAnnouncement(String logGroup, long epoch, ActorRef<Command> leader)
      implements LeaderNews {}

  /** Asks for the actor of a queue, which is started when it isn't there. */
  public record ResolveQueue(QueueKey queue, ActorRef<QueueReply> replyTo)
      implements Request, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(ResolveRefused.LEADER_GONE);
    }
  }

  /** The answer to {@link ResolveQueue}. */
  public sealed interface QueueReply extends ControlMessage {}

  /** The actor of a queue; it stops when the leadership ends. */
  public record QueueResolved(QueueKey queue, ActorRef<Queue.Command> actor)
      implements QueueReply {}

  /** Asks for the actor of a consumer group that has its home in this log group. */
  public record ResolveConsumerGroup(String group, ActorRef<ConsumerGroupReply> replyTo)
      implements Request, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(ResolveRefused.LEADER_GONE);
    }
  }

  /** The answer to {@link ResolveConsumerGroup}. */
  public sealed interface ConsumerGroupReply extends ControlMessage {}

  /** The actor of a consumer group; it stops when the leadership ends. */
  public record ConsumerGroupResolved(String group, ActorRef<ConsumerGroup.Command> actor)
      implements ConsumerGroupReply {}

  /**
   * The services of a log group: each is an actor under its leader that begins and ends with the
   * leadership.
   */
  public enum Part {
    /** {@link RecordReader}. */
    RECORDS,
    /** {@link MessageFinder}. */
    KEYS,
    /** {@link io.sampo.actors.transaction.TransactionChecker}. */
    TRANSACTIONS,
    /** {@link io.sampo.actors.schedule.Scheduler}. */
    SCHEDULE,
    /** {@link io.sampo.actors.retention.OldSegments}; nobody asks for it. */
    RETENTION
  }

  /** What a {@link Part} is told. */
  public interface PartCommand {}

  /** Asks for the actor of a part. */
  public record ResolvePart(Part part, ActorRef<PartReply> replyTo)
      implements Request, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(ResolveRefused.LEADER_GONE);
    }
  }

  /** The answer to {@link ResolvePart}. */
  public sealed interface PartReply extends ControlMessage {}

  /** The actor of a part; it stops when the leadership ends. */
  public record PartResolved(Part part, ActorRef<PartCommand> actor) implements PartReply {}

  /** Asks for the catalog; only the first log group has it. */
  public record ResolveCatalog(ActorRef<CatalogReply> replyTo) implements Request, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(ResolveRefused.LEADER_GONE);
    }
  }

  /** The answer to {@link ResolveCatalog}. */
  public sealed interface CatalogReply extends ControlMessage {}

  /** The catalog's actor; it stops when the leadership ends. */
  public record CatalogResolved(ActorRef<Catalog.Command> actor) implements CatalogReply {}

  /**
   * The actor can't be had here: a limit is reached, or it isn't the home of what was asked for, or
   * the log group is not led here yet, or no longer.
   *
   * @param reason for people
   * @param askAgain whether a leader may have it, here or elsewhere, in a moment
   */
  public record ResolveRefused(String reason, boolean askAgain)
      implements QueueReply, ConsumerGroupReply, PartReply, CatalogReply {
    static final ResolveRefused LEADER_GONE = new ResolveRefused("its leader is gone", true);

    /** No leader will have it. */
    public ResolveRefused(String reason) {
      this(reason, false);
    }
  }

  /** What it tells itself; never leaves the node. */
  non-sealed interface InternalCommand extends Command {}

  /** What the log told: an answer to {@code Lead}, or later that the leadership ended. */
  record LogTold(CommitLog.LeadReply reply) implements InternalCommand {}

  /** Sharding takes an {@link Appointment} back. */
  enum HandOver implements InternalCommand {
    INSTANCE
  }

  /**
   * Another one is to lead.
   *
   * @param appointment told when that may begin: all that consumer groups hold is written
   */
  record Retire(ActorRef<Command> appointment) implements InternalCommand {}

  /** What a leader tells the other nodes' knockers. */
  sealed interface LeaderNews extends ControlMessage {}

  /** A leader is about to be followed by another one, which has to be woken. */
  record LeaderRetires(LeaderAnnouncement leader) implements LeaderNews {}

  /**
   * What a log group knows of its node.
   *
   * @param homes the log groups of the founding, first the one that has the catalog
   * @param localLogs the actor that owns the node's replica of a log group, null when there is none
   */
  record Home(
      String logGroup,
      List<String> homes,
      LogGroupSettings settings,
      Function<String, @Nullable ActorRef<CommitLog.Command>> localLogs,
      LogGroupChildren children) {
    boolean isFirst() {
      return logGroup.equals(homes.get(0));
    }
  }

  /**
   * Starts sharding of log groups on this node, once at its start.
   *
   * @param allocation which node is to lead which log group
   * @param leaders of this node
   * @return takes commands for any log group, by its name
   */
  static ActorRef<ShardingEnvelope<Command>> init(
      ActorSystem<?> system,
      ShardAllocationStrategy allocation,
      ActorRef<LocalLeaders.Command> leaders) {
    return ClusterSharding.get(system)
        .init(
            Entity.of(TYPE_KEY, entity -> Appointment.create(entity.getEntityId(), leaders))
                .withStopMessage(HandOver.INSTANCE)
                .withAllocationStrategy(allocation)
                .withSettings(ClusterShardingSettings.create(system).withNoPassivationStrategy())
                .withMessageExtractor(new ByLogGroup()));
  }

  /** Each log group is a shard of its own, so that each is placed by itself. */
  private static final class ByLogGroup
      extends ShardingMessageExtractor<ShardingEnvelope<Command>, Command> {
    @Override
    public String entityId(ShardingEnvelope<Command> envelope) {
      return envelope.entityId();
    }

    @Override
    public String shardId(String entityId) {
      return entityId;
    }

    @Override
    public Command unwrapMessage(ShardingEnvelope<Command> envelope) {
      return envelope.message();
    }
  }

  /** The behavior of one log group. */
  static Behavior<Command> create(Home home) {
    return Behaviors.withStash(
        home.settings().stashMax(),
        stash ->
            Behaviors.withTimers(
                timers ->
                    Behaviors.setup(
                        context -> new LogGroupElection(context, home, stash, timers))));
  }

  /**
   * The log group that is the home of a consumer group: of those of the founding the one whose name
   * together with the group's gives the highest hash. Log groups that were opened later are
   * nobody's home: a group's state is in its home's log and can't move to another.
   *
   * @param logGroups of the founding, at least one, in any order
   */
  public static String groupHome(String group, Collection<String> logGroups) {
    String home = null;
    long homeWeight = 0;
    for (String logGroup : logGroups) {
      long weight = mix(31L * group.hashCode() + ((long) logGroup.hashCode() << 32));
      if (home == null
          || weight > homeWeight
          || (weight == homeWeight && logGroup.compareTo(home) < 0)) {
        home = logGroup;
        homeWeight = weight;
      }
    }
    if (home == null) {
      throw new IllegalArgumentException("there are no log groups");
    }
    return home;
  }

  /** Spreads every input bit over all output bits (the finalizer of SplitMix64). */
  private static long mix(long bits) {
    long z = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** Answers what can't be served; a knock has no such answer. */
  static void refuse(Command command, String reason) {
    ResolveRefused refused = new ResolveRefused(reason, true);
    if (command instanceof ResolveQueue resolve) {
      resolve.replyTo().tell(refused);
    } else if (command instanceof ResolveConsumerGroup resolve) {
      resolve.replyTo().tell(refused);
    } else if (command instanceof ResolvePart resolve) {
      resolve.replyTo().tell(refused);
    } else if (command instanceof ResolveCatalog resolve) {
      resolve.replyTo().tell(refused);
    }
  }

  /** Stops a log group that never led. */
  static Behavior<Command> ended(StashBuffer<Command> stash) {
    stash.forEach(command -> refuse(command, "the log group moves to another node"));
    return Behaviors.stopped();
  }
}
