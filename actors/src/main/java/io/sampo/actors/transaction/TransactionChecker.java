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
import io.sampo.record.MessageIds;
import io.sampo.record.MessageRecord;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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
import org.jspecify.annotations.Nullable;

/**
 * Owns the undecided half messages of one log group: stores them, ends them, and asks their
 * producers when they don't. One per log group, child of its leader; what it knows is in the log or
 * derived from it, see {@link PendingHalves}.
 *
 * <p>An end is one append: the message in its real queue together with the note that the half
 * message has its end. So after a crash both are there or none, and a second end finds nothing to
 * end. It begins as a {@link TransactionRecovery}.
 */
public final class TransactionChecker extends AbstractBehavior<TransactionChecker.Command> {
  /** Half messages looked at in one turn, so that requests come in between. */
  private static final int DUE_PER_TURN = 256;

  /** Notes of checks that are written together. */
  private static final int CHANGES_PER_EVENT = 64;

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
  private record CheckWritten(Asked question, boolean written) implements InternalCommand {}

  /** A question on its way. */
  private record Asked(Half half, String group, long sinceMs) {}

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
  private final HalfIntake intake;

  /** Questions that aren't written yet, oldest first. */
  private final Set<Asked> asked = new LinkedHashSet<>();

  /** Those that were asked and whose new state isn't on its way to the log. */
  private final List<Half> checked = new ArrayList<>();

  /** Groups of whose producers none was found on any node. */
  private final AbsentGroups absent;

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
    this.absent = new AbsentGroups(home.settings().checkInterval().dividedBy(2).toMillis());
    this.intake =
        new HalfIntake(
            halves, home.settings().timeout().toMillis(), home.clockMs(), this::write, this::read);
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
    LogSlice slice = read(half);
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
    askDue();
    return this;
  }

  private void askDue() {
    long nowMs = nowMs();
    giveUpQuestions(nowMs);
    List<HalfState> parked = new ArrayList<>();
    for (int i = 0; i < DUE_PER_TURN; i++) {
      if (asked.size() >= home.settings().checksInFlightMax()) {
        break;
      }
      Half half = halves.takeDue(nowMs);
      if (half == null) {
        break;
      }
      if (halves.isExhausted(half)) {
        halves.park(half);
        parked.add(half.state());
        sayParked(half);
      } else {
        ask(half, nowMs);
      }
    }
    writeChanges(parked);
    setTimer();
  }

  /** A connection that takes nothing must not keep the others waiting. */
  private void giveUpQuestions(long nowMs) {
    long oldestMs = nowMs - home.settings().checkInterval().toMillis();
    asked.removeIf(
        question -> {
          boolean old = question.sinceMs() <= oldestMs;
          if (old) {
            halves.notReached(question.half(), nowMs);
          }
          return old;
        });
  }

  private void ask(Half half, long nowMs) {
    String group = null;
    ProducerLink link = null;
    ProducerLink.TransactionCheck check = null;
    try (LogSlice slice = read(half)) {
      if (slice != null) {
        ByteBuffer bytes = slice.bytes();
        group = HalfMessage.producerGroup(bytes, bytes.position());
        link = group == null ? null : producer(group, nowMs);
        if (link != null) {
          check = HalfMessage.toCheck(bytes, bytes.position(), home.logGroup());
        }
      }
    }
    if (group == null || link == null || check == null) {
      halves.notReached(half, nowMs); // nobody is there, so it doesn't count
      return;
    }
    Asked question = new Asked(half, group, nowMs);
    asked.add(question);
    ActorRef<Command> self = getContext().getSelf();
    link.check(check, written -> self.tell(new CheckWritten(question, written)));
  }

  /** Null when none is here and, lately, none was on any node. */
  private @Nullable ProducerLink producer(String group, long nowMs) {
    ProducerLink here = home.producers().here(group, home.logGroup());
    return here != null || absent.contains(group, nowMs)
        ? here
        : home.producers().elsewhere(group, home.logGroup());
  }

  private Behavior<Command> onCheckWritten(CheckWritten told) {
    if (asked.remove(told.question())) {
      Half half = told.question().half();
      if (told.written()) {
        halves.checked(half, nowMs());
        checked.add(half);
      } else {
        halves.notReached(half, nowMs());
        absent.add(told.question().group(), nowMs());
      }
    }
    if (!checked.isEmpty() && (asked.isEmpty() || checked.size() >= CHANGES_PER_EVENT)) {
      writeChanges(checked.stream().filter(halves::isOpen).map(Half::state).toList());
      checked.clear();
    }
    setTimer();
    return this;
  }

  /**
   * What the log refuses of this is known here all the same; only after a crash a producer may be
   * asked once more than it would be.
   */
  private void writeChanges(List<HalfState> changed) {
    if (!changed.isEmpty()) {
      write(
          List.of(draft(new Changed(halves.newestSnapshot(), changed))),
          reply -> {
            if (reply instanceof Written written) {
              halves.eventStored(written.queueOffsets()[0]);
            }
          });
    }
  }

  private void sayParked(Half half) {
    try (LogSlice slice = read(half)) {
      if (slice == null) {
        return;
      }
      ByteBuffer bytes = slice.bytes();
      ProducerLink.TransactionCheck check =
          HalfMessage.toCheck(bytes, bytes.position(), home.logGroup());
      getContext()
          .getLog()
          .error(
              "{}: a transaction is parked, its producers were asked {} times: topic {}, producer"
                  + " group {}, message {}, half message {}; {} are parked. It waits until an end"
                  + " (37) or a request to resume its checks (323) comes",
              home.logGroup(),
              half.checks(),
              check.header().topic(),
              HalfMessage.producerGroup(bytes, bytes.position()),
              check.header().messageId(),
              MessageIds.encode(MessageRecord.storeHost(bytes, bytes.position()), half.position()),
              halves.parkedCount());
    }
  }

  /** The record of a half message; null when it can't be read, which the node's log tells then. */
  private @Nullable LogSlice read(Half half) {
    try {
      int sizeBytes;
      try (LogSlice start = home.log().slice(half.position(), MessageRecord.SIZE_BYTES_MIN)) {
        if (start == null) {
          return gone(half);
        }
        sizeBytes = MessageRecord.totalSize(start.bytes(), start.bytes().position());
      }
      LogSlice slice = home.log().slice(half.position(), sizeBytes);
      return slice == null ? gone(half) : slice;
    } catch (IllegalArgumentException | InternalError e) { // the latter is a bad sector
      getContext().getLog().error("the half message at {} can't be read", half.position(), e);
      return null;
    }
  }

  private @Nullable LogSlice gone(Half half) {
    getContext()
        .getLog()
        .error(
            "{}: the segment of the undecided half message at {} is gone",
            home.logGroup(),
            half.position());
    return null;
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
    long atMs = Math.min(nextDueMs(), nextGivenUpMs());
    if (atMs < timerAtMs) {
      timerAtMs = atMs;
      long delayMs = Math.max(0, atMs - nowMs());
      timers.startSingleTimer(LookForDue.INSTANCE, Duration.ofMillis(delayMs));
    }
  }

  /** Nothing is due while no more may be asked; then an answered question looks again. */
  private long nextDueMs() {
    return asked.size() >= home.settings().checksInFlightMax()
        ? Long.MAX_VALUE
        : halves.nextDueMs();
  }

  private long nextGivenUpMs() {
    return asked.isEmpty()
        ? Long.MAX_VALUE
        : asked.iterator().next().sinceMs() + home.settings().checkInterval().toMillis();
  }

  private long nowMs() {
    return home.clockMs().getAsLong();
  }
}
