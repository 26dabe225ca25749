package io.sampo.actors.group;

import io.sampo.record.QueueKey;
import io.sampo.storage.index.QueueEnd;
import io.sampo.storage.keys.KeyMatches;
import io.sampo.storage.keys.KeyQuery;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import io.sampo.storage.log.NewestRecords;
import io.sampo.storage.log.QueueView;
import io.sampo.storage.log.SegmentSpan;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A log of entries without bytes: a test adds entries, forgets the oldest, makes reads fail and
 * counts the slices that nobody closed. A slice's bytes are zeros, except for the store timestamp
 * of the record it starts with.
 */
final class FakeLog implements LogReader {
  private static final int STORE_TIMESTAMP_AT = 56;

  /** A record as the index knows it. */
  private record Entry(long position, int sizeBytes, int tagHash, long storeTimestampMs) {}

  /** A queue that a test adds to. */
  final class FakeQueue implements QueueView {
    private final List<Entry> entries = new ArrayList<>();
    private long firstOffset;

    /** Adds a record right after the last one, as in one batch. */
    synchronized FakeQueue add(int sizeBytes, String tag) {
      return add(sizeBytes, tag, 0);
    }

    synchronized FakeQueue add(int sizeBytes, String tag, long storeTimestampMs) {
      entries.add(new Entry(nextPosition.get(), sizeBytes, tag.hashCode(), storeTimestampMs));
      nextPosition.addAndGet(sizeBytes);
      return this;
    }

    /** Forgets what is below an offset, as retention does. */
    synchronized void forgetBelow(long offset) {
      firstOffset = offset;
    }

    @Override
    public synchronized long firstOffset() {
      return firstOffset;
    }

    @Override
    public synchronized long nextOffset() {
      return entries.size();
    }

    @Override
    public synchronized long scan(long fromOffset, long endOffset, EntryVisitor visitor) {
      failIfTold();
      long offset = fromOffset;
      if (forgetDuringNextScan > firstOffset) {
        firstOffset = forgetDuringNextScan;
      }
      while (offset >= firstOffset && offset < Math.min(endOffset, entries.size())) {
        Entry entry = entries.get((int) offset);
        scannedEntries.incrementAndGet();
        if (!visitor.visit(offset, entry.position(), entry.sizeBytes(), entry.tagHash())) {
          break;
        }
        offset++;
      }
      return offset;
    }

    @Override
    public synchronized long offsetAtOrAfter(long timestampMs, long endOffset) {
      failIfTold();
      for (long offset = firstOffset; offset < Math.min(endOffset, entries.size()); offset++) {
        if (entries.get((int) offset).storeTimestampMs() >= timestampMs) {
          return offset;
        }
      }
      return endOffset;
    }
  }

  private final Map<QueueKey, FakeQueue> queues = new ConcurrentHashMap<>();
  private final AtomicInteger openSlices = new AtomicInteger();
  private volatile @Nullable Throwable readFailure;
  private volatile long goneBelowPosition;
  private volatile long forgetDuringNextScan;
  private final AtomicLong scannedEntries = new AtomicLong();
  private final AtomicLong nextPosition = new AtomicLong();

  @Override
  public FakeQueue queue(QueueKey key) {
    return queues.computeIfAbsent(key, missing -> new FakeQueue());
  }

  /** Leaves room before the next record, as the header of a new batch does. */
  void newBatch() {
    nextPosition.addAndGet(32);
  }

  /** Every read fails until told otherwise. */
  void failReads(@Nullable Throwable failure) {
    readFailure = failure;
  }

  /** Segments below the next record are gone though the index still knows them. */
  void dropSegmentsSoFar() {
    goneBelowPosition = nextPosition.get();
  }

  /** Retention happens while the next scan runs. */
  void forgetDuringNextScan(long offset) {
    forgetDuringNextScan = offset;
  }

  int openSlices() {
    return openSlices.get();
  }

  long scannedEntries() {
    return scannedEntries.get();
  }

  @Override
  public @Nullable LogSlice slice(long position, int sizeBytes) {
    failIfTold();
    if (position < goneBelowPosition) {
      return null;
    }
    ByteBuffer bytes = ByteBuffer.allocate(Math.max(sizeBytes, STORE_TIMESTAMP_AT + Long.BYTES));
    bytes.putLong(STORE_TIMESTAMP_AT, storeTimestampMs(position)).limit(sizeBytes);
    openSlices.incrementAndGet();
    return new FakeSlice(position, bytes.asReadOnlyBuffer());
  }

  private long storeTimestampMs(long position) {
    return queues.values().stream()
        .flatMap(queue -> queue.entries.stream())
        .filter(entry -> entry.position() == position)
        .findFirst()
        .orElseThrow()
        .storeTimestampMs();
  }

  private void failIfTold() {
    if (readFailure instanceof RuntimeException failure) {
      throw failure;
    }
    if (readFailure instanceof Error failure) {
      throw failure;
    }
  }

  @Override
  public List<QueueEnd> queuesSilentFrom(long position) {
    return List.of();
  }

  @Override
  public Collection<QueueKey> queues() {
    return List.copyOf(queues.keySet());
  }

  @Override
  public List<SegmentSpan> fullSegments() {
    return List.of();
  }

  @Override
  public long startPosition() {
    return goneBelowPosition;
  }

  @Override
  public KeyMatches find(KeyQuery query, long endPosition, BooleanSupplier expired) {
    throw new UnsupportedOperationException("this log has no keys");
  }

  @Override
  public void readNewest(NewestRecords limits, RecordVisitor visitor) {
    throw new UnsupportedOperationException("this log has no bytes");
  }

  @Override
  public long writtenPosition() {
    return nextPosition.get();
  }

  @Override
  public long flushedPosition() {
    return nextPosition.get();
  }

  /** Where a slice starts and how long it is, for a test to look at. */
  final class FakeSlice implements LogSlice {
    final long position;
    private final ByteBuffer bytes;
    private boolean closed;

    private FakeSlice(long position, ByteBuffer bytes) {
      this.position = position;
      this.bytes = bytes;
    }

    @Override
    public ByteBuffer bytes() {
      return bytes;
    }

    @Override
    public int sizeBytes() {
      return bytes.remaining();
    }

    @Override
    public void close() {
      if (closed) {
        throw new IllegalStateException("closed twice");
      }
      closed = true;
      openSlices.decrementAndGet();
    }
  }
}
