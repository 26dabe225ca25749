package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.storage.log.CorruptLogException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** What any replica ever held to be committed: all others must have the same frames there. */
final class CommittedFrames {
  private final TreeMap<Long, String> frames = new TreeMap<>();
  private final Map<ReplicaId, Long> commits = new HashMap<>();
  private long end;

  void started(ReplicaId replica) {
    commits.put(replica, 0L);
  }

  void moved(ReplicaId replica, SegmentedReplicaLog files, long commit) {
    long before = commits.getOrDefault(replica, 0L);
    assertThat(commit).as("commit of %s", replica).isGreaterThanOrEqualTo(before);
    commits.put(replica, commit);
    try {
      FrameWalk.forEach(
          files,
          Math.max(before, files.reader().startPosition()),
          commit,
          (position, frameEnd, frame) -> {
            String known = frames.putIfAbsent(position, frame);
            assertThat(known == null ? frame : known)
                .as("committed frame at %d of %s", position, replica)
                .isEqualTo(frame);
            assertThat(known != null || position == end).as("known from %d", end).isTrue();
            end = Math.max(end, frameEnd);
          });
    } catch (CorruptLogException e) {
      // Damage that nobody has met yet; what is repaired is compared in the end.
    }
  }

  /**
   * In the end a replica has all that was ever committed from where its log begins, and nothing
   * else below the end of that.
   */
  void assertSame(SegmentedReplicaLog files) throws CorruptLogException {
    long start = files.reader().startPosition();
    TreeMap<Long, String> found = new TreeMap<>();
    FrameWalk.forEach(files, start, end, (position, frameEnd, frame) -> found.put(position, frame));
    assertThat(found).isEqualTo(frames.tailMap(start));
  }
}
