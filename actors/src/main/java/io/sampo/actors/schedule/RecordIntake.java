package io.sampo.actors.schedule;

import io.sampo.actors.group.Queue;
import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;
import org.slf4j.Logger;

/**
 * Takes records of the log into the index of due times: messages that wait are added, those that a
 * note names are removed. On the thread of the index.
 */
final class RecordIntake {
  private final DueIndex index;
  private final Logger logger;

  RecordIntake(DueIndex index, Logger logger) {
    this.index = index;
    this.logger = logger;
  }

  /**
   * Takes in what a pull has brought, and closes its slices.
   *
   * @throws IllegalStateException when a record can't be read
   */
  void takeIn(DueIndex.Source source, Queue.Found found) {
    long mark = index.mark(source);
    try {
      for (LogSlice slice : found.slices()) {
        ByteBuffer bytes = slice.bytes();
        int at = bytes.position();
        while (at < bytes.limit()) {
          takeIn(source, bytes, at);
          mark =
              IndexCheck.mark(
                  MessageRecord.physicalOffset(bytes, at), MessageRecord.storeTimestamp(bytes, at));
          at += MessageRecord.totalSize(bytes, at);
        }
      }
    } catch (InternalError e) { // a mapped read of a bad sector
      throw new IllegalStateException("the " + source + " can't be read", e);
    } finally {
      found.slices().forEach(LogSlice::close);
    }
    index.takenIn(source, found.nextOffset(), mark);
  }

  private void takeIn(DueIndex.Source source, ByteBuffer bytes, int at) {
    try {
      if (source == DueIndex.Source.SCHEDULE) {
        index.add(entry(bytes, at));
      } else {
        DoneRecord.read(bytes, at, index::remove);
      }
    } catch (IllegalArgumentException e) {
      logger.error(
          "the record at {} is none of the {} and is passed over",
          MessageRecord.physicalOffset(bytes, at),
          source,
          e);
    }
  }

  private static DueEntry entry(ByteBuffer bytes, int at) {
    long dueMs = ScheduledMessage.deliverAtMs(bytes, at);
    String uniqueKey =
        MessageProperties.find(
            ScheduledMessage.properties(bytes, at), MessageProperties.UNIQUE_KEY);
    return new DueEntry(
        dueMs,
        MessageRecord.queueOffset(bytes, at),
        MessageRecord.physicalOffset(bytes, at),
        MessageRecord.totalSize(bytes, at),
        uniqueKey == null ? 0 : uniqueKey.hashCode());
  }
}
