package io.sampo.cluster.replication;

import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.CommitLogSettings.BatchLimits;
import io.sampo.record.MessageDraft;
import io.sampo.storage.log.LogFullException;
import io.sampo.storage.log.RecordPlace;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encodes appends into the log's open batch. The commit log's thread only.
 *
 * <p>Always holds: an append is written whole or not at all, unless the disk fails; store times
 * never go back, so that searching by time works also after the clock was set.
 */
final class BatchWriter {
  private static final Logger LOG = LoggerFactory.getLogger(BatchWriter.class);
  private static final int SIZE_IMPOSSIBLE = -1;

  private final String logGroup;
  private final ReplicaLog log;
  private final InstantSource clock;
  private final BatchLimits limits;
  private final RecordPlace place = new RecordPlace();
  private long timestampMs;
  private long sizeBytes;
  private int appends;
  private boolean diskFull;

  BatchWriter(String logGroup, ReplicaLog log, InstantSource clock, BatchLimits limits) {
    this.logGroup = logGroup;
    this.log = log;
    this.clock = clock;
    this.limits = limits;
  }

  /** True while there are appends that no closed batch holds. */
  boolean isOpen() {
    return appends > 0;
  }

  boolean isFull() {
    return appends >= limits.appends() || sizeBytes >= limits.bytes();
  }

  /**
   * Encodes an append into the open batch.
   *
   * @return where it went, or why it was not done
   * @throws IOException when the disk failed. Part of the append may then be in the open batch,
   *     which therefore must not be ended; the same is true of every other exception
   */
  AppendReply write(List<MessageDraft> drafts) throws IOException {
    int needed = sizeOf(drafts);
    if (needed == SIZE_IMPOSSIBLE) {
      return AppendRefused.TOO_LARGE;
    }
    try {
      log.reserve(needed);
    } catch (LogFullException e) {
      diskHasRoom(false, e);
      return AppendRefused.DISK_FULL;
    }
    diskHasRoom(true, null);
    if (appends == 0) {
      timestampMs = Math.max(timestampMs, clock.millis());
    }
    long[] positions = new long[drafts.size()];
    long firstOffset = 0;
    for (int i = 0; i < positions.length; i++) {
      log.append(drafts.get(i), timestampMs, place);
      positions[i] = place.position;
      if (i == 0) {
        firstOffset = place.queueOffset;
      }
    }
    appends++;
    sizeBytes += needed;
    return new Appended(firstOffset, positions);
  }

  /** Closes the batch, so that it can be flushed, replicated and committed. */
  void end() throws IOException {
    log.endBatch();
    appends = 0;
    sizeBytes = 0;
  }

  /**
   * The length of the records together, or {@link #SIZE_IMPOSSIBLE} when no batch can hold them.
   */
  private int sizeOf(List<MessageDraft> drafts) {
    long bytes = 0;
    try {
      for (int i = 0; i < drafts.size(); i++) {
        bytes += log.sizeOf(drafts.get(i));
      }
    } catch (IllegalArgumentException e) {
      LOG.warn("a message that no record can hold was refused", e);
      return SIZE_IMPOSSIBLE;
    }
    return bytes > log.maxGroupBytes() ? SIZE_IMPOSSIBLE : (int) bytes;
  }

  /** Says once that the disk is full, and once that it no longer is. */
  private void diskHasRoom(boolean hasRoom, @Nullable LogFullException full) {
    if (hasRoom == diskFull) {
      diskFull = !hasRoom;
      if (hasRoom) {
        LOG.info("{} has room on its disk again", logGroup);
      } else {
        LOG.error("{} refuses what is too much", logGroup, full);
      }
    }
  }
}
