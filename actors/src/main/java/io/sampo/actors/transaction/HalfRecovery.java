package io.sampo.actors.transaction;

import io.sampo.actors.transaction.HalfEvent.Snapshot;
import io.sampo.record.MessageRecord;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import io.sampo.storage.log.QueueView;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the undecided half messages of a log group from its log, in steps, so that no thread is
 * kept for long: from the newest snapshot on, which bounds it by the setting between two snapshots.
 * Everything in the queues at the start must be committed.
 */
final class HalfRecovery {
  private static final int RECORDS_PER_STEP = 256;

  private final LogReader log;
  private final QueueView events;
  private final QueueView halves;
  private final long eventsEnd;
  private final long halvesEnd;
  private final long timeoutMs;
  private final HalfReplay replay;
  private long nextEvent;
  private long nextHalf;

  /**
   * @param timeoutMs how old half messages get that don't say otherwise, before they are checked
   */
  HalfRecovery(LogReader log, PendingHalves.Limits limits, long timeoutMs) {
    this.log = log;
    this.events = log.queue(HalfMessage.EVENTS);
    this.halves = log.queue(HalfMessage.QUEUE);
    this.eventsEnd = events.nextOffset();
    this.halvesEnd = halves.nextOffset();
    this.timeoutMs = timeoutMs;
    long snapshotAt = newestSnapshot(log);
    Snapshot snapshot =
        snapshotAt >= events.firstOffset() && event(log, snapshotAt) instanceof Snapshot found
            ? found
            : null;
    this.replay =
        new HalfReplay(limits, snapshotAt, snapshot, events.firstOffset(), halves.firstOffset());
    this.nextEvent = replay.eventsFrom();
    this.nextHalf = replay.halvesFrom();
  }

  /** Where the last event in the log says that the newest snapshot is. */
  static long newestSnapshot(LogReader log) {
    HalfEvent last = event(log, log.queue(HalfMessage.EVENTS).nextOffset() - 1);
    return last == null ? HalfEvent.NO_SNAPSHOT : last.newestSnapshot();
  }

  private static @Nullable HalfEvent event(LogReader log, long offset) {
    HalfEvent[] found = new HalfEvent[1];
    QueueView events = log.queue(HalfMessage.EVENTS);
    if (offset >= events.firstOffset()) {
      events.scan(
          offset,
          offset + 1,
          (queueOffset, position, sizeBytes, tagHash) -> {
            found[0] = event(log, position, sizeBytes);
            return true;
          });
    }
    return found[0];
  }

  private static @Nullable HalfEvent event(LogReader log, long position, int sizeBytes) {
    try (LogSlice slice = log.slice(position, sizeBytes)) {
      if (slice == null) {
        return null; // its segment is gone, and what it told of with it
      }
      ByteBuffer bytes = slice.bytes();
      return HalfEvent.decode(MessageRecord.body(bytes, bytes.position()));
    }
  }

  /** Reads some; false when everything is read. */
  boolean step() {
    if (nextEvent < eventsEnd) {
      nextEvent = events.scan(nextEvent, stepEnd(nextEvent, eventsEnd), this::replayEvent);
      return true;
    }
    if (nextHalf < halvesEnd) {
      nextHalf = halves.scan(nextHalf, stepEnd(nextHalf, halvesEnd), this::replayHalf);
      return true;
    }
    return false;
  }

  private static long stepEnd(long from, long end) {
    return Math.min(end, from + RECORDS_PER_STEP);
  }

  private boolean replayEvent(long offset, long position, int sizeBytes, int tagHash) {
    HalfEvent event = event(log, position, sizeBytes);
    if (event != null) {
      replay.event(event);
    }
    return true;
  }

  private boolean replayHalf(long offset, long position, int sizeBytes, int tagHash) {
    if (!replay.isEnded(offset)) {
      try (LogSlice slice = log.slice(position, sizeBytes)) {
        if (slice != null) {
          ByteBuffer bytes = slice.bytes();
          int at = bytes.position();
          long immunityMs = HalfMessage.immunityMs(MessageRecord.properties(bytes, at), timeoutMs);
          replay.half(offset, position, MessageRecord.storeTimestamp(bytes, at) + immunityMs);
        }
      }
    }
    return true;
  }

  /** What was found, once everything is read. */
  PendingHalves result() {
    return replay.finish(eventsEnd, halvesEnd);
  }
}
