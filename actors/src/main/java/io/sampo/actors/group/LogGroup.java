package io.sampo.actors.group;

import io.sampo.actors.catalog.Catalog;
import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.cluster.serialization.ControlMessage;
import io.sampo.record.QueueKey;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * SKELETON of the sharded entity that leads a log group: its protocol, which the routing module
 * builds on.
 */
public final class LogGroup {
  private LogGroup() {}

  /** What a log group is told. */
  public sealed interface Command extends ControlMessage {}

  /** Wakes the log group, and asks who leads it. Answered once it serves. */
  public record Knock(ActorRef<LeaderAnnouncement> replyTo) implements Command {}

  /** Who leads a log group; the newest epoch wins. */
  public record LeaderAnnouncement(String logGroup, long epoch, ActorRef<Command> leader)
      implements ControlMessage {}

  /** Asks for the actor of a queue, which is started when it isn't there. */
  public record ResolveQueue(QueueKey queue, ActorRef<QueueReply> replyTo) implements Command {}

  /** The answer to {@link ResolveQueue}. */
  public sealed interface QueueReply extends ControlMessage {}

  /** The actor of a queue; it stops when the leadership ends. */
  public record QueueResolved(QueueKey queue, ActorRef<Queue.Command> actor)
      implements QueueReply {}

  /** Asks for the actor of a consumer group that has its home in this log group. */
  public record ResolveConsumerGroup(String group, ActorRef<ConsumerGroupReply> replyTo)
      implements Command {}

  /** The answer to {@link ResolveConsumerGroup}. */
  public sealed interface ConsumerGroupReply extends ControlMessage {}

  /** The actor of a consumer group; it stops when the leadership ends. */
  public record ConsumerGroupResolved(String group, ActorRef<ConsumerGroup.Command> actor)
      implements ConsumerGroupReply {}

  /** Asks for the catalog; only the first log group has it. */
  public record ResolveCatalog(ActorRef<CatalogReply> replyTo) implements Command {}

  /** The answer to {@link ResolveCatalog}. */
  public sealed interface CatalogReply extends ControlMessage {}

  /** The catalog's actor; it stops when the leadership ends. */
  public record CatalogResolved(ActorRef<Catalog.Command> actor) implements CatalogReply {}

  /**
   * The actor can't be had here: a limit is reached, the log group is not led yet, or it isn't the
   * home of what was asked for. The reason is for people.
   */
  public record ResolveRefused(String reason)
      implements QueueReply, ConsumerGroupReply, CatalogReply {}
}
