package io.sampo.cluster.replication;

import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.CommitLogSettings.Flush;
import io.sampo.record.MessageDraft;
import io.sampo.storage.log.LogFailedException;
import io.sampo.storage.log.LogFullException;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.RecordPlace;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.jspecify.annotations.Nullable;

/**
 * Owns a replica's log, on a thread of its own: nobody else writes it. Every append is encoded into
 * the open batch as it comes; the first of a batch makes the actor send itself an {@link EndBatch},
 * so whatever was in the mailbox before it shares the batch, its flush and the move of the commit
 * position. Only then are the appends answered.
 *
 * <p>Always holds: an append is answered once and its drafts are released once, on every path; an
 * append that names another epoch than the one led is refused; nobody is shown anything at or above
 * {@link LocalLog#committedPosition()}. A failed log is refused to everybody until the node is
 * restarted, since the kernel may have dropped what it could not write.
 *
 * <p>This replica is the only one, so {@link #commit} follows the flush directly. With more, what
 * comes between is the wait for the acknowledgement rule: a flushed batch then stays unanswered
 * until the followers' positions pass its end, and {@link Lead} is preceded by winning the epoch
 * from a majority.
 */
public final class CommitLog extends AbstractBehavior<CommitLog.Command> {
  private static final long NOT_LED = 0;
  private static final int SIZE_IMPOSSIBLE = -1;

  private final LocalLogs localLogs;
  private final LocalLog localLog;
  private final ReplicaLog log;
  private final CommitLogSettings settings;
  private final InstantSource clock;
  private final OpenBatch batch;
  private final RecordPlace place = new RecordPlace();

  /** Flushes in the background under {@link Flush#ASYNC}, null under {@link Flush#SYNC}. */
  private final @Nullable ActorRef<LogFlusher.Command> flusher;

  private long ledEpoch = NOT_LED;
  private @Nullable ActorRef<LeadReply> leader;

  /** Why the log failed; final. */
  private @Nullable String failure;

  private boolean endBatchUnderway;
  private boolean diskFull;
  private long batchTimestampMs;
  private long unflushedBytes;

  /** What the commit log is told. */
  public sealed interface Command {}

  /**
   * Asks to lead: the log takes a new epoch, makes it durable and serves appends that name it. Who
   * led before is told that it ended.
   */
  public record Lead(ActorRef<LeadReply> replyTo) implements Command {}

  /** The answers to {@link Lead}: one at once, and the end of the leadership when it comes. */
  public sealed interface LeadReply {}

  /** The log is led under this epoch; all that it holds is committed. */
  public record Leading(long epoch, LogReader log) implements LeadReply {}

  /** The log can't be led here; the reason is for people. */
  public record LeadRefused(String reason) implements LeadReply {}

  /**
   * The leadership is over, because a newer one began or the log failed; the reason is for people.
   * Nothing more is stored under the epoch. Not told when the actor stops: watch it.
   */
  public record LeadershipEnded(long epoch, String reason) implements LeadReply {}

  /**
   * Appends messages, all or none, also when the power fails: they share one batch. Takes over the
   * drafts and releases them, also before it answers: their bodies must not be needed any more.
   *
   * @param epoch the leadership that the sender acts under
   * @param drafts at least one; all of one queue, unless {@code progress} is null
   * @param progress told once per batch how far the queue is committed; null when nobody reads
   *     along. The same object for all appends of one queue
   * @param replyTo answered once the acknowledgement rule holds, or with the refusal
   */
  public record Append(
      long epoch,
      List<MessageDraft> drafts,
      @Nullable ReplyTo<QueueCommitted> progress,
      ReplyTo<AppendReply> replyTo)
      implements Command, Undeliverable {
    public Append {
      if (drafts.isEmpty()) {
        throw new IllegalArgumentException("an append without messages");
      }
    }

    @Override
    public void undelivered() {
      Answers.release(drafts);
      replyTo.tell(AppendRefused.NOT_LEADING);
    }
  }

