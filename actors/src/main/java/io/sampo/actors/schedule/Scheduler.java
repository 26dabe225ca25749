package io.sampo.actors.schedule;

import io.sampo.actors.group.CrossQueueWriter;
import io.sampo.actors.group.LogGroup;
import io.sampo.actors.group.Queue;
import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.AppendReply;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.replication.Undeliverable;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.StashBuffer;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Takes the messages of a log group that are to be delivered later, and the questions about them. A
 * message that was answered is in the log, in {@link ScheduledMessage#QUEUE}; the rest is up to its
 * child {@link DueMessages}, which may wait for the disk and therefore has a thread of its own. One
 * per log group, child of its leader, on the default dispatcher.
 */
public final class Scheduler extends AbstractBehavior<Scheduler.Command> {
  /** What the scheduler is told. */
  public sealed interface Command extends LogGroup.PartCommand {}

  /**
   * Stores messages until they are due, all or none. Takes over the drafts and releases them.
   *
   * @param messages made by {@link ScheduledMessage#toSchedule}
   * @param replyTo answered as an append to a queue, with the offsets in the schedule
   */
  public record Schedule(List<MessageDraft> messages, ReplyTo<ScheduleReply> replyTo)
      implements Command, Undeliverable {
    @Override
    public void undelivered() {
      refuse(new NotAppended(AppendRefused.NOT_LEADING));
    }

    private void refuse(ScheduleReply refusal) {
      messages.forEach(MessageDraft::release);
      replyTo.tell(refusal);
    }
  }

  /** The answer to {@link Schedule}. */
  public sealed interface ScheduleReply {}

  /** They are stored and will be delivered. */
  public record Scheduled(AppendReply.Appended appended) implements ScheduleReply {}

  /** It is scheduled, but the log says {@link AppendReply.NotOnAll} of it. */
  public record ScheduledNotOnAll(ScheduleReply stored, boolean waited) implements ScheduleReply {}

  /**
   * The message is stored already: this was the retry of a send whose answer was missed.
   *
   * @param offset of the first attempt in the schedule
   * @param position of its record in the log
   * @param dueMs when that one is due; 0 for a dead letter, which isn't
   * @param queueId the queue that it goes to
   */
  public record ScheduledBefore(long offset, long position, long dueMs, int queueId)
      implements ScheduleReply {}

  /** They could not be stored. */
  public record NotAppended(AppendRefused reason) implements ScheduleReply {}

  /** As many messages wait as may, by {@code sampo.schedule.pending-max}. */
  public record TooManyPending(long pendingMax) implements ScheduleReply {}

  /** A question about messages that wait. */
  sealed interface Question extends Command, Undeliverable {}

  /**
   * Cancels a message.
   *
   * @param topic that it was sent to
   * @param dueMs when it is due
   * @param uniqueKey the id that its producer gave it
   */
  public record Recall(String topic, long dueMs, String uniqueKey, ReplyTo<RecallReply> replyTo)
      implements Question {
    @Override
    public void undelivered() {
      replyTo.tell(RecallReply.NOT_LEADING);
    }
  }

  /** The answer to {@link Recall}. */
  public enum RecallReply {
    /** It is not going to be delivered. */
    RECALLED,
    /** No such message waits; it may have been delivered or recalled. */
    NOT_PENDING,
    /** Too many wait for such an answer, try again. */
    BUSY,
    /** That could not be written. */
    NOT_WRITTEN,
    /** The log group is not, or no longer, led here; try again. */
    NOT_LEADING
  }

  /**
   * Lists messages that wait, in the order of delivery.
   *
   * @param dueMs from this time on
   * @param afterOffset of those of that very time only the ones behind this offset, -1 for all
   * @param limit how many, at most {@link #LIST_MAX} come
   */
  public record ListPending(long dueMs, long afterOffset, int limit, ReplyTo<PendingReply> replyTo)
      implements Question {
    @Override
    public void undelivered() {
      replyTo.tell(new Pending(false, 0, List.of()));
    }
  }

  /** The answer to {@link ListPending}. */
  public sealed interface PendingReply {}

  /**
   * Messages that wait.
   *
   * @param complete false while the log is still being read: then there may be more, and some of
   *     these may have been delivered
   * @param count how many wait altogether
   */
  public record Pending(boolean complete, long count, List<PendingMessage> messages)
      implements PendingReply {}

  /**
   * A message that waits.
   *
   * @param dueMs when it is due, in milliseconds since the epoch
   * @param offset its offset in the schedule
   * @param position of its record in the log
   * @param target the queue that it goes to
   * @param uniqueKey the id that its producer gave it, null without one
   */
  public record PendingMessage(
      long dueMs, long offset, long position, QueueKey target, @Nullable String uniqueKey) {}

  /** The most messages that {@link ListPending} is answered with. */
  public static final int LIST_MAX = 1000;

  /**
   * Has everything that waits below a position of the log carried to its end, so that the log's
   * beginning can be dropped.
   *
   * @param position at most the commit position
   * @param replyTo told a position below which nothing waits: the one asked for, or a lower one
   *     when that can't be done now
   */
  public record ReleaseBelow(long position, ReplyTo<Long> replyTo) implements Question {
    @Override
    public void undelivered() {
      replyTo.tell(0L);
    }
  }

  /** How many wait, as the index has it. Our child tells us. */
  record PendingCount(long pending) implements Command {}

  private record QueueAnswered(LogGroup.QueueReply reply) implements Command {}

  private enum ResolveAgain implements Command {
    INSTANCE
  }

  /**
   * What the scheduler of a log group has to do with.
   *
   * @param log the read side of the local replica
   * @param leader the leader, which knows the actors of the queues
   * @param writer appends to any queues of the log group
   * @param targets where a message goes whose own queue may be gone
   */
  public record Home(
      String logGroup,
      LogReader log,
      ActorRef<LogGroup.Command> leader,
      ActorRef<CrossQueueWriter.Command> writer,
      TargetQueues targets) {}

  private static final int STASH_MAX = 4096;
  private static final Duration AGAIN = Duration.ofMillis(200);
  private static final Duration RESTART_MIN = Duration.ofMillis(200);
  private static final Duration RESTART_MAX = Duration.ofSeconds(10);
  private static final double RESTART_RANDOM = 0.2;

  private final long pendingMax;
  private final ActorRef<DueMessages.Command> dueMessages;
  private final ActorRef<Queue.Command> schedule;
  private final LogReader log;
  private long pending;

  private Scheduler(
      ActorContext<Command> context,
      long pendingMax,
      ActorRef<DueMessages.Command> dueMessages,
      ActorRef<Queue.Command> schedule,
      LogReader log) {
    super(context);
    this.pendingMax = pendingMax;
    this.dueMessages = dueMessages;
    this.schedule = schedule;
    this.log = log;
  }

  /**
   * @param clock the node's
   */
  public static Behavior<Command> create(Home home, ScheduleSettings settings, DueClock clock) {
    return Behaviors.withStash(
        STASH_MAX,
        stash ->
            Behaviors.withTimers(
                timers ->
                    Behaviors.setup(
                        context -> resolving(context, timers, stash, home, settings, clock))));
  }

  /** Waits for the actor of the schedule's queue. */
  private static Behavior<Command> resolving(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      StashBuffer<Command> stash,
      Home home,
      ScheduleSettings settings,
      DueClock clock) {
    ActorRef<DueMessages.Command> dueMessages =
        context.spawn(
            Behaviors.supervise(
                    DueMessages.create(home, settings, clock, context.getSelf().narrow()))
                .onFailure(
                    RuntimeException.class,
                    SupervisorStrategy.restartWithBackoff(
                        RESTART_MIN, RESTART_MAX, RESTART_RANDOM)),
            "due-messages",
            DueMessages.dispatcher());
    ActorRef<LogGroup.QueueReply> replies =
        context.messageAdapter(LogGroup.QueueReply.class, QueueAnswered::new);
    LogGroup.ResolveQueue question = new LogGroup.ResolveQueue(ScheduledMessage.QUEUE, replies);
    home.leader().tell(question);
    return Behaviors.receive(Command.class)
        .onMessage(
            QueueAnswered.class,
            answered -> {
              if (answered.reply() instanceof LogGroup.QueueResolved resolved) {
                return stash.unstashAll(
                    new Scheduler(
                        context, settings.pendingMax(), dueMessages, resolved.actor(), home.log()));
              }
              timers.startSingleTimer(ResolveAgain.INSTANCE, AGAIN);
              return Behaviors.same();
            })
        .onMessageEquals(
            ResolveAgain.INSTANCE,
            () -> {
              home.leader().tell(question);
              return Behaviors.same();
            })
        .onAnyMessage(
            command -> {
              if (!stash.isFull()) {
                stash.stash(command);
              } else {
                refuse(command); // but of a count the next one is as good
              }
              return Behaviors.same();
            })
        .onSignal(
            PostStop.class,
            stopped -> {
              stash.forEach(Scheduler::refuse);
              return Behaviors.same();
            })
        .build();
  }

  private static void refuse(Command command) {
    if (command instanceof Undeliverable undeliverable) {
      undeliverable.undelivered();
    }
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Schedule.class, this::onSchedule)
        .onMessage(Recall.class, this::onQuestion)
        .onMessage(ListPending.class, this::onQuestion)
        .onMessage(ReleaseBelow.class, this::onQuestion)
        .onMessage(PendingCount.class, this::onPendingCount)
        .onMessage(QueueAnswered.class, late -> this)
        .onMessageEquals(ResolveAgain.INSTANCE, () -> this)
        .build();
  }

  /** The limit is not exact: what is on its way into the index is counted when it is there. */
  private Behavior<Command> onSchedule(Schedule asked) {
    if (pending + asked.messages().size() > pendingMax) {
      asked.refuse(new TooManyPending(pendingMax));
      return this;
    }
    schedule.tell(
        new Queue.Append(asked.messages(), reply -> asked.replyTo().tell(scheduleReply(reply))));
    return this;
  }

  /** On the thread of the log. */
  private ScheduleReply scheduleReply(AppendReply reply) {
    if (reply instanceof AppendReply.Appended appended) {
      return new Scheduled(appended);
    }
    if (reply instanceof AppendReply.AlreadyAppended earlier) {
      return scheduledBefore(earlier.queueOffset(), earlier.positions()[0]);
    }
    if (reply instanceof AppendReply.NotOnAll notOnAll) {
      return new ScheduledNotOnAll(scheduleReply(notOnAll.stored()), notOnAll.waited());
    }
    return new NotAppended((AppendRefused) reply);
  }

  private ScheduleReply scheduledBefore(long offset, long position) {
    try (LogSlice head = log.slice(position, MessageRecord.SIZE_BYTES_MIN)) {
      int sizeBytes =
          head == null ? 0 : MessageRecord.totalSize(head.bytes(), head.bytes().position());
      try (LogSlice slice = head == null ? null : log.slice(position, sizeBytes)) {
        if (slice == null) { // retention came in between, so it was due long ago
          return new NotAppended(AppendRefused.NOT_LEADING);
        }
        ByteBuffer bytes = slice.bytes();
        int at = bytes.position();
        if (!MessageRecord.topic(bytes, at).equals(ScheduledMessage.TOPIC)) {
          // returned before, and given up then
          return new ScheduledBefore(offset, position, 0, MessageRecord.queueId(bytes, at));
        }
        return new ScheduledBefore(
            offset,
            position,
            ScheduledMessage.deliverAtMs(bytes, at),
            ScheduledMessage.target(bytes, at).queueId());
      }
    }
  }

  private Behavior<Command> onQuestion(Question question) {
    dueMessages.tell(new DueMessages.Asked(question));
    return this;
  }

  private Behavior<Command> onPendingCount(PendingCount counted) {
    pending = counted.pending();
    return this;
  }
}
