package io.sampo.storage.log;

import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecord;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import io.sampo.storage.index.IndexedQueue;
import io.sampo.storage.index.LogIndex;
import io.sampo.storage.index.QueueEnd;
import io.sampo.storage.index.SealedIndex;
import io.sampo.storage.index.SilentQueues;
import io.sampo.storage.recovery.FrameRecords;
import io.sampo.storage.recovery.LogMarks;
import io.sampo.storage.recovery.MembershipEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The writing half of a log; used by the log's writer thread alone, except {@link
 * #writtenPosition()}.
 *
 * <p>Records are encoded straight into the mapped segment, behind the room left for the header of
 * their batch; closing the batch writes the header and then shows the records to readers: the
 * written position first, then the index entries. Between reserve and append nothing can fail,
 * because the blocks are there: the view written through ends at the reserved mark.
 */
final class LogWriter {
  private final LogDirectory directory;
  private final LogSettings settings;
  private final SegmentDisk disk;
  private final SegmentList segments;
  private final LogIndex index;
  private final LogBeginning beginning;
  private final LogMarks marks;
  private final LogFlusher flusher;
  private final LogUpkeep upkeep;
  private final CRC32C crc = new CRC32C();

  private LogSegment active;
  private ByteBuffer target; // the active segment's mapping, its limit the reserved mark
  private ByteBuffer checked; // the same for checksums, position and limit on the move
  private int batchStart; // where the open or the next batch starts
  private int cursor; // where the next record of the open batch goes
  private int batchCount; // 0: no batch is open
  private boolean closed;
  private volatile long writtenPosition;

  /**
   * @param activeBytes where the newest segment's last batch ends; its length when it is sealed
   */
  LogWriter(LogParts parts, LogFlusher flusher, LogUpkeep upkeep, int activeBytes) {
    this.directory = parts.directory();
    this.settings = parts.settings();
    this.disk = parts.disk();
    this.segments = parts.segments();
    this.index = parts.index();
    this.beginning = parts.beginning();
    this.marks = parts.marks();
    this.flusher = flusher;
    this.upkeep = upkeep;
    this.active = segments.newest();
    this.target = active.writableView();
    this.checked = active.writableView();
    goOnIn(active, activeBytes);
    this.writtenPosition = active.basePosition() + activeBytes;
  }

  /** Goes on writing elsewhere. */
  private void goOnIn(LogSegment segment, int usedBytes) {
    active = segment;
    target = segment.writableView();
    target.limit(segment.reservedBytes());
    checked = segment.writableView();
    batchStart = usedBytes;
    cursor = usedBytes;
  }

  /** The log is being cut: from now on readers don't look beyond. No batch may be open. */
  void takeBack(long end) {
    writtenPosition = end;
  }

  /** The log was cut, and this is where it ends. */
  void goOnAfterCut(LogSegment segment, int usedBytes) {
    goOnIn(segment, usedBytes);
    writtenPosition = segment.basePosition() + usedBytes;
  }

  long writtenPosition() {
    return writtenPosition;
  }

  int maxGroupBytes() {
    return settings.segmentBytes() - 2 * BatchFrame.HEADER_BYTES;
  }

  void beginEpoch(long epoch) throws IOException {
    requireUsable();
    if (epoch <= marks.epochs().newest()) {
      throw new IllegalArgumentException(
          "epoch " + epoch + " isn't above the log's " + marks.epochs().newest());
    }
    endBatch();
    boolean full = batchStart < active.lengthBytes() && !fits(batchStart + BatchFrame.HEADER_BYTES);
    if (full) {
      beginEpochWithSegmentEnd(epoch);
      return;
    }
    makeRoom(BatchFrame.HEADER_BYTES);
    marks.epochs().begin(epoch, active.basePosition() + batchStart);
    writeFrame(BatchFrame.KIND_RECORDS, BatchFrame.HEADER_BYTES);
  }

  /**
   * A segment's end under the epoch before would be something that two writers may have written:
   * whoever begins an epoch writes nothing but that epoch's.
   */
  private void beginEpochWithSegmentEnd(long epoch) throws IOException {
    reserveUpTo(batchStart + BatchFrame.HEADER_BYTES);
    marks.epochs().begin(epoch, active.basePosition() + batchStart);
    batchCount = BatchFrame.END_BEGINS_EPOCH;
    writeFrame(BatchFrame.KIND_SEGMENT_END, active.lengthBytes() - batchStart);
  }

