package io.sampo.storage.recovery;

import io.sampo.record.QueueKey;
import io.sampo.storage.index.FrozenIndex;
import io.sampo.storage.index.LogIndex;
import io.sampo.storage.index.RunCollector;
import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.log.LogSegment;

/**
 * Makes the index of one sealed segment anew, while the log is open, from the segment itself. Reads
 * and checks all of the segment on the calling thread.
 */
public final class SegmentReindex {
  private SegmentReindex() {}

  /**
   * Reads the segment, which the caller holds.
   *
   * @param epochs of the whole log
   * @throws CorruptLogException when the segment is damaged too
   */
  public static FrozenIndex run(LogSegment segment, LogIndex index, EpochTable epochs)
      throws CorruptLogException {
    EpochTable known = epochs.below(segment.endPosition());
    RunCollector runs = new RunCollector(index, segment.basePosition());
    SegmentScan.Result end =
        new SegmentScan(segment)
            .run(
                epochs.below(segment.basePosition()).newest(),
                new SegmentScan.Visitor() {
                  @Override
                  public void batch(long epoch, long position) {}

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
