package io.sampo.storage.log;

import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.storage.index.FrozenIndex;
import io.sampo.storage.index.LogIndex;
import io.sampo.storage.keys.KeyIndex;
import io.sampo.storage.keys.KeyMatches;
import io.sampo.storage.keys.KeyQuery;
import io.sampo.storage.recovery.EpochTable;
import io.sampo.storage.recovery.FlushCheckpoint;
import io.sampo.storage.recovery.LogRecovery;
import io.sampo.storage.recovery.SegmentReindex;
import java.io.IOException;
import java.util.Collection;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The commit log of one replica: an append-only run of {@link LogSegment}s that holds framed
 * batches of records ({@link BatchFrame}). A log position is a byte position; a record's position
 * is its PHYSICALOFFSET, unique and growing for as long as the log lives.
 *
 * <p>Threads: one writer calls {@link #reserve}, {@link #append}, {@link #endBatch}, {@link
 * #beginEpoch} and {@link #close}; {@link #flush} may come from a second one; everything of {@link
 * LogReader} may be called from anywhere.
 *
 * <p>What always holds: {@code startPosition <= flushedPosition <= writtenPosition}; every byte
 * below {@link #writtenPosition()} belongs to a closed batch and is never changed; a segment is
 * written to only after the one before it was flushed to its end; the queue offset is given by the
 * log at append, so that an append that is refused leaves no gap.
 */
public final class SegmentedLog implements LogReader, AutoCloseable {
  private final LogDirectory directory;
  private final SegmentList segments;
  private final LogIndex index;
  private final EpochTable epochs;
  private final KeyIndex keys;
  private final LogUpkeep upkeep;
  private final LogFlusher flusher;
  private final LogWriter writer;
  private boolean closed; // writer thread

  private SegmentedLog(LogSettings settings, LogDirectory directory, SegmentDisk disk)
      throws IOException {
    this.directory = directory;
    this.index = new LogIndex(directory, new Records());
    this.epochs = new EpochTable();
    FlushCheckpoint checkpoint = new FlushCheckpoint(directory.path());
    LogRecovery.Recovered found =
        new LogRecovery(directory, index, epochs, checkpoint.read()).recover();
    this.segments = new SegmentList(found.segments());
    this.keys = new KeyIndex(directory, segments::all, KeyIndex.RUN_ENTRIES);
    try {
      if (found.segments().isEmpty()) {
        int reserved = Math.min(settings.preallocateStepBytes(), settings.segmentBytes());
        segments.add(LogSegment.create(directory, 0, settings.segmentBytes(), disk, reserved));
      }
      checkpoint.advanceTo(found.endPosition());
      keys.cleanUp();
    } catch (IOException | RuntimeException e) {
      segments.close();
      throw e;
    }
    this.upkeep = new LogUpkeep(checkpoint, found.unsaved(), keys::segmentFilled);
    this.flusher = new LogFlusher(segments, disk, found.endPosition(), upkeep::flushed);
    upkeep.repeat(new ResidentPages(segments, flusher::flushedPosition));
    LogWriter.Parts parts = new LogWriter.Parts(directory, settings, disk, segments, index, epochs);
    this.writer = new LogWriter(parts, flusher, upkeep, found.activeBytes());
  }

  /**
   * Opens the log of a directory, recovering it when it wasn't closed cleanly. What it finds is on
   * disk when this returns.
   *
   * @throws CorruptLogException when something that had been durable is damaged or missing
   * @throws LogFullException when the disk has no room for a new log's first segment
   * @throws IOException when another process uses the directory, or the disk fails
   */
  public static SegmentedLog open(LogSettings settings) throws IOException {
    return open(settings, new LocalDisk());
  }

  /** The same on a disk that may refuse, for tests. */
  static SegmentedLog open(LogSettings settings, SegmentDisk disk) throws IOException {
    LogDirectory directory = LogDirectory.open(settings.directory());
    try {
      return new SegmentedLog(settings, directory, disk);
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /** The newest epoch in the log, 0 in an empty one. */
  public long epoch() {
    return epochs.newest();
  }

  /** Where every epoch starts. */
  public EpochTable epochs() {
    return epochs;
  }

  /**
   * Writer thread. Closes the open batch and writes an empty batch that names the new epoch, which
   * all later batches carry.
   *
   * @param epoch above {@link #epoch()}
   * @throws LogFullException when the disk has no room; nothing changed
   * @throws LogFailedException when a flush failed, now or earlier
   */
  public void beginEpoch(long epoch) throws IOException {
    writer.beginEpoch(epoch);
  }

  /**
   * Writer thread. Makes sure that records of this many bytes in all can be appended into one and
   * the same batch: closes the open batch or rolls to a new segment when needed, and reserves the
   * disk space. After it the appends can't fail.
   *
   * @param sizeBytes 1 to {@link #maxGroupBytes()}
   * @throws LogFullException when the disk has no room; nothing changed, apart from the open batch
   *     being closed
   * @throws LogFailedException when a flush failed, now (a segment is flushed before the next one
   *     is begun) or earlier
   */
  public void reserve(int sizeBytes) throws IOException {
    writer.reserve(sizeBytes);
  }

  /**
   * Writer thread. Encodes the record into the open batch; visible to readers after {@link
   * #endBatch()}. Doesn't release the draft. The store time is never below the one before it in the
   * queue.
   *
   * @param storeTimestampMs milliseconds since the epoch
   * @param place filled in with where the record went
   */
  public void append(MessageDraft draft, long storeTimestampMs, RecordPlace place) {
    writer.append(draft, storeTimestampMs, place);
  }

  /**
   * Writer thread. Frames the open batch (epoch, length, checksum) and shows its records to
   * readers. Nothing open: does nothing.
   */
  public void endBatch() {
    writer.endBatch();
  }

  /** The most bytes that one group of records may have to fit a segment. */
  public int maxGroupBytes() {
    return writer.maxGroupBytes();
  }

  /** Writer thread or one flusher thread. Makes all closed batches durable. A failure is final. */
  public void flush() throws LogFailedException {
    flusher.flushTo(writer.writtenPosition());
  }

  @Override
  public QueueView queue(QueueKey queue) {
    return index.queue(queue);
  }

  @Override
  public Collection<QueueKey> queues() {
    return index.queues();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Also null once the log is closed.
   *
   * @throws IllegalArgumentException when the range isn't written yet or leaves its segment
   */
  @Override
  public @Nullable LogSlice slice(long position, int sizeBytes) {
    LogSegment segment = segments.at(position);
    if (segment == null || !segment.tryHold()) {
      if (position < 0 || position >= writtenPosition()) {
        throw new IllegalArgumentException(
            "position " + position + " isn't below the written " + writtenPosition());
      }
      return null;
    }
    long end = Math.min(segment.endPosition(), writtenPosition());
    if (sizeBytes < 0 || position + sizeBytes > end) {
      segment.release();
      throw new IllegalArgumentException(
          "%d bytes at %d leave the segment's written part, which ends at %d"
              .formatted(sizeBytes, position, end));
    }
    return new SegmentSlice(
        segment, segment.range((int) (position - segment.basePosition()), sizeBytes));
  }

  @Override
  public KeyMatches find(KeyQuery query, long endPosition, BooleanSupplier expired)
      throws IOException {
    return keys.find(query, Math.min(endPosition, writtenPosition()), expired);
  }

  @Override
  public void readNewest(NewestRecords limits, RecordVisitor visitor) {
    limits.read(segments.all(), writtenPosition(), visitor);
  }

  /** What the index reads of the log: single store times, and whole segments to index anew. */
  private final class Records implements LogIndex.Source {
    @Override
    public long storeTimestampMs(long position) {
      LogSegment segment = segments.at(position);
      if (segment == null || !segment.tryHold()) {
        throw new IllegalStateException("position " + position + " can't be read any more");
      }
      try {
        return MessageRecord.storeTimestamp(
            segment.readOnly(), (int) (position - segment.basePosition()));
      } finally {
        segment.release();
      }
    }

    @Override
    public FrozenIndex rebuild(long segmentBase) throws IOException {
      LogSegment segment = segments.at(segmentBase);
      if (segment == null || !segment.tryHold()) {
        throw new IOException("the segment of position " + segmentBase + " is gone");
      }
      try {
        return SegmentReindex.run(segment, index, epochs);
      } finally {
        segment.release();
      }
    }
  }

  @Override
  public long startPosition() {
    return segments.oldest().basePosition();
  }

  @Override
  public long writtenPosition() {
    return writer.writtenPosition();
  }

  @Override
  public long flushedPosition() {
    return flusher.flushedPosition();
  }

  /**
   * Writer thread. Flushes and closes; slices still held stay readable. A second call does nothing.
   *
   * @throws LogFailedException when the last flush fails or one failed earlier; the log is closed
   *     all the same
   */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (directory;
        KeyIndex endingToo = keys;
        LogUpkeep ending = upkeep;
        SegmentList mapped = segments) {
      writer.endBatch();
      writer.close();
      flush();
    }
  }
}
