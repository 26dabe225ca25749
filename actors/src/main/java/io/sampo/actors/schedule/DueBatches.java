package io.sampo.actors.schedule;

import io.sampo.actors.schedule.Scheduler.Recall;
import io.sampo.actors.schedule.Scheduler.RecallReply;
import io.sampo.storage.log.LogSlice;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Decides what is written next. A message that can't be delivered is put off and stands in nobody's
 * way; it is never dropped unless the log itself has lost it. On the thread of the index.
 */
final class DueBatches {
  /** When a message is tried again whose record can't be read or written. */
  private static final long UNREADABLE_PUT_OFF_MS = 60_000;

  /** When a message is tried again whose queue can't be had. */
  private static final long BUSY_PUT_OFF_MS = 1000;

  private static final int RECALLS_MAX = 64;

  private final DueIndex index;
  private final WaitingRecords records;
  private final TargetQueues targets;
  private final ScheduleSettings.Batch limits;
  private final Logger logger;

  /** Halved when the log refuses a batch, until the culprit is alone. */
  private int messagesMax;

  DueBatches(
      DueIndex index,
      WaitingRecords records,
      TargetQueues targets,
      ScheduleSettings.Batch limits,
      Logger logger) {
    this.index = index;
    this.records = records;
    this.targets = targets;
    this.limits = limits;
    this.logger = logger;
    this.messagesMax = limits.messages();
  }

  /**
   * What is to be written now, null when there is nothing.
   *
   * @param recalls messages that are to be cancelled; those that are looked at are taken out
   */
  @Nullable DueBatch next(long nowMs, ArrayDeque<Recall> recalls) {
    DueBatch batch = new DueBatch();
    for (int i = 0; i < RECALLS_MAX && !recalls.isEmpty(); i++) {
      Recall recall = recalls.remove();
      DueEntry entry = records.find(recall);
      if (entry == null || batch.has(entry)) {
        recall.replyTo().tell(RecallReply.NOT_PENDING);
      } else {
        batch.recall(entry, recall);
      }
    }
    int recalled = batch.entries().size();
    for (DueEntry entry : index.entries(Long.MIN_VALUE, -1, nowMs, messagesMax + recalled)) {
      if (batch.messages() == messagesMax
          || (batch.messages() > 0 && batch.bytes() + entry.sizeBytes() > limits.bytes())) {
        break;
      }
      if (recalled == 0 || !batch.has(entry)) {
        add(batch, entry, nowMs);
      }
    }
    return batch.isEmpty() ? null : batch;
  }

  private void add(DueBatch batch, DueEntry entry, long nowMs) {
    LogSlice slice = null;
    boolean added = false;
    try {
      slice = records.read(entry);
      if (slice == null) {
        logger.error("{} was removed from the log before it was due", entry);
        batch.giveUp(entry);
      } else {
        batch.deliver(entry, slice, targets);
      }
      added = true;
    } catch (WaitingRecords.UnreadableException | IllegalArgumentException e) {
      logger.error("{} is tried again in {} ms", entry, UNREADABLE_PUT_OFF_MS, e);
      index.putOff(entry, nowMs + UNREADABLE_PUT_OFF_MS);
    } finally {
      if (!added && slice != null) {
        slice.close();
      }
    }
  }

  /** The batch was written. */
  void delivered() {
    messagesMax = Math.min(limits.messages(), messagesMax * 2);
  }

  /**
   * The batch was refused for what is in it.
   *
   * @param forGood true when it will be refused again
   */
  void refused(DueBatch batch, boolean forGood, long nowMs) {
    if (batch.messages() > 1) {
      messagesMax = Math.max(1, batch.messages() / 2);
    } else if (batch.messages() == 1) {
      DueEntry entry = batch.entries().get(batch.entries().size() - 1);
      long putOffMs = forGood ? UNREADABLE_PUT_OFF_MS : BUSY_PUT_OFF_MS;
      logger.error("{} can't be written and is tried again in {} ms", entry, putOffMs);
      index.putOff(entry, nowMs + putOffMs);
    }
  }
}
