package io.sampo.actors.group;

import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.AppendReply;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.replication.Undeliverable;
import io.sampo.record.MessageDraft;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.jspecify.annotations.Nullable;

/**
 * Owns one queue (topic and queue id) of a log group: answers reads from its {@link CommittedPart},
 * and keeps pulls waiting that come early. One actor per queue, child of the log group that leads
 * it, on the default dispatcher. Appends pass by it through its {@link QueueGate}, which also knows
 * how far the queue is committed. It looks at a message's bytes only for a filter that must.
 *
 * <p>Invariant: while pulls are parked, each has seen everything below the committed offset, or the
 * actor has been told to look again.
 */
public final class Queue extends AbstractBehavior<Queue.Command> {
  /** What a queue is told. */
  public sealed interface Command {}

  /** Appends messages, all or none; takes over the drafts and releases them. */
  public record Append(List<MessageDraft> messages, ReplyTo<AppendReply> replyTo)
      implements Command, Undeliverable {
    @Override
    public void undelivered() {
      messages.forEach(MessageDraft::release);
      replyTo.tell(AppendRefused.NOT_LEADING);
    }
  }

  /**
   * Reads from an offset; waits for messages when there are none.
   *
   * @param offset the first offset wanted
   * @param limits how much
   * @param filter which messages
   * @param waitMillis how long the answer may wait for a message, 0 not at all
   */
  public record Pull(
      long offset,
      PullLimits limits,
      EntryFilter filter,
      long waitMillis,
      ReplyTo<PullReply> replyTo)
      implements Command, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(ReadRefused.NOT_LEADING);
    }
  }

  /** How much one pull may bring. At least one message comes, however large. */
  public record PullLimits(int messages, int bytes) {}

  /** Decides by what the index knows and, only where it must, by the record itself. */
  @FunctionalInterface
  public interface EntryFilter {
    EntryFilter ALL = tagHash -> true;

    boolean matches(int tagHash);

    /** True when {@link #matchesRecord} has to be asked about what {@link #matches}. */
    default boolean readsRecords() {
      return false;
    }

    /**
     * Decides by the record.
     *
     * @param records holds the record; only absolute gets
     * @param index where it starts
     */
    default boolean matchesRecord(ByteBuffer records, int index) {
      return true;
    }
  }

  /** The answer to a pull. */
  public sealed interface PullReply {}

  /**
   * Messages.
   *
   * @param slices their records in order; whoever gets this closes them
   * @param nextOffset where to go on, after the last entry looked at
   */
  public record Found(
      List<LogSlice> slices, int messages, long nextOffset, long minOffset, long maxOffset)
      implements PullReply {}

  /** Nothing new came within the wait. */
  public record NothingNew(long nextOffset, long minOffset, long maxOffset) implements PullReply {}

  /** Entries were looked at and none matched. */
  public record NothingMatched(long nextOffset, long minOffset, long maxOffset)
      implements PullReply {}

  /** The offset is outside the queue; go on at {@code nextOffset}. */
  public record OffsetMoved(long nextOffset, long minOffset, long maxOffset) implements PullReply {}

  /**
   * Reads the messages at certain offsets, whatever lies between.
   *
   * @param offsets ascending
   * @param bytesMax where to stop, though not before the first message
   */
  public record ReadAt(long[] offsets, int bytesMax, ReplyTo<ReadAtReply> replyTo)
      implements Command, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(ReadRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link ReadAt}. */
  public sealed interface ReadAtReply {}

  /**
   * Messages.
   *
   * @param slices a record each, in order; whoever gets this closes them
   * @param offsets theirs; those that are gone are missing
   * @param lookedAt how many of the wanted offsets were looked at, from the first on
   */
  public record ReadAtFound(List<LogSlice> slices, long[] offsets, int lookedAt)
      implements ReadAtReply {}

  /** Why a read was not done. Only a pull can be refused as {@link #TOO_MANY_WAITING}. */
  public enum ReadRefused implements PullReply, ReadAtReply, BoundsReply, SearchReply {
    /** Too many pulls wait at this queue. */
    TOO_MANY_WAITING,
    /** The log could not be read; the node's log says why. */
    READ_FAILED,
    /** The queue is not, or no longer, led here; try again. */
    NOT_LEADING
  }

  /** Asks for the bounds of what is committed. */
  public record GetBounds(ReplyTo<BoundsReply> replyTo) implements Command, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(ReadRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link GetBounds}. */
  public sealed interface BoundsReply {}

  /**
   * The offsets of a queue.
   *
   * @param minOffset the oldest message
   * @param maxOffset after the newest committed message
   * @param oldestStoreTimestampMs when the oldest message was stored, -1 when there is none
   */
  public record Bounds(long minOffset, long maxOffset, long oldestStoreTimestampMs)
      implements BoundsReply {}

  /**
   * Asks for the first offset stored at or after a time, or with {@code upper} the last one at or
   * before it.
   */
  public record SearchOffset(long timestampMs, boolean upper, ReplyTo<SearchReply> replyTo)
      implements Command, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(ReadRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link SearchOffset}. */
  public sealed interface SearchReply {}

  /** The offset that was searched. */
  public record OffsetFound(long offset) implements SearchReply {}

  /** Has the pulls that wait answered as if their time were over: their consumers come again. */
  public enum EndWaits implements Command {
    INSTANCE
  }

  /**
   * Others have appended to the queue.
   *
   * @param nextOffset every message below it is committed
   */
  record Committed(long nextOffset) implements Command {}

  /** More is committed, and a pull waits. */
  private enum LookAgain implements Command {
    INSTANCE
  }

  /** The deadline of the earliest parked pull has come. */
  private enum WaitIsOver implements Command {
    INSTANCE
  }

  private final QueueKey key;
  private final QueueGate gate;
  private final CommittedPart committed;
  private final ParkedPulls parked;
  private final Runnable lookAgain;

  private Queue(
      ActorContext<Command> context,
      QueueKey key,
      QueueGate gate,
      CommittedPart committed,
      ParkedPulls parked) {
    super(context);
    this.key = key;
    this.gate = gate;
    this.committed = committed;
    this.parked = parked;
    ActorRef<Command> self = context.getSelf();
    this.lookAgain = () -> self.tell(LookAgain.INSTANCE);
  }

  /** A queue's actor and its gate, which is to be entered with the {@link LocalQueues}. */
  record Start(Behavior<Command> actor, QueueGate gate) {}

  /**
   * A queue that begins with everything committed which the log holds of it, as is so when a
   * leadership begins.
   *
   * @param clockMs a clock that never goes back, in milliseconds from any origin
   */
  static Start create(
      QueueKey key, Leadership leadership, QueueSettings settings, LongSupplier clockMs) {
    LogReader log = leadership.log();
    QueueGate gate = new QueueGate(leadership, log.queue(key).nextOffset(), settings.inFlightMax());
    Behavior<Command> queue =
        Behaviors.setup(
            context ->
                Behaviors.withTimers(
                    timers -> {
                      ParkedPulls parked =
                          new ParkedPulls(settings, clockMs, timers, WaitIsOver.INSTANCE);
                      CommittedPart committed =
                          new CommittedPart(key, log, gate, settings.scanEntriesMax());
                      return new Queue(context, key, gate, committed, parked);
                    }));
    return new Start(
        Behaviors.supervise(queue).onFailure(Exception.class, SupervisorStrategy.restart()), gate);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Append.class, this::onAppend)
        .onMessage(Pull.class, this::onPull)
        .onMessage(ReadAt.class, this::onReadAt)
        .onMessageEquals(LookAgain.INSTANCE, this::onLookAgain)
        .onMessage(Committed.class, this::onCommitted)
        .onMessageEquals(WaitIsOver.INSTANCE, this::onWaitIsOver)
        .onMessageEquals(EndWaits.INSTANCE, this::onEndWaits)
        .onMessage(GetBounds.class, this::onGetBounds)
        .onMessage(SearchOffset.class, this::onSearchOffset)
        .onSignal(PreRestart.class, signal -> onEnd())
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<Command> onAppend(Append append) {
    gate.append(append);
    return this;
  }

  private Behavior<Command> onPull(Pull pull) {
    PullReply reply;
    try {
      reply = read(pull);
    } catch (RuntimeException | InternalError e) {
      reply = readFailed(e);
    }
    if (reply != null) {
      pull.replyTo().tell(reply);
    }
    return this;
  }

  /** Answers a pull from what is committed; null when it was parked. */
  private @Nullable PullReply read(Pull pull) {
    long seen = gate.committedOffset();
    PullReply reply = committed.read(pull, seen);
    if (reply != null) {
      return reply;
    }
    if (pull.waitMillis() > 0) {
      if (!parked.isFull()) {
        park(pull, seen);
        return null;
      }
      if (pull.offset() == seen) {
        return ReadRefused.TOO_MANY_WAITING;
      }
    }
    return committed.nothingFor(pull, seen);
  }

  private void park(Pull pull, long seen) {
    parked.park(pull, seen);
    gate.watch(lookAgain);
    if (gate.committedOffset() != seen) {
      onLookAgain();
    }
  }

  private Behavior<Command> onCommitted(Committed told) {
    gate.committed(told.nextOffset());
    return this;
  }

  /** Answers the parked pulls that can be, and has itself told if there is more for the others. */
  private Behavior<Command> onLookAgain() {
    long seen;
    do {
      long maxOffset = gate.committedOffset();
      seen = maxOffset;
      parked.removeAnswered(waiting -> answerIfAnyMatches(waiting, maxOffset));
      if (parked.isEmpty()) {
        return this;
      }
      gate.watch(lookAgain);
    } while (gate.committedOffset() != seen);
    return this;
  }

  private boolean answerIfAnyMatches(ParkedPulls.ParkedPull waiting, long maxOffset) {
    PullReply reply;
    try {
      reply = committed.look(waiting.pull, waiting.reached, maxOffset);
    } catch (RuntimeException | InternalError e) {
      reply = readFailed(e);
    }
    if (reply == null) {
      waiting.reached = maxOffset;
      return false;
    }
    waiting.pull.replyTo().tell(reply);
    return true;
  }

  private Behavior<Command> onWaitIsOver() {
    parked.removeDue(this::answerEmpty);
    return this;
  }

  private Behavior<Command> onEndWaits() {
    parked.removeAnswered(
        waiting -> {
          answerEmpty(waiting);
          return true;
        });
    return this;
  }

  private void answerEmpty(ParkedPulls.ParkedPull waiting) {
    waiting.pull.replyTo().tell(committed.nothingFor(waiting.pull, waiting.reached));
  }

  private Behavior<Command> onReadAt(ReadAt wanted) {
    ReadAtReply reply;
    try {
      reply = committed.readAt(wanted);
    } catch (RuntimeException | InternalError e) {
      reply = readFailed(e);
    }
    wanted.replyTo().tell(reply);
    return this;
  }

  private Behavior<Command> onGetBounds(GetBounds get) {
    BoundsReply reply;
    try {
      reply = committed.bounds();
    } catch (RuntimeException | InternalError e) {
      reply = readFailed(e);
    }
    get.replyTo().tell(reply);
    return this;
  }

  private Behavior<Command> onSearchOffset(SearchOffset search) {
    SearchReply reply;
    try {
      reply = new OffsetFound(committed.search(search.timestampMs(), search.upper()));
    } catch (RuntimeException | InternalError e) {
      reply = readFailed(e);
    }
    search.replyTo().tell(reply);
    return this;
  }

  /**
   * A read that fails concerns the one who asked; those who wait go on waiting. A mapped read meets
   * a bad sector as an {@link InternalError}.
   */
  private ReadRefused readFailed(Throwable cause) {
    getContext().getLog().error("a read of {} failed", key, cause);
    return ReadRefused.READ_FAILED;
  }

  private Behavior<Command> onPostStop() {
    LocalQueues.get(getContext().getSystem()).leave(getContext().getSelf());
    return onEnd();
  }

  /** Nobody waits for a queue that is gone, or that has forgotten them. */
  private Behavior<Command> onEnd() {
    parked.removeAnswered(
        waiting -> {
          waiting.pull.replyTo().tell(ReadRefused.NOT_LEADING);
          return true;
        });
    return this;
  }
}
