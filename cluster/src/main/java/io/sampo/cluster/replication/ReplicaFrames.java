package io.sampo.cluster.replication;

import io.sampo.cluster.protocol.EpochStart;
import io.sampo.cluster.protocol.Frames;
import io.sampo.cluster.protocol.MembershipMark;
import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.log.FrameRun;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames as the protocol sees them, made of frames as the log has them. Over a network go the
 * position and the bytes; all else follows from these. Stateless, safe from any thread.
 */
final class ReplicaFrames {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private ReplicaFrames() {}

  /**
   * Makes frames of what came from another replica, with every checksum checked.
   *
   * @param received taken over: must not be changed any more
   * @throws CorruptLogException when the bytes aren't whole frames of that position
   */
  static Frames check(long position, ByteBuffer received) throws CorruptLogException {
    return of(FrameRun.check(position, received));
  }

  static Frames of(FrameRun run) {
    List<EpochStart> epochs = new ArrayList<>();
    List<MembershipMark> memberships = new ArrayList<>();
    run.forEachMark(
        new FrameRun.Marks() {
          @Override
          public void epoch(long epoch, long position) {
            epochs.add(new EpochStart(epoch, position));
          }

          @Override
          public void membership(long endPosition, ByteBuffer content) {
            memberships.add(new MembershipMark(endPosition, MembershipContent.decode(content)));
          }
        });
    return new Frames(run.position(), run.endPosition(), epochs, memberships, run);
  }

  /** The bytes to be sent, in a view of the caller's own; they must not be changed. */
  static ByteBuffer bytes(Frames frames) {
    return frames.isEmpty() ? NOTHING.duplicate() : runOf(frames).bytes();
  }

  /** What the log takes; not for empty frames. */
  static FrameRun runOf(Frames frames) {
    if (frames.bytes() instanceof FrameRun run) {
      return run;
    }
    throw new IllegalArgumentException(
        "frames from %d to %d were not made of a log's"
            .formatted(frames.position(), frames.endPosition()));
  }
}
