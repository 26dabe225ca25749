package io.sampo.cluster.journal;

import io.sampo.record.QueueKey;
import java.nio.ByteBuffer;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/**
 * Events whose own records went with an old segment while nothing newer made them superfluous: they
 * were copied into a queue of their own before ({@link JournalCarrier}), in any order and perhaps
 * more than once. The body of such a record:
 *
 * <pre>
 *  0         1             9
 *  +---------+-------------+-----------------
 *  | version | sequence nr | the event's body
 *  +---------+-------------+-----------------
 * </pre>
 */
final class CarriedEvents {
  private static final byte VERSION = 1;
  private static final int HEAD_BYTES = 1 + Long.BYTES;

  private CarriedEvents() {}

  static byte[] encode(long sequenceNr, ByteBuffer event) {
    return ByteBuffer.allocate(HEAD_BYTES + event.remaining())
        .put(VERSION)
        .putLong(sequenceNr)
        .put(event)
        .array();
  }

  static long sequenceNr(ByteBuffer body) {
    byte version = body.get(body.position());
    if (version != VERSION) {
      throw new PersistenceRefusedException(
          "a carried event of version " + version + " was written by a newer Sampo");
    }
    return body.getLong(body.position() + 1);
  }

  /** The events of a range of sequence numbers that were carried, by sequence number. */
  static CompletionStage<SortedMap<Long, byte[]>> read(
      PersistenceLog log, String persistenceId, long fromSequenceNr, long toSequenceNr) {
    QueueKey carried = PersistenceQueues.carriedEvents(persistenceId);
    SortedMap<Long, byte[]> found = new TreeMap<>();
    return log.visitAll(
            carried,
            log.firstOffset(carried),
            log.committedEnd(carried),
            (offset, body) -> {
              long sequenceNr = sequenceNr(body);
              if (sequenceNr >= fromSequenceNr && sequenceNr <= toSequenceNr) {
                byte[] event = new byte[body.remaining() - HEAD_BYTES];
                body.get(body.position() + HEAD_BYTES, event);
                found.put(sequenceNr, event);
              }
            })
        .thenApply(done -> found);
  }
}
