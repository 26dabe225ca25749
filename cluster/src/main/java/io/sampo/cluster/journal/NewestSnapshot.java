package io.sampo.cluster.journal;

import io.sampo.record.QueueKey;
import java.nio.ByteBuffer;

/**
 * Finds the newest snapshot of a persistence id: that of the highest sequence number, which need
 * not be the last in the queue, since older ones may have been carried to its end.
 */
final class NewestSnapshot {
  private static final byte DELETIONS_V1 = 1;

  private NewestSnapshot() {}

  /** Decides by the head of a snapshot. */
  @FunctionalInterface
  interface Selection {
    boolean matches(long sequenceNr, long timestampMs);
  }

  /** The offset of the newest one that is wanted and not deleted, -1 when there is none. */
  static long offset(PersistenceLog log, String persistenceId, Selection wanted) {
    QueueKey snapshots = PersistenceQueues.snapshots(persistenceId);
    OffsetRanges deleted = deleted(log, persistenceId);
    long[] newest = {-1, Long.MIN_VALUE, Long.MIN_VALUE}; // offset, sequence number, timestamp
    long end = log.committedEnd(snapshots);
    for (long offset = log.firstOffset(snapshots); offset < end; offset++) {
      if (!deleted.contains(offset)) {
        log.visit(
            snapshots,
            offset,
            (at, body) -> {
              long sequenceNr = SnapshotRecord.sequenceNr(body);
              long timestampMs = SnapshotRecord.timestamp(body);
              boolean newer =
                  sequenceNr > newest[1] || (sequenceNr == newest[1] && timestampMs >= newest[2]);
              if (newer && wanted.matches(sequenceNr, timestampMs)) {
                newest[0] = at;
                newest[1] = sequenceNr;
                newest[2] = timestampMs;
              }
            });
      }
    }
    return newest[0];
  }

  /**
   * Which snapshots are deleted, by their offsets; those that were deleted and are gone besides.
   */
  static OffsetRanges deleted(PersistenceLog log, String persistenceId) {
    QueueKey deletions = PersistenceQueues.snapshotDeletions(persistenceId);
    long end = log.committedEnd(deletions);
    byte[] newest = end == 0 ? null : log.read(deletions, end - 1);
    if (newest == null) {
      return OffsetRanges.NONE; // what it named lay in front of it and went with it
    }
    ByteBuffer body = ByteBuffer.wrap(newest);
    byte version = body.get();
    if (version != DELETIONS_V1) {
      throw new PersistenceRefusedException(
          persistenceId + ": deletions of version " + version + " were written by a newer Sampo");
    }
    return OffsetRanges.from(body);
  }

  static byte[] encode(OffsetRanges deleted) {
    ByteBuffer body = ByteBuffer.allocate(1 + deleted.sizeBytes()).put(DELETIONS_V1);
    deleted.putInto(body);
    return body.array();
  }
}
