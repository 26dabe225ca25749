package io.sampo.cluster.protocol;

import io.sampo.cluster.protocol.ReplicaEffect.EndReason;

/**
 * What a replica is at present, and what it does about what happens. This one is none: it follows
 * nobody yet and waits for a candidate or a leader.
 */
class Role {
  final ReplicaState state;

  Role(ReplicaState state) {
    this.state = state;
  }

  /** Called once, when the role begins. */
  void begin() {}

  /** Called once, when another role takes over. */
  void end(EndReason reason) {}

  void onTick() {}

  void onMessage(ReplicaId from, ReplicaMessage message) {}

  /** The promise of the epoch that the replica is in is durable. */
  void onPromiseDurable() {}

  void onAppended(long end) {
    throw new ProtocolViolation("nothing was to be appended, but something up to " + end + " was");
  }

  void onAppendRefused() {}

  void onFlushed() {}

  /** A cut or reset is done: the log may be appended to. */
  void onCutDone() {}
}
