package io.sampo.actors.consumer;

import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.replication.Undeliverable;
import io.sampo.record.QueueKey;
import java.util.List;
import java.util.Map;

/**
 * SKELETON of the actor that is one consumer group for the whole cluster: its protocol, which the
 * routing module builds on.
 */
public final class ConsumerGroup {
  private ConsumerGroup() {}

  /** What a consumer group is told. */
  public sealed interface Command {}

  /**
   * A member's heartbeat: joins, renews, and replaces the member's subscriptions.
   *
   * @param member who and how
   * @param link how to reach the member; a different link of the same client replaces the old one
   */
  public record Heartbeat(Member member, MemberLink link, ReplyTo<HeartbeatReply> replyTo)
      implements Command, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(GroupRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link Heartbeat}. */
  public sealed interface HeartbeatReply {}

  /** The client is a member; whoever asks for the members from now on sees it. */
  public enum Joined implements HeartbeatReply {
    INSTANCE
  }

  /** Why a consumer group did not do what it was told. */
  public enum GroupRefused
      implements HeartbeatReply, MembersReply, SubscriptionReply, CommitReply, OffsetReply {
    /** The group has as many members as it may have. */
    TOO_MANY_MEMBERS,
    /** The group subscribes to as many topics as it may. */
    TOO_MANY_TOPICS,
    /** The group has offsets for as many queues as it may have. */
    TOO_MANY_QUEUES,
    /** More commits or questions wait for the log than may; try again. */
    TOO_MANY_WAITING,
    /** An offset is never negative. */
    NEGATIVE_OFFSET,
    /** The group is not, or no longer, led here; whether a commit is durable is not known. */
    NOT_LEADING
  }

  /**
   * A client left, by itself or because its connection closed; ignored when the link is no longer
   * the member's.
   */
  public record Leave(String clientId, MemberLink link) implements Command {}

  /**
   * A member as it describes itself.
   *
   * @param consumeType CONSUME_PASSIVELY, CONSUME_ACTIVELY or CONSUME_POP
   * @param messageModel CLUSTERING or BROADCASTING
   * @param consumeFrom such as CONSUME_FROM_LAST_OFFSET
   * @param subscriptions by topic
   */
  public record Member(
      String clientId,
      int language,
      int version,
      String consumeType,
      String messageModel,
      String consumeFrom,
      Map<String, Subscription> subscriptions) {
    public Member {
      subscriptions = Map.copyOf(subscriptions);
    }
  }

  /**
   * What a member wants of a topic.
   *
   * @param expression "*" or tags joined by "||", or SQL92
   * @param expressionType TAG or SQL92
   * @param version grows with each change
   */
  public record Subscription(
      String topic, String expression, String expressionType, long version) {}

  /** The connection of a member, as the group sees it. Equal to itself only. Never blocks. */
  public interface MemberLink {
    /** Tells the member that the group changed (code 40). */
    void groupChanged(String group);
  }

  /** Asks for the ids of all members, sorted. */
  public record GetMembers(ReplyTo<MembersReply> replyTo) implements Command, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(GroupRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link GetMembers}. */
  public sealed interface MembersReply {}

  /** The members' client ids; empty when there are none. */
  public record Members(List<String> clientIds) implements MembersReply {}

  /** Asks what the group wants of a topic, as its newest heartbeat said. */
  public record GetSubscription(String topic, ReplyTo<SubscriptionReply> replyTo)
      implements Command, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(GroupRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link GetSubscription}. */
  public sealed interface SubscriptionReply {}

  /** The group's subscription of the topic. */
  public record SubscriptionFound(Subscription subscription) implements SubscriptionReply {}

  /** Nobody in the group subscribed the topic. */
  public enum NoSubscription implements SubscriptionReply {
    INSTANCE
  }

  /**
   * The queue of a log group. A group is one actor for all log groups, and the same topic has
   * queues of the same numbers in each of them.
   */
  public record GroupQueue(String logGroup, QueueKey key) {}

  /** Sets the offset of a queue to what a client or tool says; answered once it is durable. */
  public record CommitOffset(GroupQueue queue, long offset, ReplyTo<CommitReply> replyTo)
      implements Command, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(GroupRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link CommitOffset}. */
  public sealed interface CommitReply {}

  /** The offset is durable. */
  public record OffsetCommitted(long offset) implements CommitReply {}

  /**
   * Takes over an offset that came with a pull or one-way: durable within the flush interval, and
   * never moves back.
   */
  public record AdvanceOffset(GroupQueue queue, long offset) implements Command {}

  /** Asks for a queue's offset. */
  public record GetOffset(GroupQueue queue, ReplyTo<OffsetReply> replyTo)
      implements Command, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(GroupRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link GetOffset}. */
  public sealed interface OffsetReply {}

  /**
   * The offset that the group goes on at.
   *
   * @param offset -1 when the group never committed one for the queue
   */
  public record OffsetFound(long offset) implements OffsetReply {}
}
