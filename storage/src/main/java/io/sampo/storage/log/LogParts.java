package io.sampo.storage.log;

import io.sampo.storage.index.LogIndex;
import io.sampo.storage.recovery.LogMarks;
import java.io.IOException;

/**
 * What those work with who change a log.
 *
 * @param directory where its files are
 * @param disk what is asked for space
 * @param segments its segments
 * @param index where the records of every queue are
 * @param beginning what the log says of its own beginning
 * @param marks where it begins, its epochs and its memberships
 */
record LogParts(
    LogDirectory directory,
    LogSettings settings,
    SegmentDisk disk,
    SegmentList segments,
    LogIndex index,
    LogBeginning beginning,
    LogMarks marks) {

  /** Makes a segment that a log begins with. */
  LogSegment firstSegment(long position) throws IOException {
    int reserved = Math.min(settings.preallocateStepBytes(), settings.segmentBytes());
    return LogSegment.create(directory, position, settings.segmentBytes(), disk, reserved);
  }
}
