package io.sampo.storage.recovery;

import io.sampo.record.QueueKey;
import io.sampo.storage.index.LogIndex;
import io.sampo.storage.index.SealedIndex;
import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.log.LogDirectory;
import io.sampo.storage.log.LogSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
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
   * @param unsaved indexes of sealed segments whose files couldn't be written, oldest first
   */
  public record Recovered(
      List<LogSegment> segments, int activeBytes, long endPosition, List<SealedIndex> unsaved) {}

  private final LogDirectory directory;
  private final LogIndex index;
  private final LogMarks marks;
  private final long checkpoint;
  private final List<SealedIndex> unsaved = new ArrayList<>();

  /**
   * @param index empty; filled by {@link #recover()}
   * @param marks of an empty log that begins where this one does; filled by {@link #recover()}
   * @param checkpoint the last {@link FlushCheckpoint}
   */
  public LogRecovery(LogDirectory directory, LogIndex index, LogMarks marks, long checkpoint) {
    this.directory = directory;
    this.index = index;
    this.marks = marks;
    this.checkpoint = checkpoint;
  }

  /**
   * Reads what the newest whole index file doesn't cover: the active segment, and before it what
   * has no index.
   *
   * @throws CorruptLogException when something that had been durable is damaged or missing, and
   *     where; the segments were not changed
   */
  public Recovered recover() throws IOException {
    List<LogSegment> segments = new ArrayList<>();
    try {
      CorruptLogException lost = openAll(segments);
      long start = marks.start().position();
      long filesEnd = segments.isEmpty() ? start : segments.get(segments.size() - 1).endPosition();
      if (lost == null && filesEnd < checkpoint) {
        lost = missing(filesEnd, checkpointReason());
      }
      if (!segments.isEmpty()) {
        return recover(segments, lost);
      }
      if (lost != null) {
        throw lost;
      }
      return new Recovered(segments, 0, start, unsaved);
    } catch (IOException | RuntimeException e) {
      segments.forEach(LogSegment::release);
      throw e;
    }
  }

  /**
   * @param lost what is missing behind these segments, null when nothing is
   */
  private Recovered recover(List<LogSegment> segments, @Nullable CorruptLogException lost)
      throws IOException {
    int active = index.restore(segments, marks);
    if (active == segments.size()) {
      throw lost != null
          ? lost
          : missing(
              segments.get(active - 1).endPosition(),
              "the one before it is sealed and has its index");
    }
    SegmentScan.Result end = scan(segments.get(active));
    while (end.sealed() && active + 1 < segments.size()) {
      seal(segments.get(active));
      active++;
      end = scan(segments.get(active));
    }
    LogSegment last = segments.get(active);
    long endPosition = last.basePosition() + end.endBytes();
    String defect = end.defect();
    if (defect != null) {
      refuseIfDurable(segments, active, endPosition, defect);
      if (lost != null) {
        throw corrupt(last, endPosition, defect, "there was more: " + lost.getMessage());
      }
      dropBehind(segments, active);
    }
    if (lost != null) {
      throw lost;
    }
    segments.set(active, reopenForWriting(last, end.endBytes(), defect));
    last.release();
    sync(segments);
    return new Recovered(segments, end.endBytes(), endPosition, unsaved);
  }

  private SegmentScan.Result scan(LogSegment segment) throws CorruptLogException {
    long base = segment.basePosition();
    return new SegmentScan(segment)
        .run(
            marks.epochs().newest(),
            new SegmentScan.Visitor() {
              @Override
              public void batch(long epoch, long position) {
                marks.epochs().begin(epoch, position);
              }

              @Override
              public void membership(long endPosition, ByteBuffer content) {
                marks.addMembership(endPosition, MembershipEntry.copyOf(content));
              }

              @Override
              public boolean record(
                  QueueKey key,
                  long queueOffset,
                  int at,
                  int sizeBytes,
                  int tagHash,
                  long timestampMs) {
                return index.addCopy(key, queueOffset, base, at, sizeBytes, tagHash, timestampMs);
              }

              @Override
              public void batchEnd() {
                index.publish();
              }
            });
  }

  /** One file at a time, since all in memory may be more than there is. */
  private void seal(LogSegment segment) {
    SealedIndex sealed = index.seal(segment, marks);
    try {
      sealed.makeDurable();
    } catch (IOException e) { // a full disk, most likely: the log can be read all the same
      LOG.warn("{}: its index can't be written yet", segment.path(), e);
      unsaved.add(sealed);
    }
  }

  /**
   * Opens all segments up to the first that is missing or can't be one.
   *
   * @return what is wrong with that one, null when they are all there
   */
  private @Nullable CorruptLogException openAll(List<LogSegment> segments) throws IOException {
    long expected = marks.start().position();
    for (Path file : directory.segmentFiles()) {
      long base = LogDirectory.basePosition(file);
      if (base != expected) {
        return new CorruptLogException(
            expected,
            "%s: expected the segment of position %d next, found %s"
                .formatted(directory.path(), expected, file.getFileName()));
      }
      try {
        segments.add(LogSegment.open(file, base, false));
      } catch (CorruptLogException e) {
        return e;
      }
      expected = segments.get(segments.size() - 1).endPosition();
    }
    return null;
  }

  private void refuseIfDurable(List<LogSegment> segments, int damaged, long position, String defect)
      throws IOException {
    LogSegment segment = segments.get(damaged);
    if (position < checkpoint) {
      throw corrupt(segment, position, defect, checkpointReason());
    }
    int damagedAt = (int) (position - segment.basePosition());
    int witness = new SegmentScan(segment).findWholeBatch(damagedAt + 1, position);
    if (witness >= 0) {
      throw corrupt(
          segment,
          position,
          defect,
          "the batch at %d was written after it was flushed"
              .formatted(segment.basePosition() + witness));
    }
    for (LogSegment later : segments.subList(damaged + 1, segments.size())) {
      int found = new SegmentScan(later).findWholeBatch(0, -1);
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

  private CorruptLogException missing(long position, String reason) {
    return new CorruptLogException(
        position,
        "%s: expected the segment of position %d, found none; it is missing, because %s"
            .formatted(directory.path(), position, reason));
  }

  private static CorruptLogException corrupt(
      LogSegment segment, long position, String defect, String reason) {
    return new CorruptLogException(
        position,
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
  private void sync(List<LogSegment> segments) throws IOException {
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
