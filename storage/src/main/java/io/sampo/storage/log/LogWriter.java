package io.sampo.storage.log;

import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import io.sampo.storage.index.IndexedQueue;
import io.sampo.storage.index.LogIndex;
import io.sampo.storage.index.SealedIndex;
import io.sampo.storage.recovery.EpochTable;
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
  private final EpochTable epochs;
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

  /** What the writer works with. */
  record Parts(
      LogDirectory directory,
      LogSettings settings,
      SegmentDisk disk,
      SegmentList segments,
      LogIndex index,
      EpochTable epochs) {}

  /**
   * @param activeBytes where the newest segment's last batch ends; its length when it is sealed
   */
  LogWriter(Parts parts, LogFlusher flusher, LogUpkeep upkeep, int activeBytes) {
    this.directory = parts.directory;
    this.settings = parts.settings;
    this.disk = parts.disk;
    this.segments = parts.segments;
    this.index = parts.index;
    this.epochs = parts.epochs;
    this.flusher = flusher;
    this.upkeep = upkeep;
    this.active = segments.newest();
    this.target = active.writableView();
    this.checked = active.writableView();
    target.limit(active.reservedBytes());
    this.batchStart = activeBytes;
    this.writtenPosition = active.basePosition() + activeBytes;
  }

  long writtenPosition() {
    return writtenPosition;
  }

  int maxGroupBytes() {
    return settings.segmentBytes() - 2 * BatchFrame.HEADER_BYTES;
  }

  void beginEpoch(long epoch) throws IOException {
    requireUsable();
    if (epoch <= epochs.newest()) {
      throw new IllegalArgumentException(
          "epoch " + epoch + " isn't above the log's " + epochs.newest());
    }
    endBatch();
    makeRoom(BatchFrame.HEADER_BYTES);
    epochs.begin(epoch, active.basePosition() + batchStart);
    writeFrame(BatchFrame.KIND_RECORDS, BatchFrame.HEADER_BYTES);
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
        epochs.newest(),
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
      roll(frameBytes);
    }
  }

  /** Blocks up to here and for the segment's end behind it; when they are used up, a step more. */
  private void reserveBlocks(int upTo) throws IOException {
    int needed = BatchFrame.align(upTo) + BatchFrame.HEADER_BYTES;
    if (needed > active.reservedBytes()) {
      active.reserve(withStep(needed, active.reservedBytes(), active.lengthBytes()), disk);
      target.limit(active.reservedBytes());
    }
  }

  private int withStep(int needed, int reserved, int lengthBytes) {
    long ahead = Math.max(needed, (long) reserved + settings.preallocateStepBytes());
    return (int) Math.min(ahead, lengthBytes);
  }

  private void roll(int frameBytes) throws IOException {
    int needed = BatchFrame.align(frameBytes) + BatchFrame.HEADER_BYTES;
    upkeep.awaitRoom();
    // First, because both may find the disk full; then nothing has changed.
    if (batchStart < active.lengthBytes()) {
      active.reserve(batchStart + BatchFrame.HEADER_BYTES, disk);
    }
    LogSegment next =
        LogSegment.create(
            directory,
            active.endPosition(),
            settings.segmentBytes(),
            disk,
            withStep(needed, 0, settings.segmentBytes()));
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
    SealedIndex sealed = index.seal(full, epochs);
    upkeep.save(sealed);
    segments.add(next);
    active = next;
    target = next.writableView();
    target.limit(next.reservedBytes());
    checked = next.writableView();
    batchStart = 0;
    cursor = 0;
  }
}