  void appendMembership(ByteBuffer content) throws IOException {
    requireUsable();
    int length = BatchFrame.HEADER_BYTES + content.remaining();
    if (content.remaining() > maxGroupBytes()) {
      throw new IllegalArgumentException("a membership of " + content.remaining() + " bytes");
    }
    endBatch();
    makeRoom(length);
    ByteBuffer kept = MembershipEntry.copyOf(content);
    target.put(batchStart + BatchFrame.HEADER_BYTES, kept, 0, kept.capacity());
    long end = active.basePosition() + BatchFrame.align(batchStart + length);
    marks.addMembership(end, kept);
    writeFrame(BatchFrame.KIND_MEMBERSHIP, length);
  }

  /**
   * Appends frames of another copy of the log as they are, but for the flushed stamp.
   *
   * @throws LogFullException when the disk has no room; nothing changed
   * @throws IllegalArgumentException when they contradict this copy, which is of no use after that
   */
  void appendFrames(FrameRun run) throws IOException {
    requireUsable();
    if (batchCount > 0) {
      throw new IllegalStateException("a batch is open");
    }
    if (run.position() != writtenPosition || run.firstEpoch() < marks.epochs().newest()) {
      throw new IllegalArgumentException(
          "frames from %d of epoch %d can't follow a log that ends at %d in epoch %d"
              .formatted(
                  run.position(), run.firstEpoch(), writtenPosition, marks.epochs().newest()));
    }
    ByteBuffer source = run.bytes();
    makeRoomFor(run, source.capacity());
    int at = 0;
    while (at < source.capacity()) {
      copyFrame(source, at);
      at += FrameRun.sizeBytes(source, at);
    }
  }

  /** Segments begin and end where they do in the other copy. */
  private void makeRoomFor(FrameRun run, int sizeBytes) throws IOException {
    boolean ends = run.endsSegment();
    int needed = ends ? sizeBytes : sizeBytes + BatchFrame.HEADER_BYTES;
    int lengthBytes = run.segmentBytes() == 0 ? settings.segmentBytes() : run.segmentBytes();
    if (batchStart == active.lengthBytes()) {
      roll(needed, lengthBytes);
    } else if (batchStart == 0 && run.segmentBytes() > 0 && lengthBytes != active.lengthBytes()) {
      changeLength(lengthBytes);
    }
    boolean fits = (long) batchStart + needed <= active.lengthBytes();
    if (!fits || ends != (run.endPosition() == active.endPosition())) {
      throw new IllegalArgumentException(
          "frames from %d to %d don't fit the segment from %d to %d"
              .formatted(
                  run.position(), run.endPosition(), active.basePosition(), active.endPosition()));
    }
    reserveUpTo(batchStart + needed);
  }

  /** Of a segment that nothing was written to yet. */
  private void changeLength(int lengthBytes) throws IOException {
    LogSegment empty = active;
    empty.endWriting();
    LogSegment other = LogSegment.openWithLength(empty.path(), empty.basePosition(), lengthBytes);
    segments.endWith(other);
    empty.release();
    goOnIn(other, 0);
  }

  private void copyFrame(ByteBuffer source, int at) {
    int kind = BatchFrame.kind(source, at);
    int length = BatchFrame.length(source, at);
    long epoch = BatchFrame.epoch(source, at);
    long base = active.basePosition();
    BatchFrame.beginCopy(source, at, target, batchStart);
    if (kind == BatchFrame.KIND_RECORDS) {
      String contradiction =
          FrameRecords.read(
              target,
              batchStart,
              length,
              BatchFrame.count(source, at),
              base,
              (queue, offset, recordAt, sizeBytes, tagHash, timestampMs) -> {
                if (queue.equals(SilentQueues.QUEUE)) {
                  beginning.onList(MessageRecord.body(target, recordAt), base + recordAt);
                }
                return index.addCopy(
                    queue, offset, base, recordAt, sizeBytes, tagHash, timestampMs);
              });
      if (contradiction != null) {
        throw new IllegalArgumentException("another copy's frame: " + contradiction);
      }
    }
    marks.epochs().begin(epoch, base + batchStart);
    BatchFrame.endCopy(checked, batchStart, flusher.flushedPosition(), crc);
    batchStart = BatchFrame.align(batchStart + length);
    if (kind == BatchFrame.KIND_MEMBERSHIP) {
      marks.addMembership(
          base + batchStart, MembershipEntry.copyOf(BatchFrame.content(source, at)));
    }
    writtenPosition = base + batchStart;
    index.publish();
  }

  void reserve(int sizeBytes) throws IOException {
    requireUsable();
    if (sizeBytes <= 0 || sizeBytes > maxGroupBytes()) {
      throw new IllegalArgumentException(
          "expected 1 to " + maxGroupBytes() + " bytes for one group, found " + sizeBytes);
    }
    if (batchCount > 0) {
      int openBytes = cursor - batchStart - BatchFrame.HEADER_BYTES;
      if (openBytes + sizeBytes > settings.maxBatchBytes() || !fits(cursor + sizeBytes)) {
        endBatch();
      } else {
        reserveBlocks(cursor + sizeBytes);
        return;
      }
    }
    makeRoom(BatchFrame.HEADER_BYTES + sizeBytes);
  }

