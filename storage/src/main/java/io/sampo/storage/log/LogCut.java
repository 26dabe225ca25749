package io.sampo.storage.log;

import io.sampo.storage.recovery.CutNote;
import io.sampo.storage.recovery.FlushCheckpoint;
import io.sampo.storage.recovery.LogStart;
import io.sampo.storage.recovery.LogStartFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * Cuts off the end of a log's files, or drops them all, so that after a crash at any point all of
 * it or nothing was done: first a durable {@link CutNote}, then the deed, which may be repeated as
 * often as need be, then the note goes. While a note is there nobody reads or writes the log.
 *
 * <p>The deed: what lies behind the position is overwritten with zeros, so that no old frame comes
 * back to life when appends reach it; the {@link FlushCheckpoint} goes back, or what was cut would
 * be missed as corruption; later segments and all that was derived from what is cut are deleted.
 *
 * <p>The log's writer, or whoever opens the log.
 */
final class LogCut {
  private final LogDirectory directory;
  private final FlushCheckpoint checkpoint;
  private final SegmentDisk disk;
  private final CutNote note;

  LogCut(LogDirectory directory, FlushCheckpoint checkpoint, SegmentDisk disk) {
    this.directory = directory;
    this.checkpoint = checkpoint;
    this.disk = disk;
    this.note = new CutNote(directory.path());
  }

  /** At opening: carries out what a crash left half done; without a note nothing happens. */
  void finish() throws IOException {
    CutNote.Order order = note.read();
    if (order != null) {
      checkpoint.read();
      carryOut(order);
    }
  }

  /**
   * Makes the note: from now on the cut happens, if not now then at the next start.
   *
   * @param start where the log begins anew; null when it stays
   * @throws LogFullException when the disk has no room; the cut doesn't happen
   */
  CutNote.Order decide(long position, @Nullable LogStart start) throws IOException {
    CutNote.Order order = new CutNote.Order(position, start);
    try {
      note.write(order);
    } catch (IOException e) {
      if (LocalDisk.isOutOfSpace(e)) {
        throw new LogFullException(note.path() + ": no room on the disk for a cut", e);
      }
      throw e;
    }
    return order;
  }

  /** Does what the note says, durably when this returns. */
  void carryOut(CutNote.Order order) throws IOException {
    LogStart start = order.start();
    if (start == null) {
      cutTo(order.position());
    } else {
      dropAll();
      new LogStartFile(directory.path()).write(start);
    }
    disk.sync(directory);
    disk.delete(note.path());
    disk.sync(directory);
  }

  private void cutTo(long position) throws IOException {
    List<Path> files = directory.segmentFiles();
    SortedSet<Long> derived = directory.derivedFrom();
    long next = Long.MAX_VALUE; // where the next segment that stays starts
    for (int i = files.size() - 1; i >= 0; i--) {
      Path file = files.get(i);
      long base = LogDirectory.basePosition(file);
      long bytes = LogDirectory.bytesOf(file);
      long end = base + bytes;
      if (bytes == LogDirectory.GONE) {
        derived.remove(base); // an old one, whose files retention deletes beside this
      } else if (base > position || (base == position && !LogSegment.hasUsableLength(file))) {
        disk.delete(file);
      } else {
        if (end > position) {
          zero(file, base, (int) (position - base));
        } else if (end == next) {
          // Without a next segment its index would say that one is missing.
          derived.remove(base);
        }
        next = base;
      }
    }
    deleteDerived(derived);
    checkpoint.setBackTo(position);
  }

  private void zero(Path file, long base, int from) throws IOException {
    LogSegment segment = LogSegment.open(file, base, true);
    try {
      disk.zero(segment, from);
    } finally {
      segment.release();
    }
  }

  private void dropAll() throws IOException {
    List<Path> files = directory.segmentFiles();
    for (int i = files.size() - 1; i >= 0; i--) {
      disk.delete(files.get(i));
    }
    deleteDerived(directory.derivedFrom());
    for (Path file : directory.beforeFiles()) {
      disk.delete(file);
    }
    checkpoint.setBackTo(0);
  }

  private void deleteDerived(SortedSet<Long> bases) throws IOException {
    for (long base : bases) {
      disk.delete(directory.indexFile(base));
      disk.delete(directory.keyFile(base));
    }
  }
}
