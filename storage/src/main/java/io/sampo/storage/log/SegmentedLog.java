package io.sampo.storage.log;

import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.storage.index.FrozenIndex;
import io.sampo.storage.index.LogIndex;
import io.sampo.storage.index.QueueEnd;
import io.sampo.storage.keys.KeyIndex;
import io.sampo.storage.keys.KeyMatches;
import io.sampo.storage.keys.KeyQuery;
import io.sampo.storage.recovery.EpochTable;
import io.sampo.storage.recovery.FlushCheckpoint;
import io.sampo.storage.recovery.LogMarks;
import io.sampo.storage.recovery.LogRecovery;
import io.sampo.storage.recovery.LogStart;
import io.sampo.storage.recovery.MembershipEntry;
import io.sampo.storage.recovery.SegmentReindex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The commit log of one replica: an append-only run of {@link LogSegment}s that holds framed
 * batches of records ({@link BatchFrame}). A log position is a byte position; a record's position
 * is its PHYSICALOFFSET, unique and growing for as long as the log lives.
 *
 * <p>Threads: one writer calls what changes the log and {@link #readFrames}; {@link #flush} may
 * come from a second one; everything of {@link LogReader} may be called from anywhere.
 *
 * <p>What always holds: {@code startPosition <= flushedPosition <= writtenPosition}; every byte
 * below {@link #writtenPosition()} belongs to a closed batch and is never changed, until the log is
 * cut in front of it; a segment is written to only after the one before it was flushed to its end;
 * the queue offset is given by the log at append, so that an append that is refused leaves no gap,
 * or by the log that it is a copy of. Two logs that hold the same frames have their segments at the
 * same positions.
 */
public final class SegmentedLog implements LogReader, AutoCloseable {
  /** Asked when recovery finds that something is damaged or missing which had been durable. */
  @FunctionalInterface
  public interface DamageHandler {
    /** Nothing that is lost is taken for granted: the log isn't opened. */
    DamageHandler REFUSE =
        (damage, membership) -> {
          throw damage;
        };

    /**
     * Returns to have the log cut at {@link CorruptLogException#position()}, which hasn't been
     * touched yet, and throws to leave it as it is.
     *
     * @param membership what the newest membership frame in front of the damage says, or the start
     *     of the log
     */
    void onDamage(CorruptLogException damage, ByteBuffer membership) throws IOException;
  }

  private final LogDirectory directory;
  private final SegmentList segments;
  private final LogIndex index;
  private final LogBeginning beginning;
  private final LogMarks marks;
  private final KeyIndex keys;
  private final LogUpkeep upkeep;
  private final LogFlusher flusher;
  private final LogWriter writer;
  private final LogEnds ends;
  private boolean closed; // writer thread

  /** Recovers what is in the directory; see {@link LogOpening}. */
  SegmentedLog(LogSettings settings, LogDirectory directory, SegmentDisk disk, LogMarks marks)
      throws IOException {
    this.directory = directory;
    this.marks = marks;
    this.index = new LogIndex(directory, new Records());
    index.beginAt(marks.start().position());
    this.beginning = new LogBeginning(index);
    FlushCheckpoint checkpoint = new FlushCheckpoint(directory.path());
    LogRecovery.Recovered found =
        new LogRecovery(directory, index, marks, checkpoint.read()).recover();
    this.segments = new SegmentList(found.segments());
    this.keys = new KeyIndex(directory, segments::all, KeyIndex.RUN_ENTRIES);
    LogParts parts = new LogParts(directory, settings, disk, segments, index, beginning, marks);
    try {
      if (found.segments().isEmpty()) {
        segments.add(parts.firstSegment(found.endPosition()));
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
    this.writer = new LogWriter(parts, flusher, upkeep, found.activeBytes());
    LogCut cut = new LogCut(directory, checkpoint, disk);
    this.ends = new LogEnds(parts, writer, flusher, upkeep, keys, cut);
    beginning.load(this);
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
    return open(settings, LogStart.NOTHING, DamageHandler.REFUSE);
  }

  /**
   * The same for a copy of a log that others have, too.
   *
   * @param founding where a log begins that doesn't exist yet
   * @param onDamage asked before anything is given up
   */
  public static SegmentedLog open(LogSettings settings, LogStart founding, DamageHandler onDamage)
      throws IOException {
    return open(settings, founding, onDamage, new LocalDisk());
  }

  /** The same on a disk that may refuse, for tests. */
  static SegmentedLog open(LogSettings settings, SegmentDisk disk) throws IOException {
    return open(settings, LogStart.NOTHING, DamageHandler.REFUSE, disk);
  }

  static SegmentedLog open(
      LogSettings settings, LogStart founding, DamageHandler onDamage, SegmentDisk disk)
      throws IOException {
    return LogOpening.open(settings, founding, onDamage, disk);
  }

  /** The newest epoch in the log, 0 in an empty one. */
  public long epoch() {
    return marks.epochs().newest();
  }

  /** Where every epoch starts; that of the log's start, if any, at the start. */
  public EpochTable epochs() {
    return marks.epochs();
  }

  /** What was before the first byte. */
  public LogStart start() {
    return marks.start();
  }

  /** The membership frames, oldest first; unmodifiable. */
  public List<MembershipEntry> memberships() {
    return marks.memberships();
  }

  /** What the newest membership frame in front of a position says, or the start of the log. */
  public ByteBuffer membershipBefore(long position) {
    return marks.below(position).membership();
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
   * Writer thread. Closes the open batch and writes a frame that says who replicates the log.
   *
   * @param content what the log doesn't look at; a few KiB
   * @throws LogFullException when the disk has no room; nothing changed
   * @throws LogFailedException when a flush failed, now or earlier
   */
  public void appendMembership(ByteBuffer content) throws IOException {
    writer.appendMembership(content);
  }

  /**
   * Writer thread, with no batch open. Appends frames of another copy of the log as they are. They
   * are visible to readers when this returns. A segment begins and ends where it does in the other
   * copy.
   *
   * @param run begins where the log ends
   * @throws LogFullException when the disk has no room; nothing changed
   * @throws LogFailedException when a flush failed, now or earlier
   * @throws IllegalArgumentException when the frames contradict this copy; the log is then of no
   *     use until it is opened anew
   */
  public void appendFrames(FrameRun run) throws IOException {
    writer.appendFrames(run);
  }

  /**
   * Writer thread. Copies whole frames out of the segment that a position lies in, each one
   * checked: as many as are wanted, at least one if there is one.
   *
   * @param position where a frame starts
   * @param endPosition behind which nothing is wanted
   * @param bytesMax how much is wanted, unless the first frame is longer
   * @return empty when there is nothing, or nothing any more
   * @throws CorruptLogException when a frame is damaged, and where
   */
  public FrameRun readFrames(long position, long endPosition, int bytesMax)
      throws CorruptLogException {
    long end = Math.min(endPosition, writtenPosition());
    LogSegment segment = segments.at(position);
    if (position >= end || segment == null || !segment.tryHold()) {
      return FrameRun.empty(position);
    }
    try {
      return FrameRun.copyOf(segment, position, end, bytesMax);
    } finally {
      segment.release();
    }
  }

  /**
   * Writer thread. Cuts the log, durably when this returns; a crash leaves it as it was or cut.
   * Closes the open batch before. Slices stay mapped; readers who keep below the cut notice
   * nothing.
   *
   * @param position where a frame starts, or the log ends
   * @throws LogFullException when the disk has no room for the note that makes it happen wholly or
   *     not at all; nothing changed
   * @throws CorruptLogException when a damaged frame in front of the position keeps from getting
   *     there, and where it is; nothing changed
   * @throws LogFailedException when it failed half-way; the next opening finishes it
   */
  public void cutTo(long position) throws IOException {
    writer.endBatch();
    ends.cutTo(position);
  }

  /**
   * Writer thread. Drops the whole log, which begins anew; durable and all or nothing as {@link
   * #cutTo}.
   *
   * @throws LogFullException when the disk has no room for the note; nothing changed
   * @throws LogFailedException when it failed half-way; the next opening finishes it
   */
  public void resetTo(LogStart start) throws IOException {
    writer.endBatch();
    ends.resetTo(start);
  }

  /**
   * Writer thread. Drops everything below a position, durably and all or nothing. Slices stay
   * mapped; readers who come later find nothing there. The files go soon after.
   *
   * @param position where a segment starts, at most the flushed position
   * @throws LogFullException when there is no room for the note of where the log begins, or the
   *     index of the last segment below isn't written yet; nothing changed
   */
  public void dropBelow(long position) throws IOException {
    ends.dropBelow(position);
  }

  /**
   * Writer thread. Where the log itself says that it may begin, as far as what is below is old;
   * where it begins, or less, when there is nothing to drop.
   *
   * @param committedPosition what lies behind it says nothing yet
   * @param nowMs by this node's clock
   */
  public long agreedStart(long committedPosition, long nowMs) {
    long agreed = beginning.agreed(committedPosition);
    long start = startPosition();
    if (agreed <= start || beginning.keptForMs() == 0) {
      return agreed;
    }
    for (SegmentSpan segment : fullSegments()) {
      if (segment.endPosition() > agreed || segment.newestMs() >= nowMs - beginning.keptForMs()) {
        break;
      }
      start = segment.endPosition();
    }
    return start;
  }

  /** The folder, for tests. */
  LogDirectory directory() {
    return directory;
  }

  @Override
  public List<SegmentSpan> fullSegments() {
    LogSegment[] all = segments.all();
    long end = writtenPosition();
    long newestMs = Long.MAX_VALUE;
    SegmentSpan[] full = new SegmentSpan[all.length - 1];
    for (int i = all.length - 1; i > 0; i--) {
      // Store times don't fall, so the first one behind a segment is none of its own.
      if (all[i].tryHold()) {
        try {
          long firstMs = all[i].firstStoreMs(end);
          newestMs = firstMs == Long.MAX_VALUE ? newestMs : firstMs;
        } finally {
          all[i].release();
        }
      }
      full[i - 1] = new SegmentSpan(all[i - 1].basePosition(), all[i - 1].endPosition(), newestMs);
    }
    return List.of(full);
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
  public List<QueueEnd> queuesSilentFrom(long position) {
    return index.silentFrom(position);
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
        if (position < startPosition()) {
          return Long.MIN_VALUE; // dropped since somebody looked for it: older than what is there
        }
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
        return SegmentReindex.run(segment, index, marks);
      } finally {
        segment.release();
      }
    }
  }

  @Override
  public long startPosition() {
    return segments.startPosition();
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
