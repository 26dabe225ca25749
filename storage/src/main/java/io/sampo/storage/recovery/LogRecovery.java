package io.sampo.storage.recovery;

import io.sampo.storage.index.LogIndex;
import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.log.LogDirectory;
import io.sampo.storage.log.LogSegment;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a log back after a stop of any kind: finds the end of the last whole batch, drops what a
 * crash tore behind it, and refuses a log that lost what had been durable.
 *
 * <p><b>Torn or corrupt?</b> A mapped write reaches the disk page by page in any order, so after a
 * power loss anything may be missing that wasn't flushed, also in front of batches that are whole.
 * What was flushed can't be missing. So a damaged batch is <em>corruption</em> when one of these
 * shows that it had been flushed, and otherwise a <em>torn tail</em>, which is dropped together
 * with everything behind it and overwritten with zeros, so that no old batch comes back to life
 * when appends end where it starts:
 *
 * <ul>
 *   <li>it lies below the {@link FlushCheckpoint};
 *   <li>a whole batch behind it says so by its stamp (how far the log was flushed when that batch
 *       was closed);
 *   <li>a later segment holds a whole batch: a segment is written to only after the one before it
 *       was flushed to its end.
 * </ul>
 *
 * <p>What remains undetected is damage to the batches of the very last flush within the seconds
 * before the checkpoint follows it: no local evidence can tell it from a torn write.
 */
public final class LogRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(LogRecovery.class);

  /**
   * A log as it was found.
   *
   * @param segments oldest first; only the last one can be written. Empty for a new log
   * @param activeBytes where the last whole batch of the last segment ends; its length when it is
   *     sealed
   * @param endPosition where the next batch goes; everything below is on disk
   */
  public record Recovered(List<LogSegment> segments, int activeBytes, long endPosition) {}

  private final LogDirectory directory;
  private final LogIndex index;
  private final SegmentScan scan;
  private final long checkpoint;

  /**
   * @param index empty; filled by {@link #recover()}
   * @param epochs empty; filled by {@link #recover()}
   * @param checkpoint the last {@link FlushCheckpoint}
   */
  public LogRecovery(LogDirectory directory, LogIndex index, EpochTable epochs, long checkpoint) {
    this.directory = directory;
    this.index = index;
    this.scan = new SegmentScan(index, epochs);
    this.checkpoint = checkpoint;
  }

  /**
   * Reads the log.
   *
   * @throws CorruptLogException when something that had been durable is damaged or missing; nothing
   *     on disk was changed
   */
  public Recovered recover() throws IOException {
    List<LogSegment> segments = new ArrayList<>();
    try {
      return recover(segments);
    } catch (IOException | RuntimeException e) {
      segments.forEach(LogSegment::release);
      throw e;
    }
  }

  private Recovered recover(List<LogSegment> segments) throws IOException {
    openAll(segments);
    if (segments.isEmpty()) {
      if (checkpoint > 0) {
        throw new CorruptLogException(
            "%s: expected segments up to position %d, found none"
                .formatted(directory.path(), checkpoint));
      }
      return new Recovered(segments, 0, 0);
    }
    SegmentScan.Result end = null;
    int active = -1;
    while (end == null || (end.sealed() && active + 1 < segments.size())) {
      if (end != null) {
        index.seal();
      }
      active++;
      end = scan.scan(segments.get(active));
    }
    LogSegment last = segments.get(active);
    long endPosition = last.basePosition() + end.endBytes();
    String defect = end.defect();
    if (defect != null) {
      refuseIfDurable(segments, active, endPosition, defect);
      dropBehind(segments, active);
    } else if (endPosition < checkpoint) {
      throw corrupt(last, endPosition, "a segment behind this one", checkpointReason());
    }
    syncFrom(segments);
    segments.set(active, reopenForWriting(last, end.endBytes(), defect));
    last.release();
    return new Recovered(segments, end.endBytes(), endPosition);
  }

  private void openAll(List<LogSegment> segments) throws IOException {
    for (Path file : directory.segmentFiles()) {
      long base = LogDirectory.basePosition(file);
      if (!segments.isEmpty()) {
        LogSegment before = segments.get(segments.size() - 1);
        if (before.endPosition() != base) {
          throw new CorruptLogException(
              "%s: expected the segment of position %d next, found %s"
                  .formatted(directory.path(), before.endPosition(), file.getFileName()));
        }
      }
      segments.add(LogSegment.open(file, base, false));
    }
  }

  private void refuseIfDurable(List<LogSegment> segments, int damaged, long position, String defect)
      throws IOException {
    LogSegment segment = segments.get(damaged);
    if (position < checkpoint) {
      throw corrupt(segment, position, defect, checkpointReason());
    }
    int damagedAt = (int) (position - segment.basePosition());
    int witness = scan.findWholeBatch(segment, damagedAt + 1, position);
    if (witness >= 0) {
      throw corrupt(
          segment,
          position,
          defect,
          "the batch at %d was written after it was flushed"
              .formatted(segment.basePosition() + witness));
    }
    for (LogSegment later : segments.subList(damaged + 1, segments.size())) {
      int found = scan.findWholeBatch(later, 0, -1);
      if (found >= 0) {
        throw corrupt(
            segment,
            position,
            defect,
            "the later segment %s holds batches".formatted(later.path()));
      }
    }
  }

  private String checkpointReason() {
    return "the log was flushed up to " + checkpoint;
  }

  private static CorruptLogException corrupt(
      LogSegment segment, long position, String defect, String reason) {
    return new CorruptLogException(
        "%s: position %d: %s; this is corruption and no torn write, because %s"
            .formatted(segment.path(), position, defect, reason));
  }

  /** Segments that were made ahead but never written to. */
  private void dropBehind(List<LogSegment> segments, int active) throws IOException {
    while (segments.size() > active + 1) {
      LogSegment empty = segments.remove(segments.size() - 1);
      empty.release();
      Files.delete(empty.path());
      directory.sync();
    }
  }

  /** What a killed process wrote may be in memory only; nobody reads it before it is on disk. */
  private void syncFrom(List<LogSegment> segments) throws IOException {
    for (LogSegment segment : segments) {
      if (segment.endPosition() > checkpoint) {
        try (FileChannel channel = FileChannel.open(segment.path(), StandardOpenOption.WRITE)) {
          channel.force(true);
        }
      }
    }
  }

  private static LogSegment reopenForWriting(
      LogSegment readable, int endBytes, @Nullable String defect) throws IOException {
    LogSegment writable = LogSegment.open(readable.path(), readable.basePosition(), true);
    try {
      if (defect != null && writable.zeroFrom(endBytes)) {
        LOG.warn(
            "{}: dropped a torn tail at position {} ({})",
            writable.path(),
            writable.basePosition() + endBytes,
            defect);
      }
      writable.assumeReserved(endBytes);
      return writable;
    } catch (IOException | RuntimeException e) {
      writable.release();
      throw e;
    }
  }
}
