package io.sampo.actors.schedule;

import io.sampo.actors.schedule.Scheduler.ListPending;
import io.sampo.actors.schedule.Scheduler.Pending;
import io.sampo.actors.schedule.Scheduler.PendingMessage;
import io.sampo.actors.schedule.Scheduler.Recall;
import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds messages that wait, and reads their records, which lie wherever they were written long ago:
 * it may wait for the disk. On the thread of the index.
 */
final class WaitingRecords {
  private final DueIndex index;
  private final LogReader log;

  WaitingRecords(DueIndex index, LogReader log) {
    this.index = index;
    this.log = log;
  }

  /** The record of an entry could not be read, or is not what the index says. */
  static final class UnreadableException extends Exception {
    UnreadableException(DueEntry entry, @Nullable Throwable cause) {
      super("the record of " + entry + " can't be read", cause);
    }
  }

  /**
   * The record of an entry, whole and undamaged, and in memory from then on.
   *
   * @return the caller closes it; null when its segment is gone from the log
   */
  @Nullable LogSlice read(DueEntry entry) throws UnreadableException {
    boolean good = false;
    LogSlice slice = null;
    try {
      slice = log.slice(entry.position(), entry.sizeBytes());
      good = slice == null || isRecordOf(entry, slice.bytes());
      if (!good) {
        throw new UnreadableException(entry, null);
      }
      return slice;
    } catch (RuntimeException | InternalError e) { // a mapped read of a bad sector is the latter
      throw new UnreadableException(entry, e);
    } finally {
      if (!good && slice != null) {
        slice.close();
      }
    }
  }

  private static boolean isRecordOf(DueEntry entry, ByteBuffer bytes) {
    int at = bytes.position();
    return MessageRecord.isWhole(bytes, at, bytes.limit())
        && MessageRecord.physicalOffset(bytes, at) == entry.position()
        && MessageRecord.queueOffset(bytes, at) == entry.offset()
        && MessageRecord.topic(bytes, at).equals(ScheduledMessage.TOPIC)
        && MessageRecord.isBodyIntact(bytes, at);
  }

  /** The message that is to be recalled, null when it doesn't wait. */
  @Nullable DueEntry find(Recall recall) {
    int keyHash = recall.uniqueKey().hashCode();
    DueEntry[] found = new DueEntry[1];
    index.visit(
        recall.dueMs(),
        entry -> {
          if (entry.keyHash() == keyHash && isMeant(recall, entry)) {
            found[0] = entry;
          }
          return found[0] == null;
        });
    return found[0];
  }

  private boolean isMeant(Recall recall, DueEntry entry) {
    PendingMessage message = describe(entry);
    return message != null
        && recall.uniqueKey().equals(message.uniqueKey())
        && recall.topic().equals(message.target().topic());
  }

  /** The answer to a question about what waits. */
  Pending list(ListPending wanted, boolean complete) {
    int limit = Math.max(0, Math.min(wanted.limit(), Scheduler.LIST_MAX));
    List<PendingMessage> messages = new ArrayList<>();
    if (limit > 0) {
      for (DueEntry entry :
          index.entries(wanted.dueMs(), wanted.afterOffset(), Long.MAX_VALUE, limit)) {
        PendingMessage message = describe(entry);
        if (message != null) {
          messages.add(message);
        }
      }
    }
    return new Pending(complete, index.size(), messages);
  }

  /** Null when its record can't be read, which is told when it is due. */
  private @Nullable PendingMessage describe(DueEntry entry) {
    try (LogSlice slice = read(entry)) {
      if (slice == null) {
        return null;
      }
      ByteBuffer bytes = slice.bytes();
      int at = bytes.position();
      return new PendingMessage(
          entry.dueMs(),
          entry.offset(),
          entry.position(),
          ScheduledMessage.target(bytes, at),
          MessageProperties.find(
              ScheduledMessage.properties(bytes, at), MessageProperties.UNIQUE_KEY));
    } catch (UnreadableException | IllegalArgumentException e) {
      return null;
    }
  }
}
