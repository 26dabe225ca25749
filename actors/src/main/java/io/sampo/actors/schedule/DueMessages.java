package io.sampo.actors.schedule;

import io.sampo.actors.group.CrossQueueWriter;
import io.sampo.actors.group.LogGroup;
import io.sampo.actors.group.Queue;
import io.sampo.actors.schedule.Scheduler.ListPending;
import io.sampo.actors.schedule.Scheduler.Recall;
import io.sampo.actors.schedule.Scheduler.RecallReply;
import io.sampo.actors.schedule.Scheduler.ReleaseBelow;
import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.Undeliverable;
import io.sampo.record.MessageDraft;
import io.sampo.storage.log.LogSlice;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Delivers the messages of one log group whose time has come. Its state is in the log: what {@link
 * ScheduledMessage#QUEUE} holds and {@link DoneRecord#QUEUE} doesn't name waits. The {@link
 * DueIndex} only finds what is due without reading all of that. Waits for the disk, so it has a
 * thread of its own.
 *
 * <p>Its phases: it writes an empty note, behind which nothing of an earlier incarnation can come
 * any more; takes in the schedule, then the notes up to its own; and only then delivers. A message
 * is delivered in one append with the note that says so, so it is delivered once, whatever happens
 * in between.
 *
 * <p>Always holds: at most one append is under way, and what is in it is in no other; nothing is
 * removed from the index before the log has said that it is done.
 */
final class DueMessages extends AbstractBehavior<DueMessages.Command> {
  /** What it is told. */
  sealed interface Command {}

  /** A question that the scheduler passes on. */
  record Asked(Scheduler.Question question) implements Command, Undeliverable {
    @Override
    public void undelivered() {
      question.undelivered();
    }
  }

  private record QueueAnswered(LogGroup.QueueReply reply) implements Command {}

  /** Records of a queue that is being taken in, for the incarnation that asked. */
  private record Pulled(DueMessages asker, DueIndex.Source source, Queue.PullReply reply)
      implements Command, Undeliverable {
    @Override
    public void undelivered() {
      if (reply instanceof Queue.Found found) {
        found.slices().forEach(LogSlice::close);
      }
    }
  }

  /** What came of an append, for the incarnation that wrote it. */
  private record WriteAnswered(DueMessages asker, CrossQueueWriter.WriteReply reply)
      implements Command {}

  /** Something may be due. */
  private enum Tick implements Command {
    INSTANCE
  }

  /** What could not be done may be possible now. */
  private enum TryAgain implements Command {
    INSTANCE
  }

  private enum CommitIndex implements Command {
    INSTANCE
  }

  private enum Phase {
    FENCING,
    TAKING_IN_SCHEDULE,
    TAKING_IN_DONE,
    DELIVERING
  }

  /** Read by nobody but the clock's rule, which wants to be asked now and then. */
  private static final long TICK_MS_MAX = 1000;

  private static final long WAIT_MS = 30_000;
  private static final int RECALLS_MAX = 1000;
  private static final Duration AGAIN = Duration.ofMillis(500);
  private static final Queue.PullLimits PULL_LIMITS = new Queue.PullLimits(1000, 64 << 20);

  private final Scheduler.Home home;
  private final ScheduleSettings settings;
  private final DueClock clock;
  private final ActorRef<Scheduler.PendingCount> counts;
  private final TimerScheduler<Command> timers;
  private final DueIndex index;
  private final RecordIntake intake;
  private final WaitingRecords records;
  private final DueBatches batches;
  private final Carrying carrying;
  private final ArrayDeque<Recall> recalls = new ArrayDeque<>();

  private @Nullable ActorRef<Queue.Command> schedule;
  private @Nullable ActorRef<Queue.Command> done;
  private Phase phase = Phase.FENCING;

  /** The note behind which nothing of an earlier incarnation comes. */
  private long fenceOffset;

  private boolean tookInSchedule;
  private final EnumSet<DueIndex.Source> pulling = EnumSet.noneOf(DueIndex.Source.class);
  private boolean writing;
  private @Nullable DueBatch batch;
  private boolean carriedLast; // they take turns with what is due
  private long toldPending = -1;
  private long nextTickMs = Long.MAX_VALUE;

