package io.sampo.actors.consumer;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.OffsetCommand;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.serialization.ControlMessage;
import java.util.Map;

/**
 * What a {@link ConsumerGroup} is told and says about its offsets: where it goes on in each queue.
 * The rules are {@link OffsetLedger}'s.
 */
public final class OffsetKeeping {
  private OffsetKeeping() {}

  /** Any of these; what is answered is answered after the journal was read. */
  public sealed interface Request extends OffsetCommand {}

  /** Sets the offset of a queue to what a client or tool says; answered once it is durable. */
  public record CommitOffset(GroupQueue queue, long offset, ReplyTo<CommitReply> replyTo)
      implements Request, GroupQuestion<CommitReply> {
    @Override
    public CommitOffset answeredTo(ReplyTo<CommitReply> other) {
      return new CommitOffset(queue, offset, other);
    }

    @Override
    public void undelivered() {
      replyTo.tell(GroupRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link CommitOffset}. */
  public sealed interface CommitReply extends ControlMessage
      permits OffsetCommitted, OffsetsReset, OffsetsForgotten, GroupRefused {}

  /**
   * The offset is durable.
   *
   * @param offset of the queue now; another than was committed while a reset keeps it
   */
  public record OffsetCommitted(long offset) implements CommitReply {}

  /**
   * Sets offsets from outside, whoever consumes. Until a consumer pulls a queue at its new offset,
   * what is committed for that queue is not taken over, and the consumer is sent there by the
   * answer to {@link CheckPull}.
   *
   * @param replyTo told {@link OffsetsReset} once all are durable
   */
  public record ResetOffsets(
      @JsonSerialize(converter = QueueOffsets.ToList.class)
          @JsonDeserialize(converter = QueueOffsets.FromList.class)
          Map<GroupQueue, Long> targets,
      ReplyTo<CommitReply> replyTo)
      implements Request, GroupQuestion<CommitReply> {
    public ResetOffsets {
      targets = Map.copyOf(targets);
    }

    @Override
    public ResetOffsets answeredTo(ReplyTo<CommitReply> other) {
      return new ResetOffsets(targets, other);
    }

    @Override
    public void undelivered() {
      replyTo.tell(GroupRefused.NOT_LEADING);
    }
  }

  /** The offsets were reset, durably. */
  public enum OffsetsReset implements CommitReply {
    INSTANCE
  }

  /**
   * Has the group forget the offsets of all queues, what it popped included: it begins anew. What
   * members commit from then on counts again.
   *
   * @param replyTo told {@link OffsetsForgotten} once that is durable
   */
  public record ForgetOffsets(ReplyTo<CommitReply> replyTo)
      implements Request, GroupQuestion<CommitReply> {
    @Override
    public ForgetOffsets answeredTo(ReplyTo<CommitReply> other) {
      return new ForgetOffsets(other);
    }

    @Override
    public void undelivered() {
      replyTo.tell(GroupRefused.NOT_LEADING);
    }
  }

  /** The group has no offsets, durably. */
  public enum OffsetsForgotten implements CommitReply {
    INSTANCE
  }

  /**
   * Asks whether a pull may go on at an offset; asked by those who were told that offsets of the
   * group were reset ({@link ConsumerGroup.MemberLink#offsetsReset}).
   */
  public record CheckPull(GroupQueue queue, long offset, ReplyTo<CheckReply> replyTo)
      implements Request, GroupQuestion<CheckReply> {
    @Override
    public CheckPull answeredTo(ReplyTo<CheckReply> other) {
      return new CheckPull(queue, offset, other);
    }

    @Override
    public void undelivered() {
      replyTo.tell(GroupRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link CheckPull}. */
  public sealed interface CheckReply extends ControlMessage
      permits PullMoved, PullGoesOn, GroupRefused {}

  /** The queue was reset: the consumer has to go on there. */
  public record PullMoved(long offset) implements CheckReply {}

  /**
   * The pull may go on.
   *
   * @param ask false when nobody has to ask for this group any more
   */
  public record PullGoesOn(boolean ask) implements CheckReply {}

  /**
   * Takes over an offset that came along with a pull: durable within the flush interval, and never
   * moves back.
   */
  public record AdvanceOffset(GroupQueue queue, long offset) implements Request {}

  /** Asks for a queue's offset. */
  public record GetOffset(GroupQueue queue, ReplyTo<OffsetReply> replyTo)
      implements Request, GroupQuestion<OffsetReply> {
    @Override
    public GetOffset answeredTo(ReplyTo<OffsetReply> other) {
      return new GetOffset(queue, other);
    }

    @Override
    public void undelivered() {
      replyTo.tell(GroupRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link GetOffset}. */
  public sealed interface OffsetReply extends ControlMessage permits OffsetFound, GroupRefused {}

  /**
   * The offset that the group goes on at.
   *
   * @param offset -1 when the group never committed one for the queue
   */
  public record OffsetFound(long offset) implements OffsetReply {}
}
