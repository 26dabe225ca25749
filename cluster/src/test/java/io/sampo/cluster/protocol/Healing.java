package io.sampo.cluster.protocol;

import java.util.List;

/**
 * What operators do once nothing breaks any more: see that somebody leads, and take replicas whose
 * disks are lost out of the membership.
 */
final class Healing {
  private static final long INTERVAL_MS = 300;

  private final SimulatedCluster cluster;
  private int turn;

  Healing(SimulatedCluster cluster) {
    this.cluster = cluster;
  }

  void begin() {
    cluster.at(cluster.nowMs() + INTERVAL_MS, this::step);
  }

  private void step() {
    SimulatedReplica leader = cluster.newestLeader();
    if (leader == null) {
      List<SimulatedReplica> replicas = cluster.replicas();
      replicas.get(turn++ % replicas.size()).input(new ReplicaInput.Lead(0));
    } else {
      removeLost(leader);
      leader.clientAppends(64);
    }
    begin();
  }

  private void removeLost(SimulatedReplica leader) {
    Membership now = cluster.committedMembership();
    for (ReplicaId member : now.members()) {
      if (cluster.replicas().stream().noneMatch(each -> each.id().equals(member))) {
        leader.input(new ReplicaInput.ChangeMembership(now.without(member)));
        return;
      }
    }
  }
}