  private DueMessages(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      Scheduler.Home home,
      ScheduleSettings settings,
      DueClock clock,
      ActorRef<Scheduler.PendingCount> counts) {
    super(context);
    this.home = home;
    this.settings = settings;
    this.clock = clock;
    this.counts = counts;
    this.timers = timers;
    this.index =
        IndexCheck.open(
            settings.indexFile(home.logGroup()),
            settings.index().cacheBytes(),
            home.log(),
            context.getLog());
    this.intake = new RecordIntake(index, context.getLog());
    this.records = new WaitingRecords(index, home.log());
    this.batches =
        new DueBatches(index, records, home.targets(), settings.batch(), context.getLog());
    this.carrying =
        new Carrying(
            home.logGroup(),
            below -> new CarriedMessages(below, index, records, home.log()),
            () -> context.getSelf().tell(Tick.INSTANCE));
    ActorRef<LogGroup.QueueReply> replies =
        context.messageAdapter(LogGroup.QueueReply.class, QueueAnswered::new);
    home.leader().tell(new LogGroup.ResolveQueue(ScheduledMessage.QUEUE, replies));
    home.leader().tell(new LogGroup.ResolveQueue(DoneRecord.QUEUE, replies));
  }

  /**
   * @param counts told how many messages wait, whenever that changes
   */
  static Behavior<Command> create(
      Scheduler.Home home,
      ScheduleSettings settings,
      DueClock clock,
      ActorRef<Scheduler.PendingCount> counts) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new DueMessages(context, timers, home, settings, clock, counts)));
  }

  /** A thread of its own, since it waits for the disk. */
  static DispatcherSelector dispatcher() {
    return DispatcherSelector.fromConfig("sampo.schedule.dispatcher");
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(QueueAnswered.class, this::onQueueAnswered)
        .onMessage(Pulled.class, this::onPulled)
        .onMessage(WriteAnswered.class, this::onWriteAnswered)
        .onMessage(Asked.class, this::onAsked)
        .onMessageEquals(Tick.INSTANCE, this::onTick)
        .onMessageEquals(TryAgain.INSTANCE, this::onTryAgain)
        .onMessageEquals(CommitIndex.INSTANCE, this::onCommitIndex)
        .onSignal(PreRestart.class, signal -> onEnd())
        .onSignal(PostStop.class, signal -> onEnd())
        .build();
  }

  private Behavior<Command> onQueueAnswered(QueueAnswered answered) {
    if (answered.reply() instanceof LogGroup.QueueResolved resolved) {
      if (resolved.queue().equals(ScheduledMessage.QUEUE)) {
        schedule = resolved.actor();
      } else {
        done = resolved.actor();
      }
      if (schedule != null && done != null) {
        fence();
      }
      return this;
    }
    throw new IllegalStateException("the queues of the schedule can't be had: " + answered.reply());
  }

  /** Writes the empty note. */
  private void fence() {
    phase = Phase.FENCING;
    write(List.of(new DoneRecord.Builder(0).build()));
  }

  private void write(List<MessageDraft> drafts) {
    writing = true;
    ActorRef<Command> self = getContext().getSelf();
    home.writer()
        .tell(
            new CrossQueueWriter.Write(drafts, reply -> self.tell(new WriteAnswered(this, reply))));
  }

  private Behavior<Command> onWriteAnswered(WriteAnswered answered) {
    if (answered.asker() != this) {
      return this; // the notes in front of our own tell what came of it
    }
    writing = false;
    DueBatch written = batch;
    batch = null;
    if (answered.reply() instanceof CrossQueueWriter.Written made) {
      int last = made.queueOffsets().length - 1;
      if (phase == Phase.FENCING) {
        fenceOffset = made.queueOffsets()[last];
        takeInNext();
      } else if (written != null) {
        written.remove(index);
        index.takenIn(
            DueIndex.Source.DONE,
            made.queueOffsets()[last] + 1,
            IndexCheck.mark(home.log(), made.positions()[last]));
        if (!written.carries()) {
          batches.delivered();
        }
        written.answerRecalls(RecallReply.RECALLED);
        changed();
        deliver();
      }
    } else if (answered.reply() instanceof CrossQueueWriter.NotWritten refused) {
      onNotWritten(refused.reason(), written);
    }
    return this;
  }

  private void onNotWritten(AppendRefused reason, @Nullable DueBatch refused) {
    if (refused != null && refused.carries()) {
      carrying.giveUp(); // asked again later
    } else if (refused != null) {
      refused.answerRecalls(
          reason == AppendRefused.NOT_LEADING ? RecallReply.NOT_LEADING : RecallReply.NOT_WRITTEN);
      if (reason == AppendRefused.TOO_LARGE || reason == AppendRefused.WINDOW_FULL) {
        batches.refused(refused, reason == AppendRefused.TOO_LARGE, clock.nowMs());
        changed();
      }
      if (reason == AppendRefused.TOO_LARGE) {
        deliver(); // less of it
        return;
      }
    }
    if (reason == AppendRefused.NOT_LEADING || !reason.isCertain()) {
      phase = Phase.FENCING; // what became of it is known behind the next empty note
    }
    getContext().getLog().debug("{}: due messages were not written: {}", home.logGroup(), reason);
    timers.startSingleTimer(TryAgain.INSTANCE, AGAIN);
  }

  private Behavior<Command> onTryAgain() {
    if (schedule == null || done == null) {
      return this;
    }
    if (phase == Phase.FENCING) {
      if (!writing) {
        fence();
      }
    } else {
      takeInNext();
    }
    return this;
  }

  /** Goes on with what is to be taken in next. */
  private void takeInNext() {
    if (!tookInSchedule) {
      phase = Phase.TAKING_IN_SCHEDULE;
      pull(DueIndex.Source.SCHEDULE, 0);
    } else if (index.nextOffset(DueIndex.Source.DONE) <= fenceOffset) {
      phase = Phase.TAKING_IN_DONE;
      pull(DueIndex.Source.DONE, 0);
    } else {
      if (phase != Phase.DELIVERING) {
        phase = Phase.DELIVERING;
        getContext()
            .getLog()
            .debug("{}: {} messages wait for their time", home.logGroup(), index.size());
      }
      pull(DueIndex.Source.SCHEDULE, WAIT_MS);
      deliver();
    }
  }

  /** Asks a queue for what follows, unless that is asked already. */
  private void pull(DueIndex.Source source, long waitMs) {
    ActorRef<Queue.Command> queue = source == DueIndex.Source.SCHEDULE ? schedule : done;
    if (queue == null) {
      throw new IllegalStateException("pulled before the queues were known");
    }
    if (!pulling.add(source)) {
      return;
    }
    ActorRef<Command> self = getContext().getSelf();
    queue.tell(
        new Queue.Pull(
            index.nextOffset(source),
            PULL_LIMITS,
            Queue.EntryFilter.ALL,
            waitMs,
            reply -> self.tell(new Pulled(this, source, reply))));
  }

  private Behavior<Command> onPulled(Pulled pulled) {
    if (pulled.asker() != this) {
      pulled.undelivered(); // from where an earlier incarnation was
      return this;
    }
    DueIndex.Source source = pulled.source();
    pulling.remove(source);
    Queue.PullReply reply = pulled.reply();
    if (reply instanceof Queue.ReadRefused refused) {
      if (refused != Queue.ReadRefused.NOT_LEADING) { // which only means that the leadership ends
        getContext().getLog().warn("{}: {} can't be read: {}", home.logGroup(), source, refused);
      }
      timers.startSingleTimer(TryAgain.INSTANCE, AGAIN);
      return this;
    }
    if (reply instanceof Queue.Found found) {
      intake.takeIn(source, found);
      changed();
    } else if (reply instanceof Queue.NothingMatched gone) {
      skip(source, gone.nextOffset());
    } else if (reply instanceof Queue.OffsetMoved moved) {
      skip(source, moved.nextOffset());
    }
    if (source == DueIndex.Source.SCHEDULE && phase == Phase.TAKING_IN_SCHEDULE) {
      tookInSchedule = reachedEnd(reply);
    }
    if (phase != Phase.FENCING) {
      takeInNext();
    }
    return this;
  }

  private static boolean reachedEnd(Queue.PullReply reply) {
    return reply instanceof Queue.NothingNew
        || (reply instanceof Queue.Found found && found.nextOffset() == found.maxOffset());
  }

  /** The segments with the next records are gone. */
  private void skip(DueIndex.Source source, long nextOffset) {
    long from = index.nextOffset(source);
    if (nextOffset < from) {
      index.discard();
      throw new IllegalStateException(
          source + " ends at " + nextOffset + " and was taken in up to " + from);
    }
    getContext()
        .getLog()
        .error(
            "{}: the records {} to {} of {} are gone from the log",
            home.logGroup(),
            from,
            nextOffset - 1,
            source);
    index.takenIn(source, nextOffset, -1);
  }

  private Behavior<Command> onTick() {
    nextTickMs = Long.MAX_VALUE;
    deliver();
    return this;
  }

  /** Writes what is due, or sees to it that it will be. */
  private void deliver() {
    long nowMs = clock.nowMs();
    if (phase == Phase.DELIVERING && !writing && !timers.isTimerActive(TryAgain.INSTANCE)) {
      DueBatch next = nextBatch(nowMs);
      if (next != null) {
        batch = next;
        write(next.takeDrafts());
      }
    }
    // While one is written the answer goes on with the next.
    long dueInMs = writing || phase != Phase.DELIVERING ? TICK_MS_MAX : index.firstDueMs() - nowMs;
    tickAt(nowMs, Math.max(1, Math.min(dueInMs, TICK_MS_MAX)));
  }

  /** What is due and what is carried take turns. */
  private @Nullable DueBatch nextBatch(long nowMs) {
    DueBatch next = carriedLast ? batches.next(nowMs, recalls) : null;
    if (next == null) {
      next = carrying.next();
    }
    carriedLast = next != null && next.carries();
    return next == null ? batches.next(nowMs, recalls) : next;
  }

  private void onRelease(ReleaseBelow asked) {
    if (phase == Phase.DELIVERING) {
      carrying.begin(asked);
      deliver();
    } else {
      asked.replyTo().tell(0L);
    }
  }

  private void tickAt(long nowMs, long inMs) {
    if (nowMs + inMs < nextTickMs || nextTickMs < nowMs) {
      nextTickMs = nowMs + inMs;
      timers.startSingleTimer(Tick.INSTANCE, Duration.ofMillis(inMs));
    }
  }

  private Behavior<Command> onAsked(Asked asked) {
    if (asked.question() instanceof Recall recall) {
      if (recalls.size() >= RECALLS_MAX) {
        recall.replyTo().tell(RecallReply.BUSY);
      } else {
        recalls.add(recall);
        deliver();
      }
    } else if (asked.question() instanceof ReleaseBelow below) {
      onRelease(below);
    } else if (asked.question() instanceof ListPending list) {
      list.replyTo().tell(records.list(list, phase == Phase.DELIVERING));
    }
    return this;
  }

  /** The index has changes; sees to it that they are written and others hear of it. */
  private void changed() {
    long pending = index.size();
    if (pending != toldPending) {
      toldPending = pending;
      counts.tell(new Scheduler.PendingCount(pending));
    }
    if (index.hasManyChanges()) {
      index.commit();
    } else if (!timers.isTimerActive(CommitIndex.INSTANCE)) {
      timers.startSingleTimer(CommitIndex.INSTANCE, settings.index().commitInterval());
    }
  }

  private Behavior<Command> onCommitIndex() {
    if (index.hasChanges()) {
      index.commit();
      index.compact();
    }
    return this;
  }

  private Behavior<Command> onEnd() {
    carrying.giveUp();
    recalls.forEach(Recall::undelivered);
    recalls.clear();
    if (batch != null) {
      batch.answerRecalls(RecallReply.NOT_LEADING);
    }
    index.close();
    return this;
  }
}
