package io.sampo.cluster.replication;

import io.sampo.cluster.protocol.Frames;
import io.sampo.cluster.protocol.LogBase;
import io.sampo.cluster.protocol.LogOutline;
import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.Pledge;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import io.sampo.storage.index.QueueEnd;
import io.sampo.storage.keys.KeyMatches;
import io.sampo.storage.keys.KeyQuery;
import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.log.LogFailedException;
import io.sampo.storage.log.LogFullException;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import io.sampo.storage.log.NewestRecords;
import io.sampo.storage.log.QueueView;
import io.sampo.storage.log.RecordPlace;
import io.sampo.storage.log.SegmentSpan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A log in memory that writes down in which order it is used, and fails when it is told to. It
 * keeps no records, only how many each queue has. Its trace is a line per call, also of those who
 * add to it from outside, such as the receivers of answers.
 */
final class ScriptedReplicaLog implements ReplicaLog, LogReader {
  private final List<String> trace = new ArrayList<>();
  private final Map<QueueKey, Long> appended = new ConcurrentHashMap<>();
  private final Map<QueueKey, Long> visible = new ConcurrentHashMap<>();
  private final Gate flushGate = new Gate();
  private final Gate appendGate = new Gate();
  private long epoch;
  private long position;
  private volatile long writtenPosition;
  private volatile long flushedPosition;
  private volatile boolean full;
  private volatile boolean flushFails;
  private volatile boolean appendFails;
  private volatile boolean promiseFails;

  /** What happened so far. */
  List<String> trace() {
    synchronized (trace) {
      return List.copyOf(trace);
    }
  }

  void note(String line) {
    synchronized (trace) {
      trace.add(line);
    }
  }

  /** From now on the disk has no room, or has it again. */
  void full(boolean full) {
    this.full = full;
  }

  /** From now on flushes fail. */
  void failFlushes() {
    flushFails = true;
  }

  /** From now on writes to the mapped file fail. */
  void failAppends() {
    appendFails = true;
  }

  /** From now on the promise can't be stored. */
  void failPromises() {
    promiseFails = true;
  }

  /** Clients' records were written. */
  void grow(int bytes) {
    position += bytes;
    writtenPosition = position;
  }

  /** Flushes pass here. */
  Gate flushGate() {
    return flushGate;
  }

  /** Appends pass here. */
  Gate appendGate() {
    return appendGate;
  }

  @Override
  public LogReader reader() {
    return this;
  }

  @Override
  public void beginEpoch(long epoch) {
    note("epoch " + epoch);
    position += 64;
    writtenPosition = position;
  }

  @Override
  public LogOutline outline() {
    return new LogOutline(
        new LogBase(0, 0, Membership.NOBODY), writtenPosition, List.of(), List.of());
  }

  @Override
  public Pledge pledge() {
    return new Pledge(epoch, false);
  }

  @Override
  public void persist(Pledge pledge) throws IOException {
    note("promise " + pledge.promisedEpoch());
    if (promiseFails) {
      throw new IOException("no space left for the promise");
    }
    epoch = pledge.promisedEpoch();
  }

  @Override
  public void appendMembership(Membership membership) {
    throw new UnsupportedOperationException("keeps no memberships");
  }

  @Override
  public void appendFrames(Frames frames) {
    throw new UnsupportedOperationException("keeps no frames");
  }

  @Override
  public Frames readFrames(long from, long end, int bytesMax) {
    note("read " + from + " to " + end);
    return new Frames(from, end, List.of(), List.of(), "");
  }

  @Override
  public void giveUp(CorruptLogException damage) {
    throw new UnsupportedOperationException("is never damaged");
  }

  @Override
  public void cutTo(long position) {
    throw new UnsupportedOperationException("keeps no frames");
  }

  @Override
  public void resetTo(LogBase base) {
    throw new UnsupportedOperationException("keeps no frames");
  }

  @Override
  public void dropBelow(long position) {
    throw new UnsupportedOperationException("no test of this log drops anything");
  }

  @Override
  public long agreedStart(long committedPosition, long nowMs) {
    return 0;
  }

  @Override
  public int sizeOf(MessageDraft draft) {
    return MessageRecordWriter.sizeOf(draft);
  }

  @Override
  public int maxGroupBytes() {
    return 64 << 10;
  }

  @Override
  public void reserve(int sizeBytes) throws LogFullException {
    if (full) {
      throw new LogFullException("no space left for " + sizeBytes + " bytes");
    }
  }

  @Override
  public void append(MessageDraft draft, long storeTimestampMs, RecordPlace place) {
    appendGate.pass();
    if (appendFails) {
      throw new InternalError("a fault occurred in an unsafe memory access operation");
    }
    note("append " + draft.queue().topic() + " at " + storeTimestampMs);
    place.queueOffset = appended.merge(draft.queue(), 1L, Long::sum) - 1;
    place.position = position;
    place.sizeBytes = sizeOf(draft);
    position += place.sizeBytes;
  }

  @Override
  public void endBatch() {
    note("endBatch");
    visible.putAll(appended);
    writtenPosition = position;
  }

  @Override
  public void flush() throws LogFailedException {
    long end = writtenPosition;
    flushGate.pass();
    if (flushFails) {
      note("flush failed");
      throw new LogFailedException("the disk said no");
    }
    flushedPosition = end;
    note("flush");
  }

  @Override
  public void close() {
    note("close");
  }

  @Override
  public QueueView queue(QueueKey queue) {
    long next = visible.getOrDefault(queue, 0L);
    return new QueueView() {
      @Override
      public long firstOffset() {
        return 0;
      }

      @Override
      public long nextOffset() {
        return next;
      }

      @Override
      public long scan(long fromOffset, long endOffset, EntryVisitor visitor) {
        throw new UnsupportedOperationException("keeps no records");
      }

      @Override
      public long offsetAtOrAfter(long timestampMs, long endOffset) {
        throw new UnsupportedOperationException("keeps no records");
      }
    };
  }

  @Override
  public List<QueueEnd> queuesSilentFrom(long position) {
    return List.of();
  }

  @Override
  public Collection<QueueKey> queues() {
    return visible.keySet();
  }

  @Override
  public @Nullable LogSlice slice(long position, int sizeBytes) {
    return null;
  }

  @Override
  public long startPosition() {
    return 0;
  }

  @Override
  public KeyMatches find(KeyQuery query, long endPosition, BooleanSupplier expired) {
    throw new UnsupportedOperationException("this log has no keys");
  }

  /** It has none to read. */
  @Override
  public void readNewest(NewestRecords limits, RecordVisitor visitor) {}

  @Override
  public List<SegmentSpan> fullSegments() {
    return List.of();
  }

  @Override
  public long writtenPosition() {
    return writtenPosition;
  }

  @Override
  public long flushedPosition() {
    return flushedPosition;
  }

  /** Lets the writer pass, until it is held. */
  static final class Gate {
    private final Semaphore allowed = new Semaphore(Integer.MAX_VALUE / 2);

    /** From now on the writer waits here until it is allowed on. */
    void hold() {
      allowed.drainPermits();
    }

    void allow(int times) {
      allowed.release(times);
    }

    /** True while the writer waits. */
    boolean isWaitedAt() {
      return allowed.hasQueuedThreads();
    }

    void pass() {
      try {
        if (!allowed.tryAcquire(20, TimeUnit.SECONDS)) {
          throw new IllegalStateException("the test forgot that the writer waits");
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
