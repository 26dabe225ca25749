package io.sampo.actors.transaction;

import io.sampo.actors.group.CrossQueueWriter;
import io.sampo.actors.group.CrossQueueWriter.NotWritten;
import io.sampo.actors.group.CrossQueueWriter.WriteReply;
import io.sampo.actors.group.CrossQueueWriter.Written;
import io.sampo.actors.group.LogGroup;
import io.sampo.actors.transaction.HalfEvent.Changed;
import io.sampo.actors.transaction.HalfEvent.Ended;
import io.sampo.actors.transaction.PendingHalves.Half;
import io.sampo.actors.transaction.TransactionRequests.EndHalf;
import io.sampo.actors.transaction.TransactionRequests.GetOldestNeeded;
import io.sampo.actors.transaction.TransactionRequests.GetPending;
import io.sampo.actors.transaction.TransactionRequests.NotStored;
import io.sampo.actors.transaction.TransactionRequests.Outcome;
import io.sampo.actors.transaction.TransactionRequests.Pending;
import io.sampo.actors.transaction.TransactionRequests.ResumeChecks;
import io.sampo.actors.transaction.TransactionRequests.StoreHalf;
import io.sampo.actors.transaction.TransactionRequests.TransactionDone;
import io.sampo.actors.transaction.TransactionRequests.TransactionRefused;
import io.sampo.cluster.replication.Undeliverable;
import io.sampo.record.BodyCrc;
import io.sampo.record.MessageDraft;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Owns the undecided half messages of one log group: stores them ({@link HalfIntake}), ends them,
 * and asks their producers when they don't ({@link HalfChecks}). One per log group, child of its
 * leader; what it knows is in the log or derived from it, see {@link PendingHalves}.
 *
 * <p>An end is one append: the message in its real queue together with the note that the half
 * message has its end. So after a crash both are there or none, and a second end finds nothing to
 * end. It begins as a {@link TransactionRecovery}.
 */
public final class TransactionChecker extends AbstractBehavior<TransactionChecker.Command> {
  /** What the checker is told; by others, only {@link TransactionRequests}. */
  public sealed interface Command extends LogGroup.PartCommand
      permits TransactionRequests.Request, InternalCommand {}

  /** What it tells itself. */
  non-sealed interface InternalCommand extends Command {}

  /** Some half messages are due. */
  private enum LookForDue implements InternalCommand {
    INSTANCE
  }

  /**
   * The log answered a write; the rest is done by whoever made it. Also for a checker that failed
   * or ended meanwhile: its table is forgotten, but somebody waits for the answer.
   */
  record LogAnswered(Consumer<WriteReply> then, WriteReply reply)
      implements InternalCommand, Undeliverable {
    void goOn() {
      then.accept(reply);
    }

    @Override
    public void undelivered() {
      goOn();
    }
  }

  /** A question was written to a producer's connection, or can't be. */
  private record CheckWritten(HalfChecks.Asked question, boolean written)
      implements InternalCommand {}

  /**
   * Where a checker lives.
   *
   * @param logGroup whose half messages it owns
   * @param log the log group's
   * @param writer of the log group; one for as long as the leadership lasts
   * @param producers of this node
   * @param clockMs milliseconds since the epoch
   */
  public record Home(
      String logGroup,
      LogReader log,
      ActorRef<CrossQueueWriter.Command> writer,
      Producers producers,
      TransactionSettings settings,
      LongSupplier clockMs) {}

  private final Home home;
  private final TimerScheduler<Command> timers;
  private final PendingHalves halves;
  private final HalfRecords records;
  private final HalfIntake intake;
  private final HalfChecks checks;

  private long timerAtMs = Long.MAX_VALUE;

  TransactionChecker(
      ActorContext<Command> context,
      Home home,
      TimerScheduler<Command> timers,
      PendingHalves halves) {
    super(context);
    context.setLoggerName(TransactionChecker.class);
    this.home = home;
    this.timers = timers;
    this.halves = halves;
    this.records = new HalfRecords(home, context.getLog());
    this.intake =
        new HalfIntake(
            halves,
            home.settings().timeout().toMillis(),
            home.clockMs(),
            this::write,
            records::read);
    ActorRef<Command> self = context.getSelf();
    this.checks =
        new HalfChecks(
            home,
            halves,
            records,
            this::write,
            (question, written) -> self.tell(new CheckWritten(question, written)),
            context.getLog());
    if (halves.size() > 0) {
      context
          .getLog()
          .info(
              "{}: {} half messages wait for an end, {} of them parked",
              home.logGroup(),
              halves.size(),
              halves.parkedCount());
    }
    setTimer();
  }

  /** A checker that first reads what is undecided; also after a failure. */
  public static Behavior<Command> create(Home home) {
    AtomicBoolean ranBefore = new AtomicBoolean();
    return Behaviors.withTimers(
        timers ->
            Behaviors.withStash(
                home.settings().waitingMax(),
                stash ->
                    Behaviors.setup(
                        context ->
                            new TransactionRecovery(
                                context, home, timers, stash, ranBefore.getAndSet(true)))));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(StoreHalf.class, this::onStoreHalf)
        .onMessage(EndHalf.class, this::onEndHalf)
        .onMessage(ResumeChecks.class, this::onResumeChecks)
        .onMessage(GetPending.class, this::onGetPending)
        .onMessage(GetOldestNeeded.class, this::onGetOldestNeeded)
        .onMessage(LogAnswered.class, this::onLogAnswered)
        .onMessage(CheckWritten.class, this::onCheckWritten)
        .onMessageEquals(LookForDue.INSTANCE, this::onLookForDue)
        .onMessageEquals(TransactionRecovery.ReadOn.INSTANCE, () -> this)
        .build();
  }

