package io.sampo.actors.retention;

import io.sampo.actors.group.LogGroup;
import io.sampo.actors.schedule.DueClock;
import io.sampo.actors.schedule.Scheduler;
import io.sampo.actors.transaction.TransactionRequests;
import io.sampo.cluster.journal.JournalCarrier;
import io.sampo.cluster.replication.AppendReply;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.DropBelow;
import io.sampo.record.MessageDraft;
import io.sampo.storage.index.QueueEnd;
import io.sampo.storage.index.SilentQueues;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.SegmentSpan;
import io.sampo.storage.upkeep.Retention;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Lets old segments of a log group's log go. One per log group, child of its leader.
 *
 * <p>A round: {@link Retention} says where the log could begin; delayed messages that wait below
 * that are carried to the end of the log; the oldest undecided half message says how far it must
 * stay after all; then the state of persistent actors is carried; then the log is told how far the
 * queues had come that are silent since ({@link SilentQueues}), and only when all of that is
 * committed the commit log is told. The other copies follow that list. Consumers don't count: who
 * is too slow misses what went. A round that fails or takes too long is given up, and the next one
 * begins anew; nothing is lost by that, since what was carried twice counts once.
 */
public final class OldSegments extends AbstractBehavior<OldSegments.Command> {
  /** What it is told, all of it by itself. */
  public sealed interface Command extends LogGroup.PartCommand {}

  private enum Check implements Command {
    INSTANCE
  }

  private record Looked(int round, long start) implements Command {}

  private record PartAnswered(LogGroup.PartReply reply) implements Command {}

  private record ScheduleReleased(int round, long position) implements Command {}

  private record HalvesAnswered(int round, long oldest) implements Command {}

  private record Carried(int round, int records) implements Command {}

  private record Listed(int round, Deque<MessageDraft> list) implements Command {}

  private record ListWritten(int round, AppendReply reply) implements Command {}

  private record Dropped(int round, DropBelow.DropReply reply) implements Command {}

  private record RoundFailed(int round, Throwable cause) implements Command {}

  /**
   * Where it lives.
   *
   * @param logGroup whose log it is
   * @param epoch of the leadership
   * @param log the read side
   * @param committedPosition up to where everything is committed
   * @param leader knows the parts
   * @param commitLog drops
   */
  public record Home(
      String logGroup,
      long epoch,
      LogReader log,
      LongSupplier committedPosition,
      ActorRef<LogGroup.Command> leader,
      ActorRef<CommitLog.Command> commitLog) {}

  /** Much more than carrying a segment takes; only against a part that never answers. */
  private static final Duration ROUND_MAX = Duration.ofMinutes(10);

  /** Of one record of a list of silent queues; the smallest segments take it. */
  private static final int LIST_BYTES_MAX = 32 << 10;

  private final Home home;
  private final RetentionSettings settings;
  private final DueClock clock;
  private final JournalCarrier carrier;
  private final Executor executor;
  private final ActorRef<LogGroup.PartReply> partReplies;
  private int round;
  private long roundEndMs;

  /** Where the log is to begin, 0 when no round is under way. */
  private long target;

  private LogGroup.@Nullable Part awaited;

  /** What is left to be written of the list. */
  private Deque<MessageDraft> list = new ArrayDeque<>();

  private long heldAt = -1;

  private OldSegments(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      Home home,
      RetentionSettings settings,
      DueClock clock) {
    super(context);
    this.home = home;
    this.settings = settings;
    this.clock = clock;
    this.carrier = new JournalCarrier(context.getSystem(), home.logGroup());
    this.executor =
        context
            .getSystem()
            .dispatchers()
            .lookup(DispatcherSelector.fromConfig("sampo.journal.dispatcher"));
    this.partReplies = context.messageAdapter(LogGroup.PartReply.class, PartAnswered::new);
    timers.startTimerWithFixedDelay(Check.INSTANCE, settings.checkInterval());
  }

