package io.sampo.storage.log;

import io.sampo.record.MessageDraft;
import io.sampo.record.QueueKey;
import java.io.IOException;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * SKELETON: the storage work replaces the bodies; the signatures are what the cluster module builds
 * on.
 */
public final class SegmentedLog implements LogReader, AutoCloseable {
  private SegmentedLog() {}

  /** Opens the log of a directory, recovering it when it wasn't closed cleanly. */
  public static SegmentedLog open(LogSettings settings) throws IOException {
    throw new UnsupportedOperationException("storage");
  }

  /** The newest epoch in the log, 0 in an empty one. */
  public long epoch() {
    throw new UnsupportedOperationException("storage");
  }

  /**
   * Writer thread. Closes the open batch and writes an empty batch that names the new epoch, which
   * all later batches carry.
   */
  public void beginEpoch(long epoch) throws IOException {
    throw new UnsupportedOperationException("storage");
  }

  /**
   * Writer thread. Makes sure that records of this many bytes in all can be appended into one and
   * the same batch: closes the open batch or rolls to a new segment when needed, and reserves the
   * disk space. After it the appends can't fail.
   *
   * @throws LogFullException when the disk has no room; nothing changed
   */
  public void reserve(int sizeBytes) throws IOException {
    throw new UnsupportedOperationException("storage");
  }

  /**
   * Writer thread. Encodes the record into the open batch; visible to readers after {@link
   * #endBatch()}. Doesn't release the draft.
   */
  public void append(MessageDraft draft, long storeTimestampMs, RecordPlace place) {
    throw new UnsupportedOperationException("storage");
  }

  /**
   * Writer thread. Frames the open batch (epoch, length, checksum) and shows its records to
   * readers. Nothing open: does nothing.
   */
  public void endBatch() {
    throw new UnsupportedOperationException("storage");
  }

  /** The most bytes that one group of records may have to fit a segment. */
  public int maxGroupBytes() {
    throw new UnsupportedOperationException("storage");
  }

  /** Writer thread or one flusher thread. Makes all closed batches durable. A failure is final. */
  public void flush() throws LogFailedException {
    throw new UnsupportedOperationException("storage");
  }

  @Override
  public QueueView queue(QueueKey queue) {
    throw new UnsupportedOperationException("storage");
  }

  @Override
  public Collection<QueueKey> queues() {
    throw new UnsupportedOperationException("storage");
  }

  @Override
  public @Nullable LogSlice slice(long position, int sizeBytes) {
    throw new UnsupportedOperationException("storage");
  }

  @Override
  public long startPosition() {
    throw new UnsupportedOperationException("storage");
  }

  @Override
  public long writtenPosition() {
    throw new UnsupportedOperationException("storage");
  }

  @Override
  public long flushedPosition() {
    throw new UnsupportedOperationException("storage");
  }

  /** Writer thread. Flushes and closes; slices still held stay readable. */
  @Override
  public void close() throws IOException {
    throw new UnsupportedOperationException("storage");
  }
}
