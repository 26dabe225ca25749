package io.sampo.actors.consumer;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.Member;
import io.sampo.actors.consumer.ConsumerGroup.Subscription;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.replication.Undeliverable;
import io.sampo.cluster.serialization.ControlMessage;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What tools ask a {@link ConsumerGroup} about itself. Answered from its memory, changes nothing.
 */
public final class GroupInsight {
  private GroupInsight() {}

  /** Any of these questions. */
  public sealed interface Question extends ConsumerGroup.InsightCommand, Undeliverable {}

  /** Asks who consumes, and what. */
  public record GetConnections(ReplyTo<ConnectionsReply> replyTo)
      implements Question, GroupQuestion<ConnectionsReply> {
    @Override
    public GetConnections answeredTo(ReplyTo<ConnectionsReply> other) {
      return new GetConnections(other);
    }

    @Override
    public void undelivered() {
      replyTo.tell(GroupRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link GetConnections}. */
  public sealed interface ConnectionsReply extends ControlMessage
      permits Connections, GroupRefused {}

  /**
   * The members as their newest heartbeats had them, sorted by their ids, and the newest
   * subscription of each topic.
   */
  public record Connections(List<Member> members, List<Subscription> subscriptions)
      implements ConnectionsReply {
    public Connections {
      members = List.copyOf(members);
      subscriptions = List.copyOf(subscriptions);
    }
  }

  /** Asks for all offsets of the group. */
  public record GetOffsets(ReplyTo<OffsetsReply> replyTo)
      implements Question, GroupQuestion<OffsetsReply> {
    @Override
    public GetOffsets answeredTo(ReplyTo<OffsetsReply> other) {
      return new GetOffsets(other);
    }

    @Override
    public void undelivered() {
      replyTo.tell(GroupRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link GetOffsets}. */
  public sealed interface OffsetsReply extends ControlMessage permits Offsets, GroupRefused {}

  /** The newest offsets, durable or about to be. */
  public record Offsets(
      @JsonSerialize(converter = QueueOffsets.ToList.class)
          @JsonDeserialize(converter = QueueOffsets.FromList.class)
          Map<GroupQueue, Long> byQueue)
      implements OffsetsReply {
    public Offsets {
      byQueue = Map.copyOf(byQueue);
    }
  }

  /** Asks which topics the group consumes. */
  public record GetTopics(ReplyTo<TopicsReply> replyTo)
      implements Question, GroupQuestion<TopicsReply> {
    @Override
    public GetTopics answeredTo(ReplyTo<TopicsReply> other) {
      return new GetTopics(other);
    }

    @Override
    public void undelivered() {
      replyTo.tell(GroupRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link GetTopics}. */
  public sealed interface TopicsReply extends ControlMessage permits Topics, GroupRefused {}

  /** The topics that the group has offsets of or that a member subscribes. */
  public record Topics(Set<String> names) implements TopicsReply {
    public Topics {
      names = Set.copyOf(names);
    }
  }

  /** Answers from what the group's actor has. */
  static void answer(Question question, GroupMembers members, OffsetLedger ledger) {
    if (question instanceof GetConnections get) {
      get.replyTo().tell(new Connections(members.members(), members.subscriptions()));
    } else if (question instanceof GetOffsets get) {
      get.replyTo().tell(new Offsets(ledger.all()));
    } else if (question instanceof GetTopics get) {
      Set<String> names = new HashSet<>();
      ledger.all().keySet().forEach(queue -> names.add(queue.key().topic()));
      members.subscriptions().forEach(subscription -> names.add(subscription.topic()));
      get.replyTo().tell(new Topics(names));
    }
  }
}
