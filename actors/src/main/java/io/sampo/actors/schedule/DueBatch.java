package io.sampo.actors.schedule;

import io.sampo.actors.schedule.Scheduler.Recall;
import io.sampo.actors.schedule.Scheduler.RecallReply;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What is written in one append: messages whose time has come, and the note that names them and
 * those that are recalled. On the thread of the index.
 */
final class DueBatch {
  private final List<DueEntry> entries = new ArrayList<>();
  private final List<Long> dueMs = new ArrayList<>();
  private final List<MessageDraft> drafts = new ArrayList<>();
  private final List<Recall> recalls = new ArrayList<>();
  private int bytes;
  private boolean carries;

  /** True when there is nothing to write. */
  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** The entries that it takes care of, in the order in which they were added. */
  List<DueEntry> entries() {
    return entries;
  }

  /** How many messages are delivered. */
  int messages() {
    return drafts.size();
  }

  /** The length of their records. */
  int bytes() {
    return bytes;
  }

  /** True when the entry is in it already. */
  boolean has(DueEntry entry) {
    for (DueEntry other : entries) {
      if (other.offset() == entry.offset()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Delivers a message.
   *
   * @param slice its record; closed when the draft is released
   * @param targets where it goes
   * @throws IllegalArgumentException when it is not such a record; the slice isn't closed then
   */
  void deliver(DueEntry entry, LogSlice slice, TargetQueues targets) {
    ByteBuffer record = slice.bytes();
    int at = record.position();
    long recordDueMs = ScheduledMessage.deliverAtMs(record, at);
    QueueKey target = targets.of(ScheduledMessage.target(record, at));
    drafts.add(ScheduledMessage.toOriginal(record, at, target, slice::close));
    entries.add(entry);
    dueMs.add(recordDueMs);
    bytes += MessageRecord.totalSize(record, at);
  }

  /**
   * Delivers nothing yet: the message goes on waiting in a copy of its record at the end of the
   * log. Parameters as of {@link #deliver}, which must not be in the same batch.
   */
  void carry(DueEntry entry, LogSlice slice) {
    ByteBuffer record = slice.bytes();
    int at = record.position();
    long recordDueMs = ScheduledMessage.deliverAtMs(record, at);
    drafts.add(ScheduledMessage.copy(record, at, slice::close));
    entries.add(entry);
    dueMs.add(recordDueMs);
    bytes += MessageRecord.totalSize(record, at);
    carries = true;
  }

  /** True when its messages go on waiting. */
  boolean carries() {
    return carries;
  }

  /** Delivers nothing: the message is not in the log any more. */
  void giveUp(DueEntry entry) {
    entries.add(entry);
    dueMs.add(entry.dueMs());
  }

  /** Cancels a message instead of delivering it. */
  void recall(DueEntry entry, Recall recall) {
    entries.add(entry);
    dueMs.add(entry.dueMs());
    recalls.add(recall);
  }

  /** What is to be written. Call once; whoever gets it releases it. */
  List<MessageDraft> takeDrafts() {
    DoneRecord.Builder note = new DoneRecord.Builder(entries.size());
    for (int i = 0; i < entries.size(); i++) {
      note.add(dueMs.get(i), entries.get(i).offset());
    }
    drafts.add(note.build());
    return List.copyOf(drafts);
  }

  /** It is written: nothing in it waits any more. */
  void remove(DueIndex index) {
    for (int i = 0; i < entries.size(); i++) {
      index.remove(dueMs.get(i), entries.get(i).offset());
    }
  }

  void answerRecalls(RecallReply reply) {
    recalls.forEach(recall -> recall.replyTo().tell(reply));
  }
}
