package io.sampo.record;

import java.nio.ByteBuffer;

/**
 * Walks the messages of a batch send's body in place. Usage: {@code while (batch.next()) { … }}.
 *
 * <pre>
 *  int32 entry size, this field included
 *  int32 magic, int32 CRC: not used
 *  int32 user flag
 *  int32 body size, body
 *  int16 properties size, properties
 * </pre>
 *
 * The views that it gives are slices of the given buffer: they live as long as that does. Reads
 * absolutely; position and limit of the buffer do not move. Not thread-safe.
 */
public final class BatchBody {
  private static final int FLAG_AT = 12;
  private static final int BODY_SIZE_AT = FLAG_AT + 4;
  private static final int BODY_AT = BODY_SIZE_AT + 4;
  private static final int ENTRY_BYTES_MIN = BODY_AT + 2;

  private final ByteBuffer batch;
  private int entryAt;
  private int entryEnd;
  private int propertiesSizeAt;

  /** A walk over the bytes from position to limit, standing before the first message. */
  public BatchBody(ByteBuffer batch) {
    this.batch = batch;
    this.entryEnd = batch.position();
  }

  /**
   * Checks all of a batch and counts its messages, so that a batch is taken whole or not at all.
   *
   * @return how many messages, at least 1
   * @throws MalformedBatchException when an entry is malformed, there is none, or there are more
   *     than the maximum
   */
  public static int countChecked(ByteBuffer batch, int messagesMax) {
    BatchBody walk = new BatchBody(batch);
    int count = 0;
    while (walk.next()) {
      count++;
      if (count > messagesMax) {
        throw new MalformedBatchException("the batch has more than " + messagesMax + " messages");
      }
    }
    if (count == 0) {
      throw new MalformedBatchException("the batch is empty");
    }
    return count;
  }

  /**
   * Goes to the next message.
   *
   * @return false after the last one
   * @throws MalformedBatchException when the entry does not fit into the batch or its parts do not
   *     fit into the entry
   */
  public boolean next() {
    entryAt = entryEnd;
    int available = batch.limit() - entryAt;
    if (available == 0) {
      return false;
    }
    if (available < ENTRY_BYTES_MIN) {
      throw malformed(available + " bytes are left, an entry has at least " + ENTRY_BYTES_MIN);
    }
    int entryBytes = batch.getInt(entryAt);
    if (entryBytes < ENTRY_BYTES_MIN || entryBytes > available) {
      throw malformed("an entry of " + entryBytes + " bytes where " + available + " are left");
    }
    int bodyBytes = batch.getInt(entryAt + BODY_SIZE_AT);
    if (bodyBytes < 0 || bodyBytes > entryBytes - ENTRY_BYTES_MIN) {
      throw malformed("a body of " + bodyBytes + " bytes in an entry of " + entryBytes);
    }
    propertiesSizeAt = entryAt + BODY_AT + bodyBytes;
    int propertiesBytes = batch.getShort(propertiesSizeAt);
    if (propertiesBytes != entryBytes - ENTRY_BYTES_MIN - bodyBytes) {
      throw malformed(
          "properties of " + propertiesBytes + " bytes do not fill an entry of " + entryBytes);
    }
    entryEnd = entryAt + entryBytes;
    return true;
  }

  /** The user's flag of the current message. */
  public int flag() {
    return batch.getInt(entryAt + FLAG_AT);
  }

  /** A view of the current message's body. */
  public ByteBuffer body() {
    return batch.slice(entryAt + BODY_AT, batch.getInt(entryAt + BODY_SIZE_AT));
  }

  /** A view of the current message's encoded properties. */
  public ByteBuffer properties() {
    return batch.slice(propertiesSizeAt + 2, batch.getShort(propertiesSizeAt));
  }

  private MalformedBatchException malformed(String what) {
    return new MalformedBatchException(
        "malformed batch at byte " + (entryAt - batch.position()) + ": " + what);
  }
}
