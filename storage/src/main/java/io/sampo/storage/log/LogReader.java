package io.sampo.storage.log;

import io.sampo.record.QueueKey;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** The read side of a commit log. Safe from any thread. */
public interface LogReader {
  /** The view of a queue; an empty one when nothing was ever written to it. */
  QueueView queue(QueueKey queue);

  /** The queues that have ever held a record. */
  Collection<QueueKey> queues();

  /**
   * Records as they are stored.
   *
   * @param position where the first one starts
   * @param sizeBytes the length of all; they must lie in one segment
   * @return null when the segment is gone (retention)
   */
  @Nullable LogSlice slice(long position, int sizeBytes);

  /** Where the oldest segment starts. */
  long startPosition();

  /** Where the next batch will start; every batch below is closed. */
  long writtenPosition();

  /** Up to where the log was flushed to disk. */
  long flushedPosition();
}
