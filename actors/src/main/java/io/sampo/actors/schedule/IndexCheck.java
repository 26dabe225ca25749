package io.sampo.actors.schedule;

import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import io.sampo.storage.log.QueueView;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.slf4j.Logger;

/**
 * Tells whether an index belongs to the log as it is. A log may have lost its end, which the index
 * had seen, and have got another one since. So the index keeps a mark of the last record that it
 * took in from each queue, made of where it lies and when it was stored; if there is another record
 * in its place, the index is emptied and made anew. Pure apart from reading.
 */
final class IndexCheck {
  private IndexCheck() {}

  /** Opens the index, and empties it when it doesn't belong to the log. */
  static DueIndex open(Path file, long cacheBytes, LogReader log, Logger logger) {
    DueIndex index = DueIndex.open(file, cacheBytes);
    boolean checked = false;
    try {
      for (DueIndex.Source source : DueIndex.Source.values()) {
        if (!belongs(index, source, log)) {
          logger.warn("{} doesn't belong to the log as it is and is made anew", file);
          index.clear();
        }
      }
      for (DueIndex.Source source : DueIndex.Source.values()) {
        long first = log.queue(queue(source)).firstOffset();
        if (index.nextOffset(source) < first) { // nothing in front of it waits any more
          index.takenIn(source, first, -1);
        }
      }
      checked = true;
      return index;
    } finally {
      if (!checked) {
        index.close();
      }
    }
  }

  private static boolean belongs(DueIndex index, DueIndex.Source source, LogReader log) {
    long next = index.nextOffset(source);
    QueueView view = log.queue(queue(source));
    if (next > view.nextOffset()) {
      return false;
    }
    if (next == 0 || next == view.firstOffset()) {
      return true; // nothing was taken in, or retention has removed just that
    }
    if (next < view.firstOffset()) {
      return false; // what it missed told of what is in it
    }
    long[] position = {-1};
    view.scan(
        next - 1,
        next,
        (offset, at, sizeBytes, tagHash) -> {
          position[0] = at;
          return true;
        });
    return position[0] >= 0 && mark(log, position[0]) == index.mark(source);
  }

  /** The mark of the record at a position. */
  static long mark(LogReader log, long position) {
    try (LogSlice slice = log.slice(position, MessageRecord.SIZE_BYTES_MIN)) {
      if (slice == null) {
        return -1;
      }
      ByteBuffer bytes = slice.bytes();
      return mark(position, MessageRecord.storeTimestamp(bytes, bytes.position()));
    }
  }

  /** The mark of a record that lies at a position and was stored at a time. */
  static long mark(long position, long storeTimestampMs) {
    return Long.rotateLeft(position, 21) ^ storeTimestampMs;
  }

  static QueueKey queue(DueIndex.Source source) {
    return source == DueIndex.Source.SCHEDULE ? ScheduledMessage.QUEUE : DoneRecord.QUEUE;
  }
}
