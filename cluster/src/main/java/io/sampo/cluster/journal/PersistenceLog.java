package io.sampo.cluster.journal;

import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.AppendReply;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.LocalLog;
import io.sampo.cluster.replication.LocalLogs;
import io.sampo.record.BodyCrc;
import io.sampo.record.HostAddress;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogSlice;
import io.sampo.storage.log.QueueView;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A log group's log as the persistence plugins see it: records of bytes in queues, of which only
 * what is committed exists. Made per operation and bound to the leadership that it found: when that
 * ends, appends are refused. Reading may wait for the disk, so it belongs on the plugins' own
 * dispatcher.
 */
final class PersistenceLog {
  private static final HostAddress NOWHERE = new HostAddress(new byte[4], 0);
  private static final int CHUNK_RECORDS = 256;
  private static final int CHUNK_BYTES = 1 << 20;

  private final LocalLog log;
  private final long epoch;
  private final Executor executor;

  private PersistenceLog(LocalLog log, long epoch, Executor executor) {
    this.log = log;
    this.epoch = epoch;
    this.executor = executor;
  }

  /**
   * The log of a log group that is led here.
   *
   * @param executor where continuations of appends run
   * @throws PersistenceRefusedException when it isn't
   */
  static PersistenceLog led(LocalLogs logs, String logGroup, Executor executor) {
    LocalLog log = logs.find(logGroup);
    long epoch = log == null ? 0 : log.ledEpoch();
    if (log == null || epoch == 0) {
      throw new PersistenceRefusedException(logGroup + " is not led on this node");
    }
    return new PersistenceLog(log, epoch, executor);
  }

  /** Looks at a record. */
  @FunctionalInterface
  interface RecordVisitor {
    /**
     * @param body valid during the call only
     */
    void visit(long offset, ByteBuffer body);
  }

  /** Every queue of the log. */
  Collection<QueueKey> queues() {
    return log.reader().queues();
  }

  /** Where a record lies in the log; -1 when it isn't there or not committed. */
  long position(QueueKey queue, long offset) {
    long committedPosition = log.committedPosition();
    long[] found = {-1};
    log.reader()
        .queue(queue)
        .scan(
            offset,
            offset + 1,
            (at, position, sizeBytes, tagHash) -> {
              found[0] = position < committedPosition ? position : -1;
              return true;
            });
    return found[0];
  }

  /** The oldest offset of a queue that is still there. */
  long firstOffset(QueueKey queue) {
    return log.reader().queue(queue).firstOffset();
  }

  /** The offset after the newest committed record of a queue, 0 when there never was one. */
  long committedEnd(QueueKey queue) {
    QueueView view = log.reader().queue(queue);
    long end = view.nextOffset();
    while (end > view.firstOffset() && !isCommitted(view, end - 1)) {
      end--;
    }
    return end;
  }

  /** Appends records to a queue, all or none; the first one's offset once they are committed. */
  CompletionStage<Long> append(QueueKey queue, List<byte[]> bodies) {
    return append(bodies.stream().map(body -> draft(queue, body)).toList());
  }

  /** The same with records of any queues: the offset of the first of all in its queue. */
  CompletionStage<Long> append(List<MessageDraft> drafts) {
    QueueKey queue = drafts.get(0).queue();
    CompletableFuture<AppendReply> reply = new CompletableFuture<>();
    log.commitLog().tell(new CommitLog.Append(epoch, drafts, null, reply::complete));
    // The reply comes on the log's own thread, which must not be kept.
    return reply.thenApplyAsync(answer -> offsetOf(queue, answer), executor);
  }

  /** What a record is made of. */
  MessageDraft draft(QueueKey queue, byte[] body) {
    ByteBuffer bytes = ByteBuffer.wrap(body);
    return MessageDraft.to(queue)
        .born(System.currentTimeMillis(), NOWHERE)
        .body(bytes, BodyCrc.of(bytes))
        .build();
  }

  /** A copy of one committed record's body; null when there is no such record. */
  byte @Nullable [] read(QueueKey queue, long offset) {
    byte[][] found = new byte[1][];
    visit(
        queue,
        offset,
        (at, body) -> {
          found[0] = new byte[body.remaining()];
          body.get(found[0]);
        });
    return found[0];
  }

  /** Looks at one committed record, if it is there. */
  void visit(QueueKey queue, long offset, RecordVisitor visitor) {
    visitChunk(queue, offset, offset + 1, visitor);
  }

