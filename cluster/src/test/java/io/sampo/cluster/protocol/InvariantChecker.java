package io.sampo.cluster.protocol;

import io.sampo.cluster.protocol.ReplicaEffect.LeadershipWon;
import io.sampo.cluster.protocol.ReplicaEffect.ReadReady;
import io.sampo.cluster.protocol.ReplicaSettings.Acknowledge;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sees all replicas at once and says when one of the protocol's promises is broken. Knows nothing
 * of how the core works: it looks at logs, commit positions, epochs and what clients were told.
 */
final class InvariantChecker {
  private final Acknowledge mode;
  private final Map<Long, ReplicaId> leaders = new HashMap<>();
  private final Map<ReplicaId, Long> promisedTold = new HashMap<>();
  private final Map<ReplicaId, Long> commits = new HashMap<>();
  private final List<SimulatedFrame> committed = new ArrayList<>();
  private final List<SimulatedFrame> acknowledged = new ArrayList<>();
  private final Map<Long, Long> reads = new HashMap<>();
  private long acknowledgedEnd;
  private Membership committedMembership;
  private long wins;
  private long readsDone;

  InvariantChecker(Acknowledge mode, Membership genesis) {
    this.mode = mode;
    this.committedMembership = genesis;
  }

  /** The newest that is committed. */
  Membership committedMembership() {
    return committedMembership;
  }

  long wins() {
    return wins;
  }

  long readsDone() {
    return readsDone;
  }

  int acknowledgedCount() {
    return acknowledged.size();
  }

  long committedEnd() {
    return committed.isEmpty() ? 0 : committed.get(committed.size() - 1).end();
  }

  void started(SimulatedReplica replica, ReplicaCore core) {
    commits.put(replica.id(), core.commit());
    afterStep(replica, core);
  }

  /** An epoch's record is about to be written: whoever does that leads it. */
  void begins(SimulatedReplica replica, long epoch) {
    ReplicaId before = leaders.putIfAbsent(epoch, replica.id());
    if (before != null) {
      throw new AssertionError(
          "epoch %d is begun by %s and before by %s".formatted(epoch, replica.id(), before));
    }
  }

  /**
   * A leader has all that was committed when it won. It may learn late that it did, when a newer
   * leader has committed more: nothing that it appends is acknowledged then.
   */
  void won(SimulatedReplica replica, LeadershipWon won) {
    wins++;
    for (SimulatedFrame frame : committed) {
      if (frame.epoch() <= won.epoch() && frame.position() >= replica.disk().start()) {
        SimulatedFrame own = frameAt(replica, frame.position());
        if (!frame.equals(own)) {
          throw new AssertionError(
              "%s leads epoch %d without the committed %s; it has %s"
                  .formatted(replica.id(), won.epoch(), frame, own));
        }
      }
    }
  }

  /** What a replica told others it can't take back. */
  void told(SimulatedReplica replica, ReplicaMessage message) {
    boolean bindsSender =
        message instanceof ReplicaMessage.Promise || message instanceof ReplicaMessage.Prepare;
    if (bindsSender) {
      promisedTold.merge(replica.id(), message.epoch(), Math::max);
    }
  }

  void commitMoved(SimulatedReplica replica, long commit) {
    long before = commits.getOrDefault(replica.id(), 0L);
    if (commit < before) {
      throw new AssertionError(
          "%s: the commit position goes back from %d to %d"
              .formatted(replica.id(), before, commit));
    }
    commits.put(replica.id(), commit);
    SimulatedDisk disk = replica.disk();
    if (commit > disk.end()) {
      throw new AssertionError(
          "%s: committed up to %d, but ends at %d".formatted(replica.id(), commit, disk.end()));
    }
    int index = disk.indexAt(Math.max(before, disk.start()));
    for (; index < disk.frameCount() && disk.frames().get(index).end() <= commit; index++) {
      isCommitted(replica, disk.frames().get(index));
    }
  }

  private void isCommitted(SimulatedReplica replica, SimulatedFrame frame) {
    if (frame.position() == committedEnd()) {
      committed.add(frame);
      Membership membership = frame.membership();
      committedMembership = membership == null ? committedMembership : membership;
      return;
    }
    SimulatedFrame known = committedAt(frame.position());
    if (!frame.equals(known)) {
      throw new AssertionError(
          "%s has %s committed, another replica %s".formatted(replica.id(), frame, known));
    }
  }

  void acknowledged(SimulatedFrame frame) {
    acknowledged.add(frame);
    acknowledgedEnd = Math.max(acknowledgedEnd, frame.end());
    if (mode != Acknowledge.LEADER && !frame.equals(committedAt(frame.position()))) {
      throw new AssertionError("acknowledged but not committed: " + frame);
    }
  }

  void readBegins(long token) {
    reads.put(token, mode == Acknowledge.LEADER ? 0 : acknowledgedEnd);
  }

  void read(SimulatedReplica replica, ReadReady ready) {
    readsDone++;
    long expected = reads.getOrDefault(ready.token(), Long.MAX_VALUE);
    if (ready.position() < expected) {
      throw new AssertionError(
          "%s reads at %d, though %d had been acknowledged before it asked"
              .formatted(replica.id(), ready.position(), expected));
    }
  }

  void afterStep(SimulatedReplica replica, ReplicaCore core) {
    long promised = promisedTold.getOrDefault(replica.id(), 0L);
    if (core.promisedEpoch() < promised) {
      throw new AssertionError(
          "%s: the promised epoch goes back from %d to %d"
              .formatted(replica.id(), promised, core.promisedEpoch()));
    }
    LogOutline log = core.log();
    if (log.start() > log.flushed() || log.flushed() > log.end()) {
      throw new AssertionError(replica.id() + ": start, flushed and end are out of order");
    }
  }

  /** After healing: what is wrong with a replica's copy, null when it is complete and equal. */
  @Nullable String incompleteness(SimulatedReplica replica, SimulatedReplica leader) {
    SimulatedDisk disk = replica.disk();
    ReplicaCore core = replica.core();
    if (core == null || core.isRepairing()) {
      return "it is down or being repaired";
    }
    if (disk.end() != leader.disk().end() || core.commit() != disk.end()) {
      return "it ends at %d and is committed up to %d, the leader ends at %d"
          .formatted(disk.end(), core.commit(), leader.disk().end());
    }
    return null;
  }

  /** After healing and catching up: every copy is equal, and nothing acknowledged is missing. */
  void atTheEnd(SimulatedReplica replica) {
    for (SimulatedFrame frame : replica.disk().frames()) {
      if (!frame.equals(committedAt(frame.position()))) {
        throw new AssertionError(replica.id() + " ends with another " + frame);
      }
    }
    if (mode != Acknowledge.LEADER) {
      for (SimulatedFrame frame : acknowledged) {
        if (frame.position() >= replica.disk().start()
            && !frame.equals(frameAt(replica, frame.position()))) {
          throw new AssertionError(replica.id() + " lost the acknowledged " + frame);
        }
      }
    }
  }

  private static @Nullable SimulatedFrame frameAt(SimulatedReplica replica, long position) {
    return find(replica.disk().frames(), position);
  }

  private @Nullable SimulatedFrame committedAt(long position) {
    return find(committed, position);
  }

  private static @Nullable SimulatedFrame find(List<SimulatedFrame> frames, long position) {
    int low = 0;
    int high = frames.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long found = frames.get(middle).position();
      if (found == position) {
        return frames.get(middle);
      }
      if (found < position) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return null;
  }
}
