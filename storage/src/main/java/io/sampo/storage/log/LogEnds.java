package io.sampo.storage.log;

import io.sampo.storage.index.LogIndex;
import io.sampo.storage.keys.KeyIndex;
import io.sampo.storage.recovery.CutNote;
import io.sampo.storage.recovery.LogMarks;
import io.sampo.storage.recovery.LogStart;
import io.sampo.storage.recovery.LogStartFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Takes away what a log has at either end: cuts off its newest part, drops its oldest, or drops it
 * all and has it begin anew. Each is durable and happens wholly or not at all, whenever the process
 * ends; who has a slice of what goes keeps it. All parts of the log learn of it, in an order in
 * which a reader never finds an entry whose record is gone. Writer thread, with no batch open.
 */
final class LogEnds {
  private final LogParts parts;
  private final SegmentList segments;
  private final LogIndex index;
  private final LogMarks marks;
  private final KeyIndex keys;
  private final LogCut cut;
  private final LogUpkeep upkeep;
  private final LogFlusher flusher;
  private final LogWriter writer;

  LogEnds(
      LogParts parts,
      LogWriter writer,
      LogFlusher flusher,
      LogUpkeep upkeep,
      KeyIndex keys,
      LogCut cut) {
    this.parts = parts;
    this.segments = parts.segments();
    this.index = parts.index();
    this.marks = parts.marks();
    this.writer = writer;
    this.flusher = flusher;
    this.upkeep = upkeep;
    this.keys = keys;
    this.cut = cut;
  }

  void cutTo(long position) throws IOException {
    if (position == writer.writtenPosition()) {
      return;
    }
    LogSegment segment = requireFrameAt(position);
    flusher.requireUsable();
    CutNote.Order order = cut.decide(position, null);
    flusher.takeBack(position, () -> takeBack(segment, order));
  }

  /**
   * The segment of a frame that starts at a position; the frame itself may be damaged.
   *
   * @throws CorruptLogException when one in front of it is, so that nobody gets to it
   */
  private LogSegment requireFrameAt(long position) throws CorruptLogException {
    LogSegment segment = segments.at(position);
    if (segment != null && position <= writer.writtenPosition()) {
      int place = (int) (position - segment.basePosition());
      if (BatchFrame.isReached(segment.readOnly(), place)) {
        return segment;
      }
      requireWholeTo(segment, place);
    }
    throw new IllegalArgumentException(
        "no frame of the log from %d to %d starts at %d"
            .formatted(segments.startPosition(), writer.writtenPosition(), position));
  }

  private static void requireWholeTo(LogSegment segment, int place) throws CorruptLogException {
    ByteBuffer bytes = segment.readOnly().duplicate();
    CRC32C crc = new CRC32C();
    int at = 0;
    while (at < place) {
      long position = segment.basePosition() + at;
      String defect = BatchFrame.defect(bytes, at, position, crc);
      if (defect != null) {
        throw new CorruptLogException(
            position, "%s: position %d: %s".formatted(segment.path(), position, defect));
      }
      at = BatchFrame.align(at + BatchFrame.length(bytes, at));
    }
  }

  private void takeBack(LogSegment segment, CutNote.Order order) throws IOException {
    long position = order.position();
    int keptBytes = (int) (position - segment.basePosition());
    LogSegment active = segment;
    if (!segment.isWritable()) {
      active = LogSegment.open(segment.path(), segment.basePosition(), true);
      active.assumeReserved(keptBytes);
    }
    writer.takeBack(position);
    marks.cutTo(position);
    parts.beginning().cutTo(position);
    index.cutTo(position, segment.basePosition());
    List<LogSegment> taken = segments.endWith(active);
    keys.cutTo(position);
    upkeep.cutTo(position);
    cut.carryOut(order);
    writer.goOnAfterCut(active, keptBytes);
    release(taken);
  }

  void resetTo(LogStart start) throws IOException {
    flusher.requireUsable();
    CutNote.Order order = cut.decide(start.position(), start);
    flusher.takeBack(start.position(), () -> beginAnew(start, order));
  }

  private void beginAnew(LogStart start, CutNote.Order order) throws IOException {
    index.reset(start.position());
    parts.beginning().cutTo(0);
    keys.cutTo(Long.MIN_VALUE);
    upkeep.cutTo(0);
    cut.carryOut(order);
    LogSegment first = parts.firstSegment(start.position());
    marks.resetTo(start);
    writer.takeBack(start.position());
    List<LogSegment> taken = segments.replaceAll(first);
    flusher.beginAt(start.position());
    writer.goOnAfterCut(first, 0);
    release(taken);
  }

  void dropBelow(long position) throws IOException {
    LogSegment first = segments.at(position);
    if (first == null || first.basePosition() != position || position > flusher.flushedPosition()) {
      throw new IllegalArgumentException(
          "no segment of the log from %d, flushed to %d, starts at %d"
              .formatted(segments.startPosition(), flusher.flushedPosition(), position));
    }
    if (position == segments.startPosition()) {
      return;
    }
    flusher.requireUsable();
    LogStart start = marks.startAt(position);
    try {
      index.keepBefore(position);
      new LogStartFile(parts.directory().path()).write(start);
    } catch (IOException e) {
      if (LocalDisk.isOutOfSpace(e)) {
        throw new LogFullException("no room to note that the log begins at " + position, e);
      }
      throw e;
    }
    marks.beginAt(start);
    List<LogSegment> gone = segments.beginWith(first);
    index.dropBelow(position);
    keys.dropBelow(position);
    upkeep.soon(
        () -> {
          DroppedFiles.tryDelete(parts.directory(), position);
          gone.forEach(LogSegment::release);
        });
  }

  /** Gives up the log's own hold of segments that it has no more. */
  private static void release(List<LogSegment> taken) throws IOException {
    for (LogSegment segment : taken) {
      segment.endWriting();
      segment.release();
    }
  }
}