  /**
   * @param clock says how old a message is, and takes no jump of the wall clock for time that
   *     passed
   */
  public static Behavior<Command> create(Home home, RetentionSettings settings, DueClock clock) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new OldSegments(context, timers, home, settings, clock)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessageEquals(Check.INSTANCE, this::onCheck)
        .onMessage(Looked.class, this::onLooked)
        .onMessage(PartAnswered.class, this::onPart)
        .onMessage(ScheduleReleased.class, this::onScheduleReleased)
        .onMessage(HalvesAnswered.class, this::onHalves)
        .onMessage(Carried.class, this::onCarried)
        .onMessage(Listed.class, this::onListed)
        .onMessage(ListWritten.class, this::onListWritten)
        .onMessage(Dropped.class, this::onDropped)
        .onMessage(RoundFailed.class, this::onRoundFailed)
        .build();
  }

  private Behavior<Command> onCheck() {
    long nowMs = System.currentTimeMillis();
    if (target == 0 || nowMs > roundEndMs) {
      target = 0;
      round++;
      roundEndMs = nowMs + ROUND_MAX.toMillis();
      int asked = round;
      getContext()
          .pipeToSelf(
              CompletableFuture.supplyAsync(this::look, executor),
              (start, failure) ->
                  failure == null ? new Looked(asked, start) : new RoundFailed(asked, failure));
    }
    return this;
  }

  /** Any thread: where the log could begin. */
  private long look() {
    LogReader log = home.log();
    return settings
        .rule()
        .start(
            log.startPosition(),
            log.fullSegments(),
            home.committedPosition().getAsLong(),
            moment());
  }

  private Retention.Moment moment() {
    long nowMs = clock.nowMs();
    ZonedDateTime now = Instant.ofEpochMilli(nowMs).atZone(ZoneId.systemDefault());
    try {
      FileStore disk = Files.getFileStore(settings.dataDir());
      double used = disk.getTotalSpace() - disk.getUnallocatedSpace();
      double usable = disk.getUsableSpace();
      return new Retention.Moment(nowMs, now.getHour(), used / (used + usable));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Behavior<Command> onLooked(Looked looked) {
    if (looked.round() == round && looked.start() > home.log().startPosition()) {
      target = looked.start();
      resolve(LogGroup.Part.SCHEDULE);
    }
    return this;
  }

  private void resolve(LogGroup.Part part) {
    awaited = part;
    home.leader().tell(new LogGroup.ResolvePart(part, partReplies));
  }

  private Behavior<Command> onPart(PartAnswered answered) {
    ActorRef<Command> self = getContext().getSelf();
    int asked = round;
    if (!(answered.reply() instanceof LogGroup.PartResolved part)) {
      target = 0;
      return this;
    }
    if (part.part() != awaited || target == 0) {
      return this; // of a round that was given up
    }
    awaited = null;
    if (part.part() == LogGroup.Part.SCHEDULE) {
      part.actor()
          .tell(
              new Scheduler.ReleaseBelow(
                  target, position -> self.tell(new ScheduleReleased(asked, position))));
    } else {
      part.actor()
          .tell(
              new TransactionRequests.GetOldestNeeded(
                  oldest -> self.tell(new HalvesAnswered(asked, oldest))));
    }
    return this;
  }

  private Behavior<Command> onScheduleReleased(ScheduleReleased released) {
    if (isCurrent(released.round())) {
      if (released.position() < target) {
        target = 0; // not now
      } else {
        resolve(LogGroup.Part.TRANSACTIONS);
      }
    }
    return this;
  }

  private Behavior<Command> onHalves(HalvesAnswered answered) {
    if (!isCurrent(answered.round())) {
      return this;
    }
    target = segmentEnd(Math.min(target, answered.oldest()));
    if (target <= home.log().startPosition()) {
      sayHeld(answered.oldest());
      target = 0;
      return this;
    }
    int asked = round;
    getContext()
        .pipeToSelf(
            carrier.carry(target),
            (records, failure) ->
                failure == null ? new Carried(asked, records) : new RoundFailed(asked, failure));
    return this;
  }

  /** The end of the newest segment that ends at or below a position. */
  private long segmentEnd(long position) {
    long end = 0;
    List<SegmentSpan> full = home.log().fullSegments();
    for (SegmentSpan segment : full) {
      if (segment.endPosition() <= position) {
        end = segment.endPosition();
      }
    }
    return end;
  }

  private void sayHeld(long oldest) {
    if (heldAt != oldest) {
      heldAt = oldest;
      getContext()
          .getLog()
          .warn(
              "{}: old segments stay, because the half message at {} has no end; end or resume it",
              home.logGroup(),
              oldest);
    }
  }

  private Behavior<Command> onCarried(Carried carried) {
    if (isCurrent(carried.round())) {
      int asked = round;
      long start = target;
      getContext()
          .getLog()
          .debug("{}: carried {} records of persistent state", home.logGroup(), carried.records());
      getContext()
          .pipeToSelf(
              CompletableFuture.supplyAsync(() -> listOfSilentQueues(start), executor),
              (found, failure) ->
                  failure == null ? new Listed(asked, found) : new RoundFailed(asked, failure));
    }
    return this;
  }

  /** Any thread. */
  private Deque<MessageDraft> listOfSilentQueues(long start) {
    List<QueueEnd> silent = home.log().queuesSilentFrom(start);
    SilentQueues.Drop drop = new SilentQueues.Drop(start, settings.rule().time().toMillis());
    return new ArrayDeque<>(SilentQueues.drafts(drop, silent, LIST_BYTES_MAX));
  }

  private Behavior<Command> onListed(Listed listed) {
    if (isCurrent(listed.round())) {
      list = listed.list();
      writeNext();
    }
    return this;
  }

  /** One after the other, so that they lie together in the queue. */
  private void writeNext() {
    ActorRef<Command> self = getContext().getSelf();
    int asked = round;
    MessageDraft next = list.pollFirst();
    if (next == null) {
      home.commitLog()
          .tell(new DropBelow(home.epoch(), target, reply -> self.tell(new Dropped(asked, reply))));
    } else {
      home.commitLog()
          .tell(
              new CommitLog.Append(
                  home.epoch(),
                  List.of(next),
                  null,
                  reply -> self.tell(new ListWritten(asked, reply))));
    }
  }

  private Behavior<Command> onListWritten(ListWritten written) {
    if (isCurrent(written.round())) {
      if (written.reply() instanceof AppendReply.Appended) {
        writeNext();
      } else {
        getContext()
            .getLog()
            .warn("{}: old segments stay for now: {}", home.logGroup(), written.reply());
        target = 0;
      }
    }
    return this;
  }

  private Behavior<Command> onDropped(Dropped dropped) {
    if (isCurrent(dropped.round())) {
      if (dropped.reply() instanceof DropBelow.DropRefused refused) {
        getContext().getLog().warn("{}: old segments stay: {}", home.logGroup(), refused.reason());
      } else {
        getContext().getLog().info("{}: the log begins at {} now", home.logGroup(), target);
      }
      target = 0;
    }
    return this;
  }

  private Behavior<Command> onRoundFailed(RoundFailed failed) {
    if (failed.round() == round) {
      getContext()
          .getLog()
          .warn(
              "{}: old segments can't go now; trying again later", home.logGroup(), failed.cause());
      target = 0;
    }
    return this;
  }

  private boolean isCurrent(int asked) {
    return asked == round && target > 0;
  }
}
