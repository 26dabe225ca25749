package io.sampo.actors.group;

import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.replication.Undeliverable;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.jspecify.annotations.Nullable;

/**
 * Finds single records of a log group by their position, which clients know as the physical offset
 * of a message and send back in several requests. One per log group, child of its leader.
 *
 * <p>A position comes from outside and is not trusted: a record is given out only when it is
 * committed, lies there whole, names this position itself, and its queue's index agrees. Bytes that
 * only look like a record, as a body may, are never taken for one.
 */
public final class RecordReader extends AbstractBehavior<RecordReader.Command> {
  /** What the reader is told. */
  public sealed interface Command extends LogGroup.PartCommand {}

  /** Asks for the record that starts at a position of the log. */
  public record ReadRecord(long position, ReplyTo<RecordReply> replyTo)
      implements Command, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(NoRecord.NOT_LEADING);
    }
  }

  /** The answer to {@link ReadRecord}. */
  public sealed interface RecordReply {}

  /**
   * The record.
   *
   * @param slice the whole record and nothing else; whoever gets this closes it
   */
  public record RecordFound(LogSlice slice) implements RecordReply {}

  /** Asks from where to where the log can be read. */
  public record GetExtent(ReplyTo<ExtentReply> replyTo) implements Command, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(NoRecord.NOT_LEADING);
    }
  }

  /** The answer to {@link GetExtent}. */
  public sealed interface ExtentReply {}

  /**
   * Positions of the log.
   *
   * @param start of its oldest segment
   * @param end the commit position
   */
  public record Extent(long start, long end) implements ExtentReply {}

  /** Why there is no record. */
  public enum NoRecord implements RecordReply, ExtentReply {
    /** No committed record starts there, or not any more. */
    NO_SUCH_RECORD,
    /** The log could not be read; the node's log says why. */
    READ_FAILED,
    /** The log group is not, or no longer, led here; try again. */
    NOT_LEADING
  }

  private final LogReader log;
  private final LongSupplier committedPosition;

  private RecordReader(
      ActorContext<Command> context, LogReader log, LongSupplier committedPosition) {
    super(context);
    this.log = log;
    this.committedPosition = committedPosition;
  }

  /**
   * @param committedPosition records that start below it may be shown; any thread
   */
  static Behavior<Command> create(LogReader log, LongSupplier committedPosition) {
    return Behaviors.setup(context -> new RecordReader(context, log, committedPosition));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(ReadRecord.class, this::onReadRecord)
        .onMessage(GetExtent.class, this::onGetExtent)
        .build();
  }

  private Behavior<Command> onReadRecord(ReadRecord read) {
    RecordReply reply;
    try {
      LogSlice slice = find(read.position());
      reply = slice == null ? NoRecord.NO_SUCH_RECORD : new RecordFound(slice);
    } catch (RuntimeException | InternalError e) { // a mapped read of a bad sector is the latter
      getContext().getLog().error("the record at {} can't be read", read.position(), e);
      reply = NoRecord.READ_FAILED;
    }
    read.replyTo().tell(reply);
    return this;
  }

  private Behavior<Command> onGetExtent(GetExtent get) {
    get.replyTo().tell(new Extent(log.startPosition(), committedPosition.getAsLong()));
    return this;
  }

  private @Nullable LogSlice find(long position) {
    int sizeBytes = sizeAt(position);
    LogSlice slice = sizeBytes == 0 ? null : sliceAt(position, sizeBytes);
    if (slice == null) {
      return null;
    }
    boolean found = false;
    try {
      found = isIndexed(position, slice.bytes());
    } finally {
      if (!found) {
        slice.close();
      }
    }
    return found ? slice : null;
  }

  /** The length that a record at the position says it has, 0 when there can't be one. */
  private int sizeAt(long position) {
    try (LogSlice start = sliceAt(position, MessageRecord.SIZE_BYTES_MIN)) {
      if (start == null) {
        return 0;
      }
      ByteBuffer bytes = start.bytes();
      int at = bytes.position();
      return MessageRecord.physicalOffset(bytes, at) == position
          ? Math.max(0, MessageRecord.totalSize(bytes, at))
          : 0;
    }
  }

  /** Null when the range isn't committed, or isn't part of one segment. */
  private @Nullable LogSlice sliceAt(long position, int sizeBytes) {
    if (position < log.startPosition() || position > committedPosition.getAsLong() - sizeBytes) {
      return null;
    }
    try {
      return log.slice(position, sizeBytes);
    } catch (IllegalArgumentException e) { // leaves the segment, so no record is there
      return null;
    }
  }

  private boolean isIndexed(long position, ByteBuffer bytes) {
    int at = bytes.position();
    if (!MessageRecord.isWhole(bytes, at, bytes.limit())) {
      return false;
    }
    QueueKey queue = new QueueKey(MessageRecord.topic(bytes, at), MessageRecord.queueId(bytes, at));
    long offset = MessageRecord.queueOffset(bytes, at);
    boolean[] same = new boolean[1];
    log.queue(queue)
        .scan(
            offset,
            offset + 1,
            (entryOffset, entryPosition, entryBytes, tagHash) -> {
              same[0] = entryPosition == position && entryBytes == bytes.remaining();
              return true;
            });
    return same[0];
  }
}
