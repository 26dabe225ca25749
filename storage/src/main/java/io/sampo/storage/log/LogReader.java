package io.sampo.storage.log;

import io.sampo.record.QueueKey;
import io.sampo.storage.index.QueueEnd;
import io.sampo.storage.keys.KeyMatches;
import io.sampo.storage.keys.KeyQuery;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The read side of a commit log. Safe from any thread. */
public interface LogReader {
  /** The view of a queue; an empty one when nothing was ever written to it. */
  QueueView queue(QueueKey queue);

  /** The queues that have ever held a record. */
  Collection<QueueKey> queues();

  /**
   * How far the queues had come that have no record at or behind a segment's start. May wait for
   * the disk.
   */
  List<QueueEnd> queuesSilentFrom(long position);

  /**
   * Records as they are stored.
   *
   * @param position where the first one starts
   * @param sizeBytes the length of all; they must lie in one segment
   * @return null when the segment is gone (retention)
   */
  @Nullable LogSlice slice(long position, int sizeBytes);

  /**
   * Looks for messages by a key. May wait for the disk, and may read a whole segment.
   *
   * @param endPosition where to end, exclusive: what lies below is committed
   * @param expired true once it has taken too long; it then ends soon with what it has
   * @throws IOException when keys can't be read or, on a full disk, not be kept
   */
  KeyMatches find(KeyQuery query, long endPosition, BooleanSupplier expired) throws IOException;

  /**
   * Goes through the newest records, in the order of the log. Touches every batch of the segments
   * that it needs, so it is for a start and not for a request.
   *
   * @param limits where to begin, whatever comes last
   */
  void readNewest(NewestRecords limits, RecordVisitor visitor);

  /** Told of records as they lie in the log. */
  @FunctionalInterface
  interface RecordVisitor {
    /**
     * A record.
     *
     * @param bytes hold it during the call; only absolute gets
     * @param index where it starts
     */
    void visit(ByteBuffer bytes, int index, long position);
  }

  /** The segments that are full, oldest first. May wait for the disk. */
  List<SegmentSpan> fullSegments();

  /** Where the oldest segment starts. */
  long startPosition();

  /** Where the next batch will start; every batch below is closed. */
  long writtenPosition();

  /** Up to where the log was flushed to disk. */
  long flushedPosition();
}