  void append(MessageDraft draft, long storeTimestampMs, RecordPlace place) {
    int at = batchCount == 0 ? batchStart + BatchFrame.HEADER_BYTES : cursor;
    QueueKey key = draft.queue();
    IndexedQueue queue = index.find(key);
    long offset = 0;
    long timestampMs = storeTimestampMs;
    if (queue != null) {
      offset = queue.offsetToAppend();
      // A clock that is set back must not break the search by time.
      timestampMs = Math.max(timestampMs, queue.lastStoreTimestampMs());
    } else {
      QueueEnd silent = index.silentEnd(key);
      if (silent != null) {
        offset = silent.nextOffset();
        timestampMs = Math.max(timestampMs, silent.lastStoreTimestampMs());
      }
    }
    long position = active.basePosition() + at;
    int sizeBytes = MessageRecordWriter.encode(draft, offset, position, timestampMs, target, at);
    if (queue == null) {
      queue = index.register(key);
    }
    index.add(queue, active.basePosition(), at, sizeBytes, draft.tagHash(), timestampMs);
    cursor = at + sizeBytes;
    batchCount++;
    place.queueOffset = offset;
    place.position = position;
    place.sizeBytes = sizeBytes;
  }

  void endBatch() {
    if (batchCount > 0) {
      writeFrame(BatchFrame.KIND_RECORDS, cursor - batchStart);
    }
  }

  /** After this nothing is written any more, whoever asks: the mapping is about to go. */
  void close() {
    closed = true;
    target = ByteBuffer.allocate(0);
  }

  private void requireUsable() throws LogFailedException {
    if (closed) {
      throw new IllegalStateException("the log is closed");
    }
    flusher.requireUsable();
  }

  private void writeFrame(int kind, int length) {
    BatchFrame.write(
        checked,
        batchStart,
        kind,
        active.basePosition() + batchStart,
        marks.epochs().newest(),
        length,
        batchCount,
        flusher.flushedPosition(),
        crc);
    batchCount = 0;
    batchStart = BatchFrame.align(batchStart + length);
    // In this order: whoever finds an entry may read its record.
    writtenPosition = active.basePosition() + batchStart;
    index.publish();
  }

  /** True when a batch may end here and still leave the room for the segment's end. */
  private boolean fits(int batchEnd) {
    return BatchFrame.align(batchEnd) + BatchFrame.HEADER_BYTES <= active.lengthBytes();
  }

  /**
   * With no batch open: room and blocks for a frame of this length, in a new segment if need be.
   */
  private void makeRoom(int frameBytes) throws IOException {
    if (batchStart < active.lengthBytes() && fits(batchStart + frameBytes)) {
      reserveBlocks(batchStart + frameBytes);
    } else {
      roll(BatchFrame.align(frameBytes) + BatchFrame.HEADER_BYTES, settings.segmentBytes());
    }
  }

  /** Blocks up to here and for the segment's end behind it; when they are used up, a step more. */
  private void reserveBlocks(int upTo) throws IOException {
    reserveUpTo(BatchFrame.align(upTo) + BatchFrame.HEADER_BYTES);
  }

  private void reserveUpTo(int needed) throws IOException {
    if (needed > active.reservedBytes()) {
      active.reserve(withStep(needed, active.reservedBytes(), active.lengthBytes()), disk);
      target.limit(active.reservedBytes());
    }
  }

  private int withStep(int needed, int reserved, int lengthBytes) {
    long ahead = Math.max(needed, (long) reserved + settings.preallocateStepBytes());
    return (int) Math.min(ahead, lengthBytes);
  }

  private void roll(int needed, int lengthBytes) throws IOException {
    upkeep.awaitRoom();
    // First, because both may find the disk full; then nothing has changed.
    if (batchStart < active.lengthBytes()) {
      active.reserve(batchStart + BatchFrame.HEADER_BYTES, disk);
    }
    LogSegment next =
        LogSegment.create(
            directory, active.endPosition(), lengthBytes, disk, withStep(needed, 0, lengthBytes));
    LogSegment full = active;
    if (batchStart < full.lengthBytes()) {
      writeFrame(BatchFrame.KIND_SEGMENT_END, full.lengthBytes() - batchStart);
    }
    // The order that recovery relies on: a segment holds batches only when all before is on disk.
    try {
      flusher.flushTo(full.endPosition());
    } catch (LogFailedException e) {
      next.release();
      throw e;
    }
    full.endWriting();
    SealedIndex sealed = index.seal(full, marks);
    upkeep.save(sealed);
    segments.add(next);
    goOnIn(next, 0);
  }
}
