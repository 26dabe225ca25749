package io.sampo.actors.schedule;

import io.sampo.record.BodyCrc;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import java.nio.ByteBuffer;

/**
 * The note that messages no longer wait, written in one append with those that were delivered. Its
 * body:
 *
 * <pre>
 *  0         1          9             then the next one
 *  +---------+----------+-------------+----------
 *  | version | due time | offset in   | …
 *  |         | (ms)     | the schedule|
 *  +---------+----------+-------------+----------
 *    1 byte    8          8
 * </pre>
 *
 * <p>A note of nothing is written when the deliverer starts: whatever an earlier one had on its way
 * is then in front of it, or never comes. Pure functions; any thread.
 */
final class DoneRecord {
  static final QueueKey QUEUE = new QueueKey("SAMPO_SYS_SCHEDULE_DONE", 0);

  private static final byte VERSION = 1;
  private static final int ENTRY_BYTES = 16;

  private DoneRecord() {}

  /** Takes one message of a note. */
  @FunctionalInterface
  interface Visitor {
    /**
     * @param dueMs as the message's own record says
     * @param offset of that record in {@link ScheduledMessage#QUEUE}
     */
    void done(long dueMs, long offset);
  }

  /** Collects the messages of one note. */
  static final class Builder {
    private final ByteBuffer body;

    /**
     * @param messagesMax how many it may hold
     */
    Builder(int messagesMax) {
      body = ByteBuffer.allocate(1 + messagesMax * ENTRY_BYTES).put(VERSION);
    }

    /** Adds a message; parameters as of {@link Visitor#done}. */
    Builder add(long dueMs, long offset) {
      body.putLong(dueMs).putLong(offset);
      return this;
    }

    MessageDraft build() {
      ByteBuffer written = body.flip();
      return MessageDraft.to(QUEUE).body(written, BodyCrc.of(written)).build();
    }
  }

  /**
   * Reads a note.
   *
   * @param records holds a record of {@link #QUEUE}; only absolute gets
   * @param index where it starts
   * @throws IllegalArgumentException when it is not such a record
   */
  static void read(ByteBuffer records, int index, Visitor visitor) {
    ByteBuffer body = MessageRecord.body(records, index);
    int bytes = body.remaining();
    if (bytes % ENTRY_BYTES != 1 || body.get(0) != VERSION) {
      throw new IllegalArgumentException("not a note of messages that no longer wait");
    }
    for (int at = 1; at < bytes; at += ENTRY_BYTES) {
      visitor.done(body.getLong(at), body.getLong(at + 8));
    }
  }
}
