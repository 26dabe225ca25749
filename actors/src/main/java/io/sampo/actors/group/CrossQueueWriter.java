package io.sampo.actors.group;

import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.AppendReply;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.replication.Undeliverable;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * Appends records of several queues of one log group together: after a crash all of them are there,
 * or none. What moves a message from one queue to another writes it and the note that it did so in
 * one such append, and so does it exactly once. Child of the log group's leader, one for all who
 * write there from inside; clients' sends go to the {@link Queue} directly.
 *
 * <p>Always holds: the actor of every queue exists before anything is appended to it from here, so
 * what it takes for committed at its start is; it hears how far it is committed before the writer
 * does; writes are appended in the order in which they came; each is answered once and its drafts
 * are released once.
 */
public final class CrossQueueWriter extends AbstractBehavior<CrossQueueWriter.Command> {
  /** What the writer is told. */
  public sealed interface Command {}

  /**
   * Appends records, all or none. Takes over the drafts and releases them.
   *
   * @param drafts at least one, of any queues of the log group
   * @param replyTo answered once they are committed, or with the refusal. Called on the writer's
   *     thread
   */
  public record Write(List<MessageDraft> drafts, ReplyTo<WriteReply> replyTo)
      implements Command, Undeliverable {
    public Write {
      if (drafts.isEmpty()) {
        throw new IllegalArgumentException("a write without records");
      }
    }

    @Override
    public void undelivered() {
      refuse(AppendRefused.NOT_LEADING);
    }

    private void refuse(AppendRefused reason) {
      drafts.forEach(MessageDraft::release);
      replyTo.tell(new NotWritten(reason));
    }
  }

  /** The answer to {@link Write}. */
  public sealed interface WriteReply {}

  /**
   * All records are committed.
   *
   * @param queueOffsets of each record in its queue, in the order of the drafts
   * @param positions of each record in the log
   */
  public record Written(long[] queueOffsets, long[] positions) implements WriteReply {}

  /** Nothing was written, unless the reason isn't {@link AppendRefused#isCertain() certain}. */
  public record NotWritten(AppendRefused reason) implements WriteReply {}

  private record QueueAnswered(LogGroup.QueueReply reply) implements Command {}

  private record LogAnswered(Write write, AppendReply reply) implements Command, Undeliverable {
    /** The writer has stopped, so nobody told the queues what the log may have taken. */
    @Override
    public void undelivered() {
      write
          .replyTo()
          .tell(
              new NotWritten(
                  reply instanceof AppendRefused refused
                      ? refused
                      : AppendRefused.LEADERSHIP_ENDED));
    }
  }

  private final Leadership leadership;
  private final ActorRef<LogGroup.Command> logGroup;
  private final int writesMax;
  private final ActorRef<LogGroup.QueueReply> queueReplies;
  private final Map<QueueKey, ActorRef<Queue.Command>> queues = new HashMap<>();

  /** Writes for whose first the queues are being looked up; they keep their order. */
  private final ArrayDeque<Write> waiting = new ArrayDeque<>();

  private final Set<QueueKey> asked = new HashSet<>();
  private int inFlight;

  private CrossQueueWriter(
      ActorContext<Command> context,
      Leadership leadership,
      ActorRef<LogGroup.Command> logGroup,
      int writesMax) {
    super(context);
    this.leadership = leadership;
    this.logGroup = logGroup;
    this.writesMax = writesMax;
    this.queueReplies = context.messageAdapter(LogGroup.QueueReply.class, QueueAnswered::new);
  }

  /**
   * @param logGroup the leader, which knows the actors of its queues; none of them ends before it
   * @param writesMax writes that may be under way; more are refused
   */
  static Behavior<Command> create(
      Leadership leadership, ActorRef<LogGroup.Command> logGroup, int writesMax) {
    return Behaviors.setup(
        context -> new CrossQueueWriter(context, leadership, logGroup, writesMax));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Write.class, this::onWrite)
        .onMessage(QueueAnswered.class, this::onQueueAnswered)
        .onMessage(LogAnswered.class, this::onLogAnswered)
        .onSignal(PostStop.class, stopped -> onPostStop())
        .build();
  }

  private Behavior<Command> onWrite(Write write) {
    if (waiting.size() + inFlight >= writesMax) {
      write.refuse(AppendRefused.WINDOW_FULL);
      return this;
    }
    waiting.add(write);
    if (waiting.size() == 1) {
      appendWaiting();
    }
    return this;
  }

  /** Appends what waits, up to the first write with a queue whose actor isn't known. */
  private void appendWaiting() {
    Write write;
    while ((write = waiting.peek()) != null && allQueuesKnown(write)) {
      waiting.remove();
      append(write);
    }
  }

  private boolean allQueuesKnown(Write write) {
    boolean known = true;
    for (MessageDraft draft : write.drafts()) {
      QueueKey queue = draft.queue();
      if (!queues.containsKey(queue)) {
        known = false;
        if (asked.add(queue)) {
          logGroup.tell(new LogGroup.ResolveQueue(queue, queueReplies));
        }
      }
    }
    return known;
  }

  private Behavior<Command> onQueueAnswered(QueueAnswered answered) {
    if (answered.reply() instanceof LogGroup.QueueResolved resolved) {
      queues.put(resolved.queue(), resolved.actor());
      asked.remove(resolved.queue());
    } else if (answered.reply() instanceof LogGroup.ResolveRefused refused) {
      // Only the first one's queues are ever asked for; another of them may still be answered.
      getContext().getLog().warn("nothing is written to a queue: {}", refused.reason());
      asked.clear();
      Write write = waiting.poll();
      if (write != null) {
        write.refuse(AppendRefused.WINDOW_FULL);
      }
    }
    appendWaiting();
    return this;
  }

  private void append(Write write) {
    inFlight++;
    ActorRef<Command> self = getContext().getSelf();
    leadership
        .commitLog()
        .tell(
            new CommitLog.Append(
                leadership.epoch(),
                write.drafts(),
                null,
                reply -> self.tell(new LogAnswered(write, reply))));
  }

  private Behavior<Command> onLogAnswered(LogAnswered answered) {
    inFlight--;
    Write write = answered.write();
    if (answered.reply() instanceof Appended appended) {
      write.replyTo().tell(committed(write, appended.positions()));
    } else if (answered.reply() instanceof AppendRefused refused) {
      write.replyTo().tell(new NotWritten(refused)); // the log has released the drafts
    }
    return this;
  }

  private Written committed(Write write, long[] positions) {
    long[] offsets = new long[positions.length];
    Map<QueueKey, Long> nextOffsets = new HashMap<>();
    for (int i = 0; i < positions.length; i++) {
      offsets[i] = queueOffset(positions[i]);
      nextOffsets.put(write.drafts().get(i).queue(), offsets[i] + 1);
    }
    nextOffsets.forEach(
        (queue, nextOffset) -> {
          ActorRef<Queue.Command> actor = queues.get(queue);
          if (actor == null) {
            throw new IllegalStateException(queue + " was written and has no actor");
          }
          actor.tell(new Queue.Committed(nextOffset));
        });
    return new Written(offsets, positions);
  }

  private long queueOffset(long position) {
    try (LogSlice slice = leadership.log().slice(position, MessageRecord.SIZE_BYTES_MIN)) {
      if (slice == null) {
        throw new IllegalStateException("the record just written at " + position + " is gone");
      }
      ByteBuffer bytes = slice.bytes();
      return MessageRecord.queueOffset(bytes, bytes.position());
    }
  }

  private Behavior<Command> onPostStop() {
    waiting.forEach(Write::undelivered);
    waiting.clear();
    return this;
  }
}
