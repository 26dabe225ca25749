package io.sampo.cluster.protocol;

import io.sampo.cluster.protocol.ReplicaEffect.Send;
import java.util.ArrayList;
import java.util.List;

/** A core that is put one input in at a time; remembers what came out of the last one. */
final class SteppedReplica {
  private final ReplicaCore core;
  private List<ReplicaEffect> effects = List.of();
  private long nowMs = 1_000;

  SteppedReplica(ReplicaId self, LogOutline log, Pledge pledge) {
    this(self, Fixtures.SETTINGS, log, pledge);
  }

  SteppedReplica(ReplicaId self, ReplicaSettings settings, LogOutline log, Pledge pledge) {
    this.core = new ReplicaCore(self, settings, log, pledge, 100);
  }

  ReplicaCore core() {
    return core;
  }

  SteppedReplica input(ReplicaInput input) {
    effects = core.on(input, nowMs);
    return this;
  }

  SteppedReplica receives(ReplicaId from, ReplicaMessage message) {
    return input(new ReplicaInput.Received(from, message));
  }

  SteppedReplica after(long ms) {
    nowMs += ms;
    return input(new ReplicaInput.Tick());
  }

  /** Its pledge of that epoch is durable. */
  SteppedReplica persisted(long epoch) {
    return input(new ReplicaInput.PledgePersisted(new Pledge(epoch, core.isRepairing())));
  }

  /** A single voter's or a whole group's leader of that epoch, its record committed. */
  static SteppedReplica leader(ReplicaSettings settings, LogOutline log, long epoch) {
    SteppedReplica a = new SteppedReplica(Fixtures.A, settings, log, new Pledge(epoch - 1, false));
    a.input(new ReplicaInput.Lead(epoch));
    a.receives(Fixtures.B, new ReplicaMessage.CanvassGranted(epoch));
    a.persisted(epoch);
    a.receives(Fixtures.B, new ReplicaMessage.Promise(epoch, a.core.log().lastEpoch(), log.end()));
    long recordEnd = log.end() + 48;
    a.input(new ReplicaInput.Appended(recordEnd));
    a.input(new ReplicaInput.Flushed(0, recordEnd));
    a.fetchedBy(Fixtures.B, epoch, recordEnd);
    return a;
  }

  /** A follower's fetch says that it has the leader's log up to here, on its disk. */
  SteppedReplica fetchedBy(ReplicaId follower, long epoch, long end) {
    long lastEpoch = core.log().epochBefore(end);
    return receives(follower, new ReplicaMessage.Fetch(epoch, end, end, lastEpoch, end, true));
  }

  List<ReplicaEffect> effects() {
    return effects;
  }

  List<ReplicaMessage> sentTo(ReplicaId to) {
    List<ReplicaMessage> sent = new ArrayList<>();
    for (ReplicaEffect effect : effects) {
      if (effect instanceof Send send && send.to().equals(to)) {
        sent.add(send.message());
      }
    }
    return sent;
  }
}
