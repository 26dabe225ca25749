package io.sampo.actors.catalog;

import io.sampo.cluster.serialization.ControlMessage;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * SKELETON of the event-sourced catalog of topics and subscription groups: its protocol, which the
 * routing module builds on.
 */
public final class Catalog {
  private Catalog() {}

  /** What the catalog is told. */
  public sealed interface Command extends ControlMessage {}

  /** Creates the topic unless it is there; answers with what is there after it. */
  public record EnsureTopic(TopicConfig wanted, ActorRef<TopicReply> replyTo) implements Command {}

  /** Creates or replaces a topic. */
  public record PutTopic(TopicConfig topic, ActorRef<TopicReply> replyTo) implements Command {}

  /** Asks for a topic. */
  public record GetTopic(String name, ActorRef<TopicReply> replyTo) implements Command {}

  /** The answer about a topic. */
  public sealed interface TopicReply extends ControlMessage {}

  /**
   * The topic as it is now, and durable.
   *
   * @param revision of the catalog; an answer or copy of a higher revision is newer
   */
  public record TopicFound(TopicConfig topic, long revision) implements TopicReply {}

  /** There is no such topic. */
  public record TopicMissing(String name) implements TopicReply {}

  /**
   * Creates the group and its retry topic unless they are there; answers with what is there after
   * it.
   */
  public record EnsureGroup(SubscriptionGroupConfig wanted, ActorRef<GroupReply> replyTo)
      implements Command {}

  /** Asks for a group. */
  public record GetGroup(String name, ActorRef<GroupReply> replyTo) implements Command {}

  /** The answer about a group. */
  public sealed interface GroupReply extends ControlMessage {}

  /**
   * The group as it is now, and durable.
   *
   * @param retryTopic the group's %RETRY% topic
   * @param revision of the catalog; an answer or copy of a higher revision is newer
   */
  public record GroupFound(SubscriptionGroupConfig group, TopicConfig retryTopic, long revision)
      implements GroupReply {}

  /** There is no such group. */
  public record GroupMissing(String name) implements GroupReply {}

  /**
   * The name or the numbers of a topic or group are not allowed, or a limit is reached; the reason
   * goes to the client.
   */
  public record CatalogRefused(String reason) implements TopicReply, GroupReply {}
}
