package io.sampo.cluster.journal;

import java.nio.ByteBuffer;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.serialization.Snapshot;

/**
 * A snapshot as its record's body holds it. Its head can be read without the state behind it.
 *
 * <pre>
 *  0         1             9            17               21
 *  +---------+-------------+------------+----------------+----------+-------+
 *  | version | sequence nr | timestamp  | metadata bytes | metadata | state |
 *  +---------+-------------+------------+----------------+----------+-------+
 * </pre>
 *
 * Metadata (that of replicated event sourcing; none has length 0) and state are in Pekko's own form
 * of a snapshot, with serializer and manifest.
 */
final class SnapshotRecord {
  private static final byte VERSION = 1;
  private static final int SEQUENCE_NR_AT = 1;
  private static final int TIMESTAMP_AT = SEQUENCE_NR_AT + Long.BYTES;
  private static final int METADATA_BYTES_AT = TIMESTAMP_AT + Long.BYTES;
  private static final int HEAD_BYTES = METADATA_BYTES_AT + Integer.BYTES;

  private SnapshotRecord() {}

  static byte[] encode(PersistencePlugin plugin, SnapshotMetadata metadata, Object state) {
    byte[] extra =
        metadata.metadata().isDefined()
            ? plugin.toBytes(new Snapshot(metadata.metadata().get()))
            : new byte[0];
    byte[] stateBytes = plugin.toBytes(new Snapshot(state));
    return ByteBuffer.allocate(HEAD_BYTES + extra.length + stateBytes.length)
        .put(VERSION)
        .putLong(metadata.sequenceNr())
        .putLong(metadata.timestamp())
        .putInt(extra.length)
        .put(extra)
        .put(stateBytes)
        .array();
  }

  static long sequenceNr(ByteBuffer body) {
    requireVersion(body);
    return body.getLong(body.position() + SEQUENCE_NR_AT);
  }

  /** When it was saved, in milliseconds since the epoch. */
  static long timestamp(ByteBuffer body) {
    requireVersion(body);
    return body.getLong(body.position() + TIMESTAMP_AT);
  }

  static SnapshotMetadata metadata(PersistencePlugin plugin, String persistenceId, byte[] body) {
    ByteBuffer bytes = ByteBuffer.wrap(body);
    SnapshotMetadata metadata =
        new SnapshotMetadata(persistenceId, sequenceNr(bytes), timestamp(bytes));
    int extraBytes = bytes.getInt(METADATA_BYTES_AT);
    return extraBytes == 0
        ? metadata
        : metadata.withMetadata(object(plugin, body, HEAD_BYTES, extraBytes));
  }

  static Object state(PersistencePlugin plugin, byte[] body) {
    int stateAt = HEAD_BYTES + ByteBuffer.wrap(body).getInt(METADATA_BYTES_AT);
    return object(plugin, body, stateAt, body.length - stateAt);
  }

  private static Object object(PersistencePlugin plugin, byte[] body, int at, int sizeBytes) {
    byte[] bytes = new byte[sizeBytes];
    System.arraycopy(body, at, bytes, 0, sizeBytes);
    return plugin.fromBytes(bytes, Snapshot.class).data();
  }

  private static void requireVersion(ByteBuffer body) {
    byte version = body.get(body.position());
    if (version != VERSION) {
      throw new PersistenceRefusedException(
          "a snapshot of version " + version + " was written by a newer Sampo");
    }
  }
}
