package io.sampo.cluster.protocol;

import io.sampo.cluster.protocol.ReplicaSettings.Acknowledge;
import io.sampo.cluster.protocol.ReplicaSettings.Flush;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A group of replicas in one thread: a queue of events by simulated time, and everything random
 * drawn from one seed, so that a run can be had again exactly. First a time of faults, then all is
 * healed and everybody must catch up.
 */
final class SimulatedCluster {
  private static final int TRACE_LENGTH = 80;
  private static final long TICK_MS = 20;
  private static final long CHAOS_MS = 4_000;
  private static final long HEALING_MS = 30_000;

  private record Event(long timeMs, long number, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(timeMs, other.timeMs);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private record Trace(long timeMs, ReplicaId replica, Object what) {}

  private final SplittableRandom random;
  private final Plant plant;
  private final ReplicaSettings settings;
  private final SimulatedNetwork network;
  private final InvariantChecker checker;
  private final Faults faults;
  private final List<SimulatedReplica> replicas = new ArrayList<>();
  private final List<String> nodes = new ArrayList<>();
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final Deque<Trace> traces = new ArrayDeque<>();
  private long eventNumber;
  private long nowMs;
  private long contents;

  SimulatedCluster(long seed, Plant plant) {
    this.random = new SplittableRandom(seed);
    this.plant = plant;
    int[] sizes = {1, 2, 3, 3, 3, 3, 5, 5};
    int voters = sizes[random.nextInt(sizes.length)];
    int[] fetchBytes = {120, 600, 600, 4_000};
    this.settings =
        new ReplicaSettings(
            anyAcknowledge(), anyFlush(), 50, 120, 600, fetchBytes[random.nextInt(4)], 8);
    this.network = new SimulatedNetwork(random.split());
    List<ReplicaId> first = new ArrayList<>();
    for (int i = 0; i < voters; i++) {
      first.add(new ReplicaId("n" + i, 0));
    }
    this.checker = new InvariantChecker(settings.acknowledge(), Membership.ofVoters(first));
    LogBase genesis = new LogBase(0, 0, Membership.ofVoters(first));
    LogBase joining = new LogBase(0, 0, Membership.NOBODY);
    for (int i = 0; i < voters + 2; i++) {
      nodes.add("n" + i);
      SimulatedDisk disk = new SimulatedDisk(i < voters ? genesis : joining);
      replicas.add(new SimulatedReplica(this, new ReplicaId("n" + i, 0), disk));
    }
    this.faults = new Faults(this, random.split());
  }

  private Acknowledge anyAcknowledge() {
    int drawn = random.nextInt(10);
    return drawn < 7 ? Acknowledge.QUORUM : drawn < 9 ? Acknowledge.ALL : Acknowledge.LEADER;
  }

  private Flush anyFlush() {
    return random.nextInt(8) == 0 ? Flush.ASYNC : Flush.SYNC;
  }

  /** Runs it all; throws what was found. */
  void run() {
    replicas.forEach(SimulatedReplica::start);
    faults.begin();
    runUntil(CHAOS_MS);
    faults.heal();
    new Healing(this).begin();
    long deadlineMs = nowMs + HEALING_MS;
    while (!hasRecovered()) {
      if (nowMs > deadlineMs) {
        throw new AssertionError("not caught up after healing: " + incompleteness());
      }
      runUntil(nowMs + 100);
    }
    for (SimulatedReplica replica : members()) {
      checker.atTheEnd(replica);
    }
  }

  private void runUntil(long timeMs) {
    while (!events.isEmpty() && events.peek().timeMs() <= timeMs) {
      Event event = events.remove();
      nowMs = event.timeMs();
      event.action().run();
    }
    nowMs = timeMs;
  }

  private boolean hasRecovered() {
    return incompleteness() == null;
  }

  private @Nullable String incompleteness() {
    SimulatedReplica leader = newestLeader();
    if (leader == null || leader.disk().end() < faults.healedEnd()) {
      return "nobody leads";
    }
    if (!members().contains(leader)) {
      return "a removed replica leads";
    }
    for (SimulatedReplica replica : members()) {
      String incomplete = checker.incompleteness(replica, leader);
      if (incomplete != null) {
        return replica.id() + ": " + incomplete;
      }
    }
    return null;
  }

  /** The running replicas that the newest committed membership has. */
  List<SimulatedReplica> members() {
    return replicas.stream().filter(each -> committedMembership().isMember(each.id())).toList();
  }

  @Nullable SimulatedReplica newestLeader() {
    SimulatedReplica newest = null;
    for (SimulatedReplica replica : replicas) {
      if (replica.ledEpoch() > (newest == null ? 0 : newest.ledEpoch())) {
        newest = replica;
      }
    }
    return newest;
  }

  void at(long timeMs, Runnable action) {
    events.add(new Event(timeMs, eventNumber++, action));
  }

  /** The same for something that ends with the replica's process, and waits while it is paused. */
  void at(SimulatedReplica replica, int run, long timeMs, Runnable action) {
    at(
        timeMs,
        () -> {
          if (replica.run() != run) {
            return;
          }
          if (replica.pausedUntilMs() > nowMs) {
            at(replica, run, replica.pausedUntilMs(), action);
          } else {
            action.run();
          }
        });
  }

  void everyTick(SimulatedReplica replica, int run) {
    at(
        replica,
        run,
        nowMs + TICK_MS,
        () -> {
          replica.input(new ReplicaInput.Tick());
          everyTick(replica, run);
        });
  }

  void send(SimulatedReplica from, ReplicaId to, ReplicaMessage message) {
    checker.told(from, message);
    ReplicaId sender = from.id();
    for (long delayMs : network.arrivals(from.node(), to.node())) {
      at(
          nowMs + delayMs,
          () -> {
            for (SimulatedReplica replica : replicas) {
              if (replica.id().equals(to) && replica.isUp()) {
                int run = replica.run();
                at(
                    replica,
                    run,
                    nowMs,
                    () -> replica.input(new ReplicaInput.Received(sender, message)));
              }
            }
          });
    }
  }

  /** Damage was met while running: the process opens its files again. */
  void reopen(SimulatedReplica replica) {
    replica.crash(false);
    at(nowMs + 50, replica::start);
  }

  Membership committedMembership() {
    return checker.committedMembership();
  }

  void trace(SimulatedReplica replica, Object what) {
    if (what instanceof ReplicaInput.Tick) {
      return;
    }
    if (traces.size() == TRACE_LENGTH) {
      traces.removeFirst();
    }
    traces.addLast(new Trace(nowMs, replica.id(), what));
  }

  /** What happened last, for people. */
  String story() {
    StringBuilder story = new StringBuilder(settings.toString()).append('\n');
    for (Trace trace : traces) {
      story
          .append(trace.timeMs())
          .append(" ms ")
          .append(trace.replica())
          .append("  ")
          .append(trace.what())
          .append('\n');
    }
    return story.toString();
  }

  SplittableRandom random() {
    return random;
  }

  Plant plant() {
    return plant;
  }

  ReplicaSettings settings() {
    return settings;
  }

  SimulatedNetwork network() {
    return network;
  }

  InvariantChecker checker() {
    return checker;
  }

  List<SimulatedReplica> replicas() {
    return replicas;
  }

  List<String> nodes() {
    return nodes;
  }

  long nowMs() {
    return nowMs;
  }

  long eventCount() {
    return eventNumber;
  }

  long newContent() {
    return ++contents;
  }

  Faults faults() {
    return faults;
  }

  long diskDelayMs() {
    return faults.diskDelayMs();
  }
}
