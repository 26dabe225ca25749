package io.sampo.cluster.protocol;

import io.sampo.cluster.protocol.ReplicaSettings.Flush;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong in a run, and the clients and operators who work meanwhile. Every run draws which
 * kinds of faults it has, so that some runs are full of one kind and others have a little of all.
 *
 * <p>Only what the protocol promises to survive: damage and lost disks never reach half of the
 * voters of any membership that is in force somewhere.
 */
final class Faults {
  private static final int KINDS = 11;
  private static final int CRASH = 0;
  private static final int PAUSE = 1;
  private static final int PARTITION = 2;
  private static final int FULL_DISK = 3;
  private static final int DAMAGE = 4;
  private static final int WIPE = 5;
  private static final int MEMBERSHIP = 6;
  private static final int RETENTION = 7;
  private static final int SLOW_DISK = 8;
  private static final int FAILED_FLUSH = 9;
  private static final int CRASH_OF_A_NEW_LEADER = 10;

  private final SimulatedCluster cluster;
  private final SplittableRandom random;
  private final boolean[] enabled = new boolean[KINDS];
  private final Set<ReplicaId> lostDisks = new HashSet<>();
  private final long pauseBetweenMs;
  private boolean over;
  private long healedEnd;
  private long tokens;
  private long disks;

  Faults(SimulatedCluster cluster, SplittableRandom random) {
    this.cluster = cluster;
    this.random = random;
    for (int kind = 0; kind < KINDS; kind++) {
      enabled[kind] = random.nextInt(5) < 3;
    }
    this.pauseBetweenMs = random.nextLong(30, 400);
  }

  void begin() {
    cluster
        .network()
        .faults(
            random.nextBoolean() ? 0 : random.nextDouble() * 0.2,
            random.nextBoolean() ? 0 : random.nextDouble() * 0.2,
            random.nextBoolean() ? 0 : random.nextDouble() * 0.3);
    repeat(1, 30, this::clientsWork);
    boolean hectic = random.nextInt(4) == 0;
    repeat(hectic ? 10 : 50, hectic ? 80 : 500, this::somebodyProposes);
    repeat(pauseBetweenMs / 2, pauseBetweenMs * 2, this::somethingHappens);
  }

  private void repeat(long fromMs, long toMs, Runnable action) {
    cluster.at(
        cluster.nowMs() + random.nextLong(fromMs, toMs),
        () -> {
          if (!over) {
            action.run();
            repeat(fromMs, toMs, action);
          }
        });
  }

  /** From here on nothing breaks any more, and what is broken is mended. */
  void heal() {
    over = true;
    cluster.network().heal();
    healedEnd = cluster.checker().committedEnd() + 1;
    for (SimulatedReplica replica : cluster.replicas()) {
      replica.disk().full(false);
      replica.pauseUntil(0);
      replica.start();
    }
  }

  /** Beyond what was committed when all was healed. */
  long healedEnd() {
    return healedEnd;
  }

  long diskDelayMs() {
    boolean slow = !over && enabled[SLOW_DISK] && random.nextInt(20) == 0;
    return slow ? random.nextLong(20, 300) : random.nextLong(1, 8);
  }

  private void clientsWork() {
    for (SimulatedReplica replica : cluster.replicas()) {
      if (replica.ledEpoch() > 0 && replica.pausedUntilMs() <= cluster.nowMs()) {
        if (random.nextInt(6) == 0) {
          long token = ++tokens;
          cluster.checker().readBegins(token);
          replica.input(new ReplicaInput.ReadBarrier(token));
        } else {
          replica.clientAppends(48 + 8 * random.nextInt(20));
        }
      }
    }
  }

  private void somebodyProposes() {
    int proposals = random.nextInt(4) == 0 ? 2 : 1;
    boolean led = cluster.newestLeader() != null;
    for (int i = 0; i < proposals; i++) {
      SimulatedReplica replica = any(cluster.replicas());
      if (isAwake(replica) && (!led || random.nextInt(4) == 0)) {
        replica.input(new ReplicaInput.Lead(0));
      }
    }
    if (led && random.nextInt(30) == 0) {
      SimulatedReplica leader = cluster.newestLeader();
      if (leader != null && isAwake(leader)) {
        leader.input(new ReplicaInput.Resign());
      }
    }
  }

  private boolean isAwake(SimulatedReplica replica) {
    return replica.isUp() && replica.pausedUntilMs() <= cluster.nowMs();
  }

  private void somethingHappens() {
    int kind = random.nextInt(KINDS);
    if (!enabled[kind]) {
      return;
    }
    SimulatedReplica replica = any(cluster.replicas());
    switch (kind) {
      case CRASH -> crash();
      case PAUSE -> replica.pauseUntil(cluster.nowMs() + random.nextLong(20, 1_500));
      case PARTITION -> {
        if (random.nextInt(3) == 0) {
          cluster.network().unblock();
        } else {
          cluster.network().partition(cluster.nodes());
        }
      }
      case FULL_DISK -> {
        replica.disk().full(true);
        SimulatedDisk disk = replica.disk();
        cluster.at(cluster.nowMs() + random.nextLong(10, 600), () -> disk.full(false));
      }
      case DAMAGE -> damage(replica);
      case WIPE -> wipe(replica);
      case MEMBERSHIP -> changeMembership(1 + random.nextInt(3));
      case RETENTION -> dropOldest(replica);
      default -> {}
    }
  }

  /** One replica, or all at once. */
  private void crash() {
    boolean everybody = random.nextInt(6) == 0;
    for (SimulatedReplica replica :
        everybody ? cluster.replicas() : List.of(any(cluster.replicas()))) {
      crashAndRestart(replica, random.nextInt(3) > 0);
    }
  }