  /**
   * A queue's progress. Not told of appends refused as {@link AppendRefused#NOT_LEADING} or {@link
   * AppendRefused#LOG_FAILED}: the leadership that they name is over.
   *
   * @param nextOffset every message below it is committed
   * @param answered how many appends of the queue were answered (also refused ones) since the last
   *     such message
   */
  public record QueueCommitted(long nextOffset, int answered) {}

  /**
   * Published on the node's event stream when a log fails or can't be opened; it stays so until a
   * restart.
   */
  public record LogFailed(String logGroup, String reason) {}

  /** Ends the batch that holds everything which was in the mailbox before this. */
  private enum EndBatch implements Command {
    INSTANCE
  }

  /** The background flush failed. */
  private record FlushFailed(LogFailedException cause) implements Command {}

  private CommitLog(
      ActorContext<Command> context,
      LocalLog localLog,
      ReplicaLog log,
      CommitLogSettings settings,
      InstantSource clock) {
    super(context);
    this.localLogs = LocalLogs.get(context.getSystem());
    this.localLog = localLog;
    this.log = log;
    this.settings = settings;
    this.clock = clock;
    this.batch = new OpenBatch(settings.batch());
    this.flusher = settings.flush() == Flush.ASYNC ? spawnFlusher() : null;
  }

  /**
   * The actor of a log group's log on this node; spawn it on {@link #dispatcher()}. It opens the
   * log, recovering it when needed, before it takes its first message. When that is not possible it
   * stays and refuses to lead, with the reason.
   */
  public static Behavior<Command> create(String logGroup, CommitLogSettings settings) {
    return create(
        logGroup,
        settings,
        () -> SegmentedReplicaLog.open(settings, logGroup),
        InstantSource.system());
  }

  static Behavior<Command> create(
      String logGroup, CommitLogSettings settings, ReplicaLog.Opener opener, InstantSource clock) {
    return Behaviors.setup(
        context -> {
          ReplicaLog log;
          try {
            log = opener.open();
          } catch (IOException e) {
            return notOpened(context, logGroup, e);
          } catch (RuntimeException e) {
            context.getLog().error("opening the log of {} broke an invariant", logGroup, e);
            return notOpened(context, logGroup, e);
          }
          LocalLog localLog = new LocalLog(logGroup, context.getSelf(), log.reader());
          LocalLogs.get(context.getSystem()).enter(localLog);
          return new CommitLog(context, localLog, log, settings, clock);
        });
  }

  /** The dispatcher to spawn it on: a thread of its own, since it waits for the disk. */
  public static DispatcherSelector dispatcher() {
    return DispatcherSelector.fromConfig("sampo.commit-log.dispatcher");
  }

  /** Says so on the event stream, where the node's start hears it, and refuses from then on. */
  private static Behavior<Command> notOpened(
      ActorContext<Command> context, String logGroup, Exception cause) {
    String reason =
        "the log of "
            + logGroup
            + " can't be opened: "
            + cause.getClass().getSimpleName()
            + ": "
            + cause.getMessage();
    publishFailure(context, logGroup, reason);
    return refusing(reason);
  }

  private static void publishFailure(
      ActorContext<Command> context, String logGroup, String reason) {
    context
        .getSystem()
        .eventStream()
        .tell(new EventStream.Publish<>(new LogFailed(logGroup, reason)));
  }

