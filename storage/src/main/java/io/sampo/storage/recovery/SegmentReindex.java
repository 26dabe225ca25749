package io.sampo.storage.recovery;

import io.sampo.record.QueueKey;
import io.sampo.storage.index.FrozenIndex;
import io.sampo.storage.index.LogIndex;
import io.sampo.storage.index.RunCollector;
import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.log.LogSegment;
import java.nio.ByteBuffer;

/**
 * Makes the index of one sealed segment anew, while the log is open, from the segment itself. Reads
 * and checks all of the segment on the calling thread.
 */
public final class SegmentReindex {
  private SegmentReindex() {}

  /**
   * Reads the segment, which the caller holds.
   *
   * @param marks of the whole log
   * @throws CorruptLogException when the segment is damaged too
   */
  public static FrozenIndex run(LogSegment segment, LogIndex index, LogMarks marks)
      throws CorruptLogException {
    LogMarks known = marks.below(segment.endPosition());
    RunCollector runs = new RunCollector(index, segment.basePosition());
    SegmentScan.Result end =
        new SegmentScan(segment)
            .run(
                marks.below(segment.basePosition()).epochs().newest(),
                new SegmentScan.Visitor() {
                  @Override
                  public void batch(long epoch, long position) {}

                  @Override
                  public void membership(long endPosition, ByteBuffer content) {}

                  @Override
                  public boolean record(
                      QueueKey queue,
                      long queueOffset,
                      int at,
                      int sizeBytes,
                      int tagHash,
                      long timestampMs) {
                    return runs.add(queue, queueOffset, at, sizeBytes, tagHash, timestampMs);
                  }

                  @Override
                  public void batchEnd() {}
                });
    if (!end.sealed()) {
      throw new CorruptLogException(
          "%s: position %d: %s"
              .formatted(segment.path(), segment.basePosition() + end.endBytes(), end.defect()));
    }
    return runs.freeze(known);
  }
}
