package io.sampo.cluster.replication;

import io.sampo.cluster.protocol.Frames;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.BatchFrame;
import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at a replica's log frame by frame, as another replica would read it. */
final class FrameWalk {
  /** Told each frame. */
  @FunctionalInterface
  interface Visitor {
    /**
     * @param content the frame without what belongs to this copy alone, in short
     */
    void frame(long position, long end, String content);
  }

  private FrameWalk() {}

  static void forEach(SegmentedReplicaLog log, long from, long to, Visitor visitor)
      throws CorruptLogException {
    long position = from;
    while (position < to) {
      Frames frame = next(log, position);
      ByteBuffer bytes = ReplicaFrames.bytes(frame).position(16); // behind the stamp
      visitor.frame(position, frame.endPosition(), bytes.remaining() + ":" + bytes.hashCode());
      position = frame.endPosition();
    }
  }

  private static Frames next(SegmentedReplicaLog log, long position) throws CorruptLogException {
    try {
      Frames frame = log.readFrames(position, log.reader().writtenPosition(), 1);
      if (frame.isEmpty()) {
        throw new AssertionError("no frame at " + position);
      }
      return frame;
    } catch (CorruptLogException e) {
      throw e;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static @Nullable CorruptLogException firstDamage(SegmentedReplicaLog log) {
    try {
      forEach(
          log, log.reader().startPosition(), log.reader().writtenPosition(), (at, end, is) -> {});
      return null;
    } catch (CorruptLogException e) {
      return e;
    }
  }

  /** Up to where frames that were written later say that the log was flushed. */
  static long provenDurable(SegmentedReplicaLog log) {
    long[] proven = {0};
    long position = log.reader().startPosition();
    try {
      while (position < log.reader().flushedPosition()) {
        Frames frame = next(log, position);
        proven[0] = Math.max(proven[0], BatchFrame.flushedStamp(ReplicaFrames.bytes(frame), 0));
        position = frame.endPosition();
      }
    } catch (CorruptLogException e) {
      return 0; // damaged already
    }
    return proven[0];
  }

  /** Where frames start that end below a position. */
  static List<Long> below(SegmentedReplicaLog log, long end) {
    List<Long> starts = new ArrayList<>();
    try {
      forEach(
          log,
          log.reader().startPosition(),
          end,
          (at, frameEnd, is) -> {
            if (frameEnd <= end) {
              starts.add(at);
            }
          });
    } catch (CorruptLogException e) {
      return List.of();
    }
    return starts;
  }

  static @Nullable String body(LogReader log, QueueKey queue, long offset) {
    String[] body = {null};
    log.queue(queue)
        .scan(
            offset,
            offset + 1,
            (found, position, sizeBytes, tagHash) -> {
              LogSlice slice = log.slice(position, sizeBytes);
              if (slice != null) {
                try (slice) {
                  body[0] =
                      StandardCharsets.UTF_8
                          .decode(MessageRecord.body(slice.bytes(), 0))
                          .toString();
                }
              }
              return true;
            });
    return body[0];
  }
}
