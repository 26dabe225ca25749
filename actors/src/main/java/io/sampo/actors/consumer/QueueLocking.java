package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.LockCommand;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.serialization.ControlMessage;
import java.util.List;

/**
 * What a {@link ConsumerGroup} is told and says about queue locks, the right to consume a queue in
 * order. The rules are {@link QueueLocks}'.
 */
public final class QueueLocking {
  private QueueLocking() {}

  /** What clients ask about locks. */
  public sealed interface LockRequest extends LockCommand, GroupQuestion<LockReply> {
    /** Who holds or wants the locks. */
    String clientId();

    /** Of any topics and log groups. */
    List<GroupQueue> queues();

    @Override
    LockRequest answeredTo(ReplyTo<LockReply> other);

    @Override
    default void undelivered() {
      replyTo().tell(GroupRefused.NOT_LEADING);
    }
  }

  /**
   * Acquires and renews, whatever else the client holds; answered with {@link QueuesLocked} once
   * what was acquired is durable, or {@link GroupRefused#NOT_A_MEMBER}.
   */
  public record LockQueues(String clientId, List<GroupQueue> queues, ReplyTo<LockReply> replyTo)
      implements LockRequest {
    public LockQueues {
      queues = List.copyOf(queues);
    }

    @Override
    public LockQueues answeredTo(ReplyTo<LockReply> other) {
      return new LockQueues(clientId, queues, other);
    }
  }

  /** Gives locks back; answered with {@link QueuesUnlocked} once that is durable. */
  public record UnlockQueues(String clientId, List<GroupQueue> queues, ReplyTo<LockReply> replyTo)
      implements LockRequest {
    public UnlockQueues {
      queues = List.copyOf(queues);
    }

    @Override
    public UnlockQueues answeredTo(ReplyTo<LockReply> other) {
      return new UnlockQueues(clientId, queues, other);
    }
  }

  /** Asks whether the group holds any lock; answered with {@link LocksHeld}. */
  public record AskLocksHeld(ReplyTo<LockReply> replyTo) implements LockRequest {
    @Override
    public AskLocksHeld answeredTo(ReplyTo<LockReply> other) {
      return new AskLocksHeld(other);
    }

    @Override
    public String clientId() {
      return ""; // anybody
    }

    @Override
    public List<GroupQueue> queues() {
      return List.of();
    }
  }

  /** The answer to {@link LockQueues}, {@link UnlockQueues} and {@link AskLocksHeld}. */
  public sealed interface LockReply extends ControlMessage
      permits QueuesLocked, QueuesUnlocked, LocksHeld, GroupRefused {}

  /**
   * Whether the group consumes in order.
   *
   * @param any whether any client holds a lock whose time isn't over
   */
  public record LocksHeld(boolean any) implements LockReply {}

  /**
   * The client holds these.
   *
   * @param queues those of the asked ones that it holds now, durably and for the lock's time
   */
  public record QueuesLocked(List<GroupQueue> queues) implements LockReply {
    public QueuesLocked {
      queues = List.copyOf(queues);
    }
  }

  /** The client holds none of the queues that it named. */
  public enum QueuesUnlocked implements LockReply {
    INSTANCE
  }
}
