package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.PopCommand;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.replication.Undeliverable;
import io.sampo.cluster.serialization.ControlMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ConsumerGroup} is told and says about pop consumption: handing out messages that
 * come again unless they are acknowledged. The rules are {@link PopState}'s.
 *
 * <p>The group decides which offsets somebody gets, and who asked reads them from the queue, whose
 * log group may be another. New messages are found by reading, so that takes two steps: {@link Pop}
 * is answered with the right to read one queue ({@link ReadNew}), and what was found is told with
 * {@link QueueRead}, which hands it out.
 */
public final class Popping {
  private Popping() {}

  /** What the group is told. */
  public sealed interface Request extends PopCommand, Undeliverable {
    /** Answers that the request was not carried out. */
    void refused(GroupRefused refusal);

    @Override
    default void undelivered() {
      refused(GroupRefused.NOT_LEADING);
    }
  }

  /**
   * What somebody wants to pop.
   *
   * @param logGroup whose queues are meant
   * @param queueId -1 for all queues of the topic in the log group
   * @param queues the topic's queues there: 0 to so many
   * @param messagesMax at least 1
   * @param invisibleMs how long others don't get what is handed out
   * @param waitMs how long to wait for a message, 0 not at all
   * @param inOrder whether a queue's next messages must wait for those before
   * @param attemptId with {@code inOrder}: names the request and its repetitions, null when it has
   *     no name
   * @param peek whether it is only asked if there is something; nothing is handed out
   */
  public record Wish(
      String logGroup,
      String topic,
      int queueId,
      int queues,
      int messagesMax,
      long invisibleMs,
      long waitMs,
      boolean inOrder,
      @Nullable String attemptId,
      boolean peek) {
    /** The same wish, with another wait. */
    public Wish withWaitMs(long otherWaitMs) {
      return new Wish(
          logGroup,
          topic,
          queueId,
          queues,
          messagesMax,
          invisibleMs,
          otherWaitMs,
          inOrder,
          attemptId,
          peek);
    }

    boolean wants(int queue) {
      return queueId < 0 ? queue < queues : queueId == queue;
    }
  }

  /** Pops; see {@link PopReply}. */
  public record Pop(Wish wish, ReplyTo<PopReply> replyTo)
      implements Request, GroupQuestion<PopReply> {
    @Override
    public Pop answeredTo(ReplyTo<PopReply> other) {
      return new Pop(wish, other);
    }

    @Override
    public boolean endsWith(PopReply reply) {
      return !(reply instanceof WatchQueue);
    }

    @Override
    public void refused(GroupRefused refusal) {
      replyTo.tell(refusal);
    }
  }

  /** The right to read a queue, for a short while and for one. */
  public record Lease(GroupQueue queue, long id) {}

  /**
   * What was found under a lease; goes on with the {@link Pop}.
   *
   * @param wish as in the {@link Pop}, with the wait that is left
   * @param offsets of messages that match, ascending; nothing else within the extent does
   */
  public record QueueRead(
      Lease lease, Wish wish, Extent extent, long[] offsets, ReplyTo<PopReply> replyTo)
      implements Request, GroupQuestion<PopReply> {
    @Override
    public QueueRead answeredTo(ReplyTo<PopReply> other) {
      return new QueueRead(lease, wish, extent, offsets, other);
    }

    @Override
    public boolean endsWith(PopReply reply) {
      return !(reply instanceof WatchQueue);
    }

    @Override
    public void refused(GroupRefused refusal) {
      replyTo.tell(refusal);
    }
  }

  /**
   * What was looked at.
   *
   * @param from where reading began: what {@link ReadNew} said, or where the queue begins or ends
   *     when that is elsewhere
   * @param reached the offset after the last one looked at
   * @param end the queue's end when it was read
   */
  public record Extent(long from, long reached, long end) {}

  /** The queue could not be read; the lease ends, and the pop. */
  public record ReadFailed(Lease lease) implements Request {
    @Override
    public void refused(GroupRefused refusal) {
      // nobody waits
    }
  }

  /** What {@link WatchQueue} asked for came to its end. */
  public record WatchEnded(GroupQueue queue, WatchEnd end) implements Request {
    @Override
    public void refused(GroupRefused refusal) {
      // nobody waits
    }
  }

  /** How watching ended. */
  public enum WatchEnd {
    /** There may be new messages. */
    GREW,
    /** Nothing came. */
    QUIET,
    /** The queue can't be watched at the moment. */
    FAILED
  }

  /** One step on the way of a {@link Pop}, or its end. */
  public sealed interface PopReply extends ControlMessage
      permits ReadNew, WatchQueue, Popped, SomethingThere, NothingPopped, GroupRefused {}

  /**
   * Read this queue, and tell with {@link QueueRead} or {@link ReadFailed}.
   *
   * @param from where to begin; -1 when the group never consumed the queue
   * @param messagesMax at most so many
   */
  public record ReadNew(Lease lease, long from, int messagesMax) implements PopReply {}