  private Behavior<Command> onStoreHalf(StoreHalf store) {
    intake.store(store);
    return this;
  }

  private Behavior<Command> onEndHalf(EndHalf end) {
    Half half = halves.find(end.offset(), end.position());
    if (half == null) {
      end.replyTo().tell(TransactionRefused.NO_SUCH_HALF);
      return this;
    }
    LogSlice slice = records.read(half);
    if (slice == null) {
      end.replyTo().tell(TransactionRefused.READ_FAILED);
      return this;
    }
    boolean passedOn = false;
    try {
      ByteBuffer bytes = slice.bytes();
      if (!end.producerGroup().equals(HalfMessage.producerGroup(bytes, bytes.position()))) {
        end.replyTo().tell(TransactionRefused.OTHER_PRODUCER_GROUP);
      } else if (!halves.beginEnd(half)) {
        end.replyTo().tell(TransactionRefused.ENDS_ALREADY);
      } else if (end.outcome() == Outcome.COMMIT) {
        MessageDraft message = HalfMessage.toCommitted(bytes, bytes.position(), slice::close);
        passedOn = true;
        writeEnd(half, end, List.of(message, note(half, true)));
      } else {
        writeEnd(half, end, List.of(note(half, false)));
      }
    } finally {
      if (!passedOn) {
        slice.close();
      }
    }
    return this;
  }

  private MessageDraft note(Half half, boolean committed) {
    return draft(new Ended(halves.newestSnapshot(), half.offset(), committed));
  }

  private void writeEnd(Half half, EndHalf end, List<MessageDraft> drafts) {
    write(
        drafts,
        reply -> {
          if (reply instanceof Written written) {
            halves.eventStored(written.queueOffsets()[drafts.size() - 1]);
            halves.ended(half);
            end.replyTo().tell(TransactionDone.INSTANCE);
          } else if (reply instanceof NotWritten refused) {
            halves.endRefused(half);
            end.replyTo().tell(new NotStored(refused.reason()));
          }
        });
  }

  private Behavior<Command> onResumeChecks(ResumeChecks resume) {
    Half half = halves.findParked(resume.position());
    long resumedMs = nowMs();
    HalfState resumed = half == null ? null : halves.beginResume(half, resumedMs);
    if (half == null || resumed == null) {
      resume.replyTo().tell(TransactionRefused.NOT_PARKED);
      return this;
    }
    write(
        List.of(draft(new Changed(halves.newestSnapshot(), List.of(resumed)))),
        reply -> {
          if (reply instanceof Written written) {
            halves.eventStored(written.queueOffsets()[0]);
            halves.resumed(half, resumedMs);
            resume.replyTo().tell(TransactionDone.INSTANCE);
          } else if (reply instanceof NotWritten refused) {
            halves.resumeRefused(half);
            resume.replyTo().tell(new NotStored(refused.reason()));
          }
        });
    return this;
  }

  private Behavior<Command> onGetOldestNeeded(GetOldestNeeded asked) {
    asked.replyTo().tell(halves.oldestPosition());
    return this;
  }

  private Behavior<Command> onGetPending(GetPending get) {
    get.replyTo()
        .tell(
            new Pending(
                halves.size(),
                halves.parkedCount(),
                halves.parked(get.parkedAfter(), get.parkedMax())));
    return this;
  }

  private Behavior<Command> onLogAnswered(LogAnswered answered) {
    answered.goOn();
    if (halves.wantsSnapshot()) {
      write(
          List.of(draft(halves.snapshot())),
          reply -> {
            if (reply instanceof Written written) {
              halves.snapshotStored(written.queueOffsets()[0]);
            } else if (reply instanceof NotWritten refused) {
              halves.snapshotRefused();
              getContext()
                  .getLog()
                  .warn(
                      "{}: no snapshot of the half messages, so a recovery reads more: {}",
                      home.logGroup(),
                      refused.reason());
            }
          });
    }
    setTimer();
    return this;
  }

  private Behavior<Command> onLookForDue() {
    timerAtMs = Long.MAX_VALUE;
    checks.askDue();
    setTimer();
    return this;
  }

  private Behavior<Command> onCheckWritten(CheckWritten told) {
    checks.written(told.question(), told.written());
    setTimer();
    return this;
  }

  private void write(List<MessageDraft> drafts, Consumer<WriteReply> then) {
    ActorRef<Command> self = getContext().getSelf();
    home.writer()
        .tell(new CrossQueueWriter.Write(drafts, reply -> self.tell(new LogAnswered(then, reply))));
  }

  static MessageDraft draft(HalfEvent event) {
    ByteBuffer body = ByteBuffer.wrap(event.encode());
    return MessageDraft.to(HalfMessage.EVENTS).body(body, BodyCrc.of(body)).build();
  }

  private void setTimer() {
    long atMs = checks.nextMs();
    if (atMs < timerAtMs) {
      timerAtMs = atMs;
      long delayMs = Math.max(0, atMs - nowMs());
      timers.startSingleTimer(LookForDue.INSTANCE, Duration.ofMillis(delayMs));
    }
  }

  private long nowMs() {
    return home.clockMs().getAsLong();
  }
}
