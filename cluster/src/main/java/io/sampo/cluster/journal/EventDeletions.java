package io.sampo.cluster.journal;

import io.sampo.record.QueueKey;
import java.nio.ByteBuffer;

/**
 * The records that say up to where the events of a persistence id are deleted; the newest counts.
 */
final class EventDeletions {
  private static final byte VERSION = 1;
  private static final int BYTES = 1 + Long.BYTES;

  private EventDeletions() {}

  static byte[] encode(long toSequenceNr) {
    return ByteBuffer.allocate(BYTES).put(VERSION).putLong(toSequenceNr).array();
  }

  /** The sequence number up to which events are deleted, 0 when none is. */
  static long deletedTo(PersistenceLog log, String persistenceId) {
    QueueKey deletions = PersistenceQueues.eventDeletions(persistenceId);
    long end = log.committedEnd(deletions);
    byte[] newest = end == 0 ? null : log.read(deletions, end - 1);
    if (newest == null) {
      return 0;
    }
    ByteBuffer deletion = ByteBuffer.wrap(newest);
    byte version = deletion.get();
    if (version != VERSION) {
      throw new PersistenceRefusedException(
          persistenceId + ": a deletion of version " + version + " was written by a newer Sampo");
    }
    return deletion.getLong();
  }
}