  /**
   * Watch the queue for messages from the offset on and tell with {@link WatchEnded}, even when the
   * pop ends before. The pop's next reply is still to come.
   */
  public record WatchQueue(GroupQueue queue, long from) implements PopReply {}

  /**
   * These are handed out, durably. The end of the pop.
   *
   * @param again whether they were handed out before and must still be read; else they are those of
   *     the {@link QueueRead}
   * @param offsets ascending
   * @param deliveries for each offset how often it was handed out, this time included
   */
  public record Popped(
      GroupQueue queue,
      boolean again,
      long popTimeMs,
      long invisibleMs,
      long[] offsets,
      int[] deliveries)
      implements PopReply {}

  /** There is something to pop; the end of a peek. */
  public enum SomethingThere implements PopReply {
    INSTANCE
  }

  /** Nothing is handed out. The end of the pop. */
  public enum NothingPopped implements PopReply {
    /** Nothing came while it waited. */
    WAIT_OVER,
    /** Nothing is there, and too many wait already. */
    TOO_MANY_WAITING,
    /** The lease had ended; what was read is not handed out. */
    LEASE_LOST
  }

  /** A delivery: the offset and the pop time that it was handed out with. */
  public record Delivery(long offset, long popTimeMs) {}

  /** Acknowledges deliveries of one queue; answered once that is durable. */
  public record Ack(GroupQueue queue, List<Delivery> deliveries, ReplyTo<DeliveryReply> replyTo)
      implements Request, GroupQuestion<DeliveryReply> {
    public Ack {
      deliveries = List.copyOf(deliveries);
    }

    @Override
    public Ack answeredTo(ReplyTo<DeliveryReply> other) {
      return new Ack(queue, deliveries, other);
    }

    @Override
    public void refused(GroupRefused refusal) {
      replyTo.tell(refusal);
    }
  }

  /** Sets when a delivery becomes visible again; answered once that is durable. */
  public record ChangeInvisible(
      GroupQueue queue, Delivery delivery, long invisibleMs, ReplyTo<DeliveryReply> replyTo)
      implements Request, GroupQuestion<DeliveryReply> {
    @Override
    public ChangeInvisible answeredTo(ReplyTo<DeliveryReply> other) {
      return new ChangeInvisible(queue, delivery, invisibleMs, other);
    }

    @Override
    public void refused(GroupRefused refusal) {
      replyTo.tell(refusal);
    }
  }

  /** These deliveries reached nobody: they are visible again at once, and don't count. */
  public record GiveBack(GroupQueue queue, List<Delivery> deliveries) implements Request {
    public GiveBack {
      deliveries = List.copyOf(deliveries);
    }

    @Override
    public void refused(GroupRefused refusal) {
      // nobody waits, and their time ends by itself
    }
  }

  /** The answer to {@link Ack} and {@link ChangeInvisible}. */
  public sealed interface DeliveryReply extends ControlMessage
      permits Acked, InvisibleChanged, GroupRefused {}

  /**
   * What was acknowledged.
   *
   * @param count how many of the deliveries were the last ones of their offsets; the others change
   *     nothing
   */
  public record Acked(int count) implements DeliveryReply {}

  /**
   * The time is set.
   *
   * @param popTimeMs which names the delivery from now on; -1 when it was not the offset's last,
   *     and nothing changed
   */
  public record InvisibleChanged(long popTimeMs) implements DeliveryReply {}

  /**
   * How a topic is consumed by the group's clients that leave this to the broker.
   *
   * @param pop whether they pop; else they pull
   * @param sharedQueues with pop: how many other clients' queues a client pops beside its own, 0 or
   *     less for all
   */
  public record Mode(boolean pop, int sharedQueues) {
    /** As long as nobody says otherwise. */
    public static final Mode PULL = new Mode(false, 0);
  }

  /** Sets how a topic is consumed; answered with {@link ModeIs} once that is durable. */
  public record SetMode(String topic, Mode mode, ReplyTo<ModeReply> replyTo)
      implements Request, GroupQuestion<ModeReply> {
    @Override
    public SetMode answeredTo(ReplyTo<ModeReply> other) {
      return new SetMode(topic, mode, other);
    }

    @Override
    public void refused(GroupRefused refusal) {
      replyTo.tell(refusal);
    }
  }

  /** Asks how a topic is consumed. */
  public record GetMode(String topic, ReplyTo<ModeReply> replyTo)
      implements Request, GroupQuestion<ModeReply> {
    @Override
    public GetMode answeredTo(ReplyTo<ModeReply> other) {
      return new GetMode(topic, other);
    }

    @Override
    public void refused(GroupRefused refusal) {
      replyTo.tell(refusal);
    }
  }

  /** The answer to {@link SetMode} and {@link GetMode}. */
  public sealed interface ModeReply extends ControlMessage permits ModeIs, GroupRefused {}

  /** The mode of the topic. */
  public record ModeIs(Mode mode) implements ModeReply {}
}
