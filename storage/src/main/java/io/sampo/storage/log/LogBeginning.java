package io.sampo.storage.log;

import io.sampo.record.MessageRecord;
import io.sampo.storage.index.LogIndex;
import io.sampo.storage.index.SilentQueues;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the log says of its own beginning ({@link SilentQueues}): where it may begin, and how far
 * the queues had come that are silent since. Of a log that was written here the index knows all of
 * that without; a copy that began later has it from here. Writer thread.
 */
final class LogBeginning {
  private static final long NOWHERE = Long.MAX_VALUE;

  private final LogIndex index;

  /** The newest complete list ends with the record there. */
  private long listedAt = NOWHERE;

  private SilentQueues.Drop drop = new SilentQueues.Drop(0, 0);

  LogBeginning(LogIndex index) {
    this.index = index;
  }

  /** Another copy's record of a list was written. */
  void onList(ByteBuffer body, long position) {
    SilentQueues.Part part = SilentQueues.decode(body);
    index.addSilent(part.queues());
    if (part.isLast()) {
      listedAt = position;
      drop = part.drop();
    }
  }

  /** The log ends there now; what follows is somebody else's. */
  void cutTo(long position) {
    if (listedAt >= position) {
      listedAt = NOWHERE;
    }
  }

  /** Where the log may begin by what is committed; 0 when nothing says so. */
  long agreed(long committedPosition) {
    return listedAt < committedPosition ? drop.logStart() : 0;
  }

  /** How old the messages below that must be; 0 when that is not said. */
  long keptForMs() {
    return drop.keptForMs();
  }

  /**
   * Reads the newest complete list of a log that was opened, and what was written behind it. Older
   * ones say nothing more.
   */
  void load(LogReader log) {
    QueueView lists = log.queue(SilentQueues.QUEUE);
    for (long offset = lists.nextOffset() - 1; offset >= lists.firstOffset(); offset--) {
      Read record = new Read(log);
      lists.scan(offset, offset + 1, record);
      SilentQueues.Part part = record.part;
      if (part == null) {
        throw new IllegalStateException(
            "offset " + offset + " of " + SilentQueues.QUEUE + " is gone");
      }
      index.addSilent(part.queues());
      if (part.isLast() && listedAt == NOWHERE) {
        listedAt = record.position;
        drop = part.drop();
      }
      if (part.isFirst() && listedAt != NOWHERE) {
        return;
      }
    }
  }

  /** Reads one record of a list. */
  private static final class Read implements QueueView.EntryVisitor {
    private final LogReader log;
    private long position;
    private SilentQueues.@Nullable Part part;

    Read(LogReader log) {
      this.log = log;
    }

    @Override
    public boolean visit(long queueOffset, long at, int sizeBytes, int tagHash) {
      try (LogSlice slice = log.slice(at, sizeBytes)) {
        if (slice != null) {
          ByteBuffer bytes = slice.bytes();
          position = at;
          part = SilentQueues.decode(MessageRecord.body(bytes, bytes.position()));
        }
      }
      return false;
    }
  }
}