  void crashAndRestart(SimulatedReplica replica, boolean powerFails) {
    if (replica.isUp()) {
      replica.crash(powerFails && mayLosePower());
      restartLater(replica);
    }
  }

  /** A disk that can't make something durable: the process stops, and what was not is gone. */
  boolean flushFails() {
    return !over && enabled[FAILED_FLUSH] && mayLosePower() && random.nextInt(200) == 0;
  }

  /** Leaders that end when they have hardly begun leave the strangest logs behind. */
  void epochBegins(SimulatedReplica replica) {
    if (!over && enabled[CRASH_OF_A_NEW_LEADER] && random.nextBoolean()) {
      int run = replica.run();
      cluster.at(
          replica,
          run,
          cluster.nowMs() + random.nextLong(1, 40),
          () -> {
            if (!over) {
              crashAndRestart(replica, random.nextBoolean());
            }
          });
    }
  }

  /**
   * What was only written, and is asked to be nothing more, survives a process and no power cut.
   */
  private boolean mayLosePower() {
    return cluster.settings().flush() == Flush.SYNC;
  }

  private void restartLater(SimulatedReplica replica) {
    cluster.at(cluster.nowMs() + random.nextLong(5, 800), replica::start);
  }

  private void damage(SimulatedReplica replica) {
    int durable = replica.disk().flushedFrames();
    if (durable > 0 && mayLosePower() && mayHarm(replica)) {
      replica.disk().damage(random.nextInt(durable));
      if (random.nextBoolean()) {
        crashAndRestart(replica, true);
      }
    }
  }

  private void wipe(SimulatedReplica replica) {
    boolean knows = mayHarm(replica) || !isVoterSomewhere(replica.id());
    if (!knows || random.nextInt(3) > 0) {
      return;
    }
    boolean sameIdentity = cluster.plant().wipedKeepsIdentity();
    if (!sameIdentity) {
      lostDisks.add(replica.id());
    }
    ReplicaId id = sameIdentity ? replica.id() : new ReplicaId(replica.node(), ++disks);
    Membership known = sameIdentity ? cluster.committedMembership() : Membership.NOBODY;
    replica.wipe(id, new SimulatedDisk(new LogBase(0, 0, known)));
    restartLater(replica);
  }

  private boolean isVoterSomewhere(ReplicaId id) {
    return memberships().stream().anyMatch(membership -> membership.isVoter(id));
  }

  /** True when with this replica's copy gone less than half of the voters are without one. */
  private boolean mayHarm(SimulatedReplica replica) {
    for (Membership membership : memberships()) {
      if (brokenVoters(membership, replica.id()) > harmless(membership)) {
        return false;
      }
    }
    return true;
  }

  private static int harmless(Membership membership) {
    return (membership.voters().size() - 1) / 2;
  }

  /** How many voters have no whole copy, or would have none if one more were broken. */
  private int brokenVoters(Membership membership, @Nullable ReplicaId oneMore) {
    int broken = 0;
    for (ReplicaId voter : membership.voters()) {
      boolean isBroken = voter.equals(oneMore) || lostDisks.contains(voter);
      for (SimulatedReplica replica : cluster.replicas()) {
        isBroken |= replica.id().equals(voter) && !replica.disk().isWhole();
      }
      broken += isBroken ? 1 : 0;
    }
    return broken;
  }

  /** Those in force on any disk, and the newest that is committed. */
  private List<Membership> memberships() {
    List<Membership> memberships = new ArrayList<>();
    memberships.add(cluster.committedMembership());
    for (SimulatedReplica replica : cluster.replicas()) {
      memberships.add(replica.disk().membership());
    }
    return memberships;
  }

  /** Operators in a hurry: they don't wait for one change before they ask for the next. */
  private void changeMembership(int times) {
    for (int i = 0; i < times; i++) {
      SimulatedReplica leader = cluster.newestLeader();
      ReplicaCore core = leader == null ? null : leader.core();
      if (leader == null || core == null || !isAwake(leader)) {
        return;
      }
      Membership next = anotherMembership(core.log().membership());
      if (next != null && brokenVoters(next, null) <= harmless(next)) {
        leader.input(new ReplicaInput.ChangeMembership(next));
      }
    }
  }

  private @Nullable Membership anotherMembership(Membership now) {
    for (ReplicaId voter : now.voters()) {
      if (lostDisks.contains(voter) && now.voters().size() > 1) {
        return now.without(voter);
      }
    }
    SimulatedReplica replica = any(cluster.replicas());
    if (now.isVoter(replica.id())) {
      return now.voters().size() > 1 ? now.without(replica.id()) : null;
    }
    if (now.isMember(replica.id())) {
      return now.withVoter(replica.id());
    }
    return now.withLearner(replica.id());
  }

  /** Retention: some of what is committed on this replica is dropped. */
  private void dropOldest(SimulatedReplica replica) {
    ReplicaCore core = replica.core();
    if (core == null || !isAwake(replica)) {
      return;
    }
    long limit = Math.min(core.commit(), core.log().flushed());
    SimulatedDisk disk = replica.disk();
    int droppable = disk.indexAt(disk.boundaryNotAbove(limit));
    if (droppable > 1 && disk.end() == core.log().end()) {
      int drop = random.nextInt(1, droppable);
      long position = disk.frames().get(drop).position();
      replica.input(new ReplicaInput.StartMoved(position));
      disk.dropBelow(core.log().base());
    }
  }

  private <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }
}
