package io.sampo.storage.log;

import io.sampo.storage.log.SegmentedLog.DamageHandler;
import io.sampo.storage.recovery.FlushCheckpoint;
import io.sampo.storage.recovery.LogMarks;
import io.sampo.storage.recovery.LogStart;
import io.sampo.storage.recovery.LogStartFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Opens the log of a directory: finishes what a crash left half done, finds out where the log
 * begins, and recovers it; where that finds damage, as often as the one who opens it agrees to cut
 * the log there. Holds the directory's lock, which goes over to the log. On the thread that opens
 * the log.
 */
final class LogOpening {
  private final LogSettings settings;
  private final LogDirectory directory;
  private final SegmentDisk disk;
  private final FlushCheckpoint checkpoint;
  private final LogCut cut;

  private LogOpening(LogSettings settings, LogDirectory directory, SegmentDisk disk) {
    this.settings = settings;
    this.directory = directory;
    this.disk = disk;
    this.checkpoint = new FlushCheckpoint(directory.path());
    this.cut = new LogCut(directory, checkpoint, disk);
  }

  /**
   * @param founding where a log begins that doesn't exist yet
   * @param onDamage asked before anything is given up
   */
  static SegmentedLog open(
      LogSettings settings, LogStart founding, DamageHandler onDamage, SegmentDisk disk)
      throws IOException {
    LogDirectory directory = LogDirectory.open(settings.directory());
    try {
      return new LogOpening(settings, directory, disk).open(founding, onDamage);
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  private SegmentedLog open(LogStart founding, DamageHandler onDamage) throws IOException {
    cut.finish();
    LogStart start = start(founding);
    DroppedFiles.delete(directory, start.position());
    long before = Long.MAX_VALUE;
    while (true) {
      LogMarks marks = new LogMarks(start);
      try {
        return new SegmentedLog(settings, directory, disk, marks);
      } catch (CorruptLogException e) {
        // Each time less is left, or it is no use.
        if (e.position() < start.position() || e.position() >= before) {
          throw e;
        }
        onDamage.onDamage(e, marks.below(e.position()).membership());
        before = e.position();
        checkpoint.read();
        cut.carryOut(cut.decide(before, null));
      }
    }
  }

  /** Where the log begins; what is new is durable when this returns. */
  private LogStart start(LogStart founding) throws IOException {
    LogStartFile file = new LogStartFile(directory.path());
    LogStart known = file.read();
    if (known != null) {
      return known;
    }
    List<Path> segments = directory.segmentFiles();
    if (!segments.isEmpty() && LogDirectory.basePosition(segments.get(0)) != founding.position()) {
      throw new CorruptLogException(
          "%s: expected a note of where the log begins, found none beside %s"
              .formatted(directory.path(), segments.get(0).getFileName()));
    }
    if (!founding.equals(LogStart.NOTHING)) {
      file.write(founding);
    }
    return founding;
  }
}