  /**
   * Looks at committed records in order. A long run is read piece by piece, and others who wait for
   * the executor have their turn between two of them. Fails when a record in the range isn't there.
   */
  CompletionStage<@Nullable Void> visitAll(
      QueueKey queue, long fromOffset, long endOffset, RecordVisitor visitor) {
    return new Walk(queue, fromOffset, endOffset, visitor).start();
  }

  /** Looks at some records from an offset on; returns the offset after the last of them. */
  private long visitChunk(QueueKey queue, long fromOffset, long endOffset, RecordVisitor visitor) {
    Chunk chunk = new Chunk();
    long committedPosition = log.committedPosition();
    long chunkEnd =
        log.reader()
            .queue(queue)
            .scan(
                fromOffset,
                endOffset,
                (at, position, sizeBytes, tagHash) ->
                    position < committedPosition && chunk.add(position, sizeBytes));
    for (int i = 0; i < chunk.size; i++) {
      visit(queue, fromOffset + i, chunk.positions[i], chunk.sizes[i], visitor);
    }
    return chunkEnd;
  }

  private void visit(
      QueueKey queue, long offset, long position, int sizeBytes, RecordVisitor visitor) {
    try (LogSlice slice = log.reader().slice(position, sizeBytes)) {
      if (slice == null) {
        throw new PersistenceRefusedException(queue + " has lost its record at offset " + offset);
      }
      ByteBuffer bytes = slice.bytes();
      visitor.visit(offset, MessageRecord.body(bytes, bytes.position()));
    }
  }

  private boolean isCommitted(QueueView view, long offset) {
    boolean[] committed = new boolean[1];
    long committedPosition = log.committedPosition();
    view.scan(
        offset,
        offset + 1,
        (at, position, sizeBytes, tagHash) -> {
          committed[0] = position < committedPosition;
          return true;
        });
    return committed[0];
  }

  private long offsetOf(QueueKey queue, AppendReply answer) {
    if (answer instanceof Appended appended) {
      return appended.queueOffset();
    }
    throw new PersistenceRefusedException(
        queue.topic()
            + " was not stored: "
            + switch ((AppendRefused) answer) {
              case WINDOW_FULL -> "too much is under way";
              case DISK_FULL -> "the disk has no room";
              case LOG_FAILED -> "the disk failed";
              case REPLICAS_MISSING -> "not enough replicas confirmed it";
              case TOO_LARGE -> "it does not fit a segment of the log";
              case NOT_LEADING, LEADERSHIP_ENDED ->
                  log.logGroup() + " is no longer led here under epoch " + epoch;
            });
  }

  /** A look at many records, a chunk at a time. */
  private final class Walk implements Runnable {
    private final QueueKey queue;
    private final long endOffset;
    private final RecordVisitor visitor;
    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    private long nextOffset;

    Walk(QueueKey queue, long fromOffset, long endOffset, RecordVisitor visitor) {
      this.queue = queue;
      this.nextOffset = fromOffset;
      this.endOffset = endOffset;
      this.visitor = visitor;
    }

    CompletionStage<@Nullable Void> start() {
      run();
      return done;
    }

    @Override
    public void run() {
      try {
        if (nextOffset >= endOffset) {
          done.complete(null);
          return;
        }
        long chunkEnd = visitChunk(queue, nextOffset, endOffset, visitor);
        if (chunkEnd == nextOffset) {
          throw new PersistenceRefusedException(
              queue + " has no record at offset " + nextOffset + ", but ends at " + endOffset);
        }
        nextOffset = chunkEnd;
        executor.execute(this);
      } catch (RuntimeException e) {
        done.completeExceptionally(e);
      }
    }
  }

  /** Where some records of a queue are, next to each other in offset. */
  private static final class Chunk {
    private final long[] positions = new long[CHUNK_RECORDS];
    private final int[] sizes = new int[CHUNK_RECORDS];
    private int size;
    private long sizeBytes;

    /** False when it is full; a first record always fits. */
    boolean add(long position, int recordBytes) {
      if (size == CHUNK_RECORDS || (size > 0 && sizeBytes + recordBytes > CHUNK_BYTES)) {
        return false;
      }
      positions[size] = position;
      sizes[size] = recordBytes;
      size++;
      sizeBytes += recordBytes;
      return true;
    }
  }
}
