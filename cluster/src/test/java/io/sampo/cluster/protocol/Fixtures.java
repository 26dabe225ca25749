package io.sampo.cluster.protocol;

import io.sampo.cluster.protocol.ReplicaSettings.Acknowledge;
import io.sampo.cluster.protocol.ReplicaSettings.Flush;
import java.util.Arrays;
import java.util.List;

/** Replicas, logs and single steps for tests of one rule each. */
final class Fixtures {
  static final ReplicaId A = new ReplicaId("a", 1);
  static final ReplicaId B = new ReplicaId("b", 1);
  static final ReplicaId C = new ReplicaId("c", 1);
  static final ReplicaId D = new ReplicaId("d", 1);
  static final Membership ABC = Membership.ofVoters(List.of(A, B, C));
  static final ReplicaSettings SETTINGS =
      new ReplicaSettings(Acknowledge.QUORUM, Flush.SYNC, 50, 120, 600, 1 << 16, 8);

  private Fixtures() {}

  static ReplicaSettings settings(Acknowledge acknowledge) {
    return new ReplicaSettings(acknowledge, Flush.SYNC, 50, 120, 600, 1 << 16, 8);
  }

  /** A log of members a, b and c from 0, in which epochs begin as given. */
  static LogOutline log(long end, EpochStart... epochs) {
    return new LogOutline(new LogBase(0, 0, ABC), end, Arrays.asList(epochs), List.of());
  }

  static EpochStart epoch(long epoch, long position) {
    return new EpochStart(epoch, position);
  }

  static Frames frames(long position, long end, EpochStart... epochs) {
    return new Frames(position, end, Arrays.asList(epochs), List.of(), "");
  }
}