  /** What is left of an actor whose log can't be opened. */
  private static Behavior<Command> refusing(String reason) {
    return Behaviors.receive(Command.class)
        .onMessage(
            Append.class,
            append -> {
              refuse(append, AppendRefused.LOG_FAILED);
              return Behaviors.same();
            })
        .onMessage(
            Lead.class,
            lead -> {
              lead.replyTo().tell(new LeadRefused(reason));
              return Behaviors.same();
            })
        .build();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Append.class, this::onAppend)
        .onMessage(EndBatch.class, this::onEndBatch)
        .onMessage(Lead.class, this::onLead)
        .onMessage(FlushFailed.class, this::onFlushFailed)
        .onSignal(PostStop.class, stopped -> onPostStop())
        .build();
  }

  private Behavior<Command> onAppend(Append append) {
    if (failure != null) {
      refuse(append, AppendRefused.LOG_FAILED);
    } else if (ledEpoch == NOT_LED || append.epoch() != ledEpoch) {
      refuse(append, AppendRefused.NOT_LEADING);
    } else {
      AppendRefused refusal = write(append);
      if (refusal == null) {
        Answers.release(append.drafts());
      } else {
        refuse(append, refusal);
        countRefused(append);
      }
      if (batch.isFull()) {
        endBatch();
      }
    }
    return this;
  }

  /** Encodes an append into the open batch. Returns why it was not done, null when it was. */
  private @Nullable AppendRefused write(Append append) {
    List<MessageDraft> drafts = append.drafts();
    int sizeBytes = sizeOf(drafts);
    if (sizeBytes == SIZE_IMPOSSIBLE) {
      return AppendRefused.TOO_LARGE;
    }
    try {
      log.reserve(sizeBytes);
      diskHasRoom(true, null);
      if (batch.isEmpty()) {
        openBatch();
      }
      long[] positions = new long[drafts.size()];
      long firstOffset = 0;
      for (int i = 0; i < positions.length; i++) {
        log.append(drafts.get(i), batchTimestampMs, place);
        positions[i] = place.position;
        if (i == 0) {
          firstOffset = place.queueOffset;
        }
      }
      batch.add(append, new Appended(firstOffset, positions), sizeBytes);
      return null;
    } catch (LogFullException e) {
      diskHasRoom(false, e);
      return AppendRefused.DISK_FULL;
    } catch (IOException | RuntimeException | InternalError e) {
      // A mapped write meets a bad sector as an InternalError. Whatever it was, part of the append
      // may be in the open batch, which therefore must not be ended.
      fail("a write failed", e);
      return AppendRefused.LOG_FAILED;
    }
  }

  /**
   * The length of the records together, or {@link #SIZE_IMPOSSIBLE} when no batch can hold them.
   */
  private int sizeOf(List<MessageDraft> drafts) {
    long sizeBytes = 0;
    try {
      for (int i = 0; i < drafts.size(); i++) {
        sizeBytes += log.sizeOf(drafts.get(i));
      }
    } catch (IllegalArgumentException e) {
      getContext().getLog().warn("a message that no record can hold was refused", e);
      return SIZE_IMPOSSIBLE;
    }
    return sizeBytes > log.maxGroupBytes() ? SIZE_IMPOSSIBLE : (int) sizeBytes;
  }

  /** An append that was refused under a good leadership is part of its queue's count. */
  private void countRefused(Append append) {
    ReplyTo<QueueCommitted> progress = append.progress();
    if (failure == null && progress != null) {
      if (batch.isEmpty()) {
        openBatch();
      }
      batch.addRefused(progress, append.drafts().get(0).queue());
    }
  }

  private void openBatch() {
    // Never back, so that searching by time works also after the clock was set.
    batchTimestampMs = Math.max(batchTimestampMs, clock.millis());
    if (!endBatchUnderway) {
      endBatchUnderway = true;
      getContext().getSelf().tell(EndBatch.INSTANCE);
    }
  }

  private Behavior<Command> onEndBatch(EndBatch endBatch) {
    // Also when the batch it was sent for has been ended early: it then ends the next one, which is
    // sooner than need be and keeps a single one of these in the mailbox.
    endBatchUnderway = false;
    endBatch();
    return this;
  }

  private void endBatch() {
    if (batch.hasAppends()) {
      try {
        log.endBatch();
        if (flusher == null) {
          log.flush();
        } else {
          askToFlush(flusher, batch.sizeBytes());
        }
      } catch (IOException | RuntimeException | InternalError e) {
        fail("a flush failed", e);
        return;
      }
      commit();
    } else if (!batch.isEmpty()) {
      batch.commit(localLog.reader());
    }
  }

  /** Everything written is stored as the settings want it: show it and answer. */
  private void commit() {
    localLog.committed(localLog.reader().writtenPosition());
    batch.commit(localLog.reader());
  }

  private void askToFlush(ActorRef<LogFlusher.Command> flusher, long writtenBytes) {
    unflushedBytes += writtenBytes;
    if (unflushedBytes >= settings.backgroundFlush().bytes()) {
      unflushedBytes = 0;
      flusher.tell(LogFlusher.Command.MUCH_WRITTEN);
    }
  }

  private Behavior<Command> onLead(Lead lead) {
    endBatch();
    if (failure == null) {
      endLeadership("a newer leadership of " + localLog.logGroup() + " begins");
      lead.replyTo().tell(beginEpoch(lead.replyTo()));
    } else {
      lead.replyTo().tell(new LeadRefused(failure));
    }
    return this;
  }

  private LeadReply beginEpoch(ActorRef<LeadReply> newLeader) {
    long epoch = log.newestEpoch() + 1;
    try {
      log.promise(epoch);
      log.beginEpoch(epoch);
      log.flush();
    } catch (LogFailedException | RuntimeException | InternalError e) {
      return new LeadRefused(fail("epoch " + epoch + " could not be written", e));
    } catch (IOException e) {
      getContext().getLog().warn("{} can't be led: epoch {}", localLog.logGroup(), epoch, e);
      return new LeadRefused(localLog.logGroup() + " can't be led: " + e.getMessage());
    }
    ledEpoch = epoch;
    leader = newLeader;
    localLog.led(epoch, localLog.reader().writtenPosition());
    getContext().getLog().debug("{} is led here under epoch {}", localLog.logGroup(), epoch);
    return new Leading(epoch, localLog.reader());
  }

  private void endLeadership(String reason) {
    localLog.leadershipEnded();
    if (leader != null) {
      leader.tell(new LeadershipEnded(ledEpoch, reason));
    }
    leader = null;
    ledEpoch = NOT_LED;
  }

  private Behavior<Command> onFlushFailed(FlushFailed failed) {
    fail("a background flush failed", failed.cause());
    return this;
  }

  /** Ends everything: what waits, the leadership, and every later one. Returns the reason. */
  private String fail(String what, Throwable cause) {
    if (failure != null) {
      return failure;
    }
    String reason = localLog.logGroup() + ": " + what + ": " + cause.getMessage();
    failure = reason;
    getContext().getLog().error("{}; the log is refused until a restart", reason, cause);
    batch.refuse(AppendRefused.LOG_FAILED);
    endLeadership(reason);
    publishFailure(getContext(), localLog.logGroup(), reason);
    return reason;
  }

  /** Says once that the disk is full, and once that it no longer is. */
  private void diskHasRoom(boolean hasRoom, @Nullable LogFullException full) {
    if (hasRoom == diskFull) {
      diskFull = !hasRoom;
      if (hasRoom) {
        getContext().getLog().info("{} has room on its disk again", localLog.logGroup());
      } else {
        getContext().getLog().error("{} refuses what is too much", localLog.logGroup(), full);
      }
    }
  }

  private Behavior<Command> onPostStop() {
    endBatch();
    localLog.leadershipEnded();
    localLogs.leave(localLog);
    if (failure == null) {
      try {
        log.close();
      } catch (IOException | RuntimeException | InternalError e) {
        getContext().getLog().error("{} was not closed cleanly", localLog.logGroup(), e);
      }
    }
    return this;
  }

  private ActorRef<LogFlusher.Command> spawnFlusher() {
    ActorRef<Command> self = getContext().getSelf();
    return getContext()
        .spawn(
            LogFlusher.create(
                log,
                settings.backgroundFlush().interval(),
                failed -> self.tell(new FlushFailed(failed))),
            "flusher",
            LogFlusher.dispatcher());
  }

  private static void refuse(Append append, AppendRefused refusal) {
    Answers.release(append.drafts());
    Answers.tell(append.replyTo(), refusal);
  }
}
