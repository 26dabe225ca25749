package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.protocol.Frames;
import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaEffect;
import io.sampo.cluster.protocol.ReplicaEffect.CommitMoved;
import io.sampo.cluster.protocol.ReplicaEffect.LeadershipLost;
import io.sampo.cluster.protocol.ReplicaEffect.LeadershipWon;
import io.sampo.cluster.protocol.ReplicaEffect.MembershipCommitted;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.protocol.ReplicaInput;
import io.sampo.cluster.protocol.ReplicaMessage;
import io.sampo.cluster.protocol.ReplicaMessage.Fetched;
import io.sampo.cluster.protocol.ReplicaSettings;
import io.sampo.cluster.protocol.SimulatedNetwork;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.QueueView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A group of three replicas with real files and a fourth that comes and goes, in one thread: a
 * queue of events by simulated time and a simulated network. First a time of faults, then all is
 * healed and everybody must have the same log. Random things follow from the seed.
 */
final class RealLogs {
  private static final long TICK_MS = 20;
  private static final long CHAOS_MS = 3_000;
  private static final long CLIENTS_AFTER_HEALING_MS = 500;
  private static final long HEALING_MS = 30_000;

  /** Once healed, a candidate is given the time to fetch what it lacks. */
  private static final long PATIENCE_MS = 1_000;

  private static final Config DEFAULTS = ConfigFactory.load();

  private record Event(long timeMs, long number, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(timeMs, other.timeMs);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  /** A message of a client, and where it lies. */
  private record Appended(String body, QueueKey queue, long offset, long position) {}

  private final Path folder;
  private final Random random;
  private final ReplicaSettings settings;
  private final SimulatedNetwork network;
  private final CommittedFrames committed = new CommittedFrames();
  private final List<RealReplica> replicas = new ArrayList<>();
  private final List<String> nodes = new ArrayList<>();
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final Map<Long, ReplicaId> leaders = new HashMap<>();
  private final Map<ReplicaId, List<Appended>> unanswered = new HashMap<>();
  private final List<Appended> acknowledged = new ArrayList<>();
  private final Map<String, Integer> calls = new TreeMap<>();
  private final int[] odds = new int[7];
  private Membership membership;
  private long nowMs;
  private long proposedMs;
  private long eventNumber;

  /** Nobody was ever told that the log may begin behind this. */
  private long mayBeginAt;

  private int folders;
  private int bodies;
  private boolean healed;
  private @Nullable RealReplica harmed;
  int repairs;

  RealLogs(long seed, Path folder) {
    this.folder = folder;
    this.random = new Random(seed);
    int[] fetchBytes = {1, 4_000, 30_000, 500_000};
    this.settings =
        new ReplicaSettings(
            random.nextInt(4) == 0
                ? ReplicaSettings.Acknowledge.ALL
                : ReplicaSettings.Acknowledge.QUORUM,
            ReplicaSettings.Flush.SYNC,
            50,
            120,
            600,
            fetchBytes[random.nextInt(fetchBytes.length)],
            8);
    this.network = new SimulatedNetwork(new SplittableRandom(seed));
    List<ReplicaId> founders = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      founders.add(new ReplicaId("n" + i, 7));
    }
    this.membership = Membership.ofVoters(founders);
    for (ReplicaId founder : founders) {
      add(new ReplicaPlan(founder, membership));
    }
    add(new ReplicaPlan(new ReplicaId("n3", 8), Membership.NOBODY));
    for (int i = 0; i < odds.length; i++) {
      odds[i] = random.nextInt(5) < 3 ? 1 + random.nextInt(4) : 0;
    }
  }

  private void add(ReplicaPlan plan) {
    nodes.add(plan.self().node());
    replicas.add(new RealReplica(this, plan));
  }

  Random random() {
    return random;
  }

  ReplicaSettings settings() {
    return settings;
  }

  Config defaults() {
    return DEFAULTS;
  }

  long nowMs() {
    return nowMs;
  }

  Path newFolder() {
    return folder.resolve("files-" + folders++);
  }

  /** How often the files were written in which way. */
  Map<String, Integer> calls() {
    return calls;
  }

  int acknowledgedCount() {
    return acknowledged.size();
  }

  int wins() {
    return leaders.size();
  }

  /** Runs it all; throws what was found. */
  void run() throws IOException {
    replicas.forEach(RealReplica::start);
    if (random.nextBoolean()) {
      network.faults(0.1 * random.nextDouble(), 0.1 * random.nextDouble(), random.nextDouble() / 4);
    }
    repeat(1, 25, this::clientsWork);
    repeat(30, 250, this::somebodyProposes);
    repeat(10, 70, this::somethingHappens);
    runUntil(CHAOS_MS);
    heal();
    long deadlineMs = nowMs + HEALING_MS;
    String incomplete = incompleteness();
    while (incomplete != null) {
      assertThat(nowMs).as("not caught up after healing: %s", incomplete).isLessThan(deadlineMs);
      runUntil(nowMs + 100);
      incomplete = incompleteness();
    }
    compareAll();
  }

  private void runUntil(long timeMs) {
    while (!events.isEmpty() && events.peek().timeMs() <= timeMs) {
      Event event = events.remove();
      nowMs = event.timeMs();
      event.action().run();
    }
    nowMs = timeMs;
  }

  private void at(long timeMs, Runnable action) {
    events.add(new Event(timeMs, eventNumber++, action));
  }

  private void repeat(long fromMs, long toMs, Runnable action) {
    at(
        nowMs + random.nextLong(fromMs, toMs),
        () -> {
          action.run();
          repeat(fromMs, toMs, action);
        });
  }

  void everyTick(RealReplica replica, int run) {
    at(
        nowMs + TICK_MS,
        () -> {
          if (replica.run() == run) {
            replica.input(new ReplicaInput.Tick());
            if (replica.run() == run) {
              everyTick(replica, run);
            }
          }
        });
  }

  void send(RealReplica from, ReplicaId to, ReplicaMessage message) {
    ReplicaId sender = from.id();
    for (long delayMs : network.arrivals(sender.node(), to.node())) {
      at(nowMs + delayMs, () -> deliver(sender, to, message));
    }
  }

  private void deliver(ReplicaId from, ReplicaId to, ReplicaMessage message) {
    for (RealReplica replica : replicas) {
      if (replica.id().equals(to)) {
        replica.input(new ReplicaInput.Received(from, overTheNetwork(message)));
      }
    }
  }

  private static ReplicaMessage overTheNetwork(ReplicaMessage message) {
    if (!(message instanceof Fetched fetched)) {
      return message;
    }
    ByteBuffer sent = ReplicaFrames.bytes(fetched.frames());
    ByteBuffer received = ByteBuffer.allocate(sent.remaining()).put(sent).flip();
    try {
      Frames frames = ReplicaFrames.check(fetched.frames().position(), received);
      return new Fetched(
          fetched.epoch(), fetched.id(), frames, fetched.sourceEnd(), fetched.commit());
    } catch (CorruptLogException e) {
      throw new AssertionError(e);
    }
  }

  private void clientsWork() {
    if (nowMs > CHAOS_MS + CLIENTS_AFTER_HEALING_MS) {
      return; // so that everything comes to be committed
    }
    for (RealReplica replica : replicas) {
      if (replica.ledEpoch() > 0) {
        List<String> batch = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
          int length = random.nextInt(12) == 0 ? random.nextInt(20_000) : random.nextInt(400);
          batch.add(bodies++ + "b".repeat(length));
        }
        replica.clientAppends(batch, new QueueKey("topic-" + random.nextInt(5), 0));
      }
    }
  }

  private void somebodyProposes() {
    boolean led = replicas.stream().anyMatch(each -> each.ledEpoch() > 0);
    boolean wanted = !led || random.nextInt(4) == 0;
    if (healed) {
      wanted = !led && nowMs > proposedMs + PATIENCE_MS;
    }
    if (wanted) {
      proposedMs = nowMs;
      any().input(new ReplicaInput.Lead(0));
    }
  }

  private RealReplica any() {
    return replicas.get(random.nextInt(replicas.size()));
  }

  private void somethingHappens() {
    int kind = random.nextInt(odds.length);
    if (healed || odds[kind] == 0 || random.nextInt(5) >= odds[kind]) {
      return;
    }
    RealReplica replica = any();
    switch (kind) {
      case 0 -> replica.powerFailsAfter(1 + random.nextInt(40));
      case 1 -> crash(replica, random.nextBoolean());
      case 2 -> {
        if (random.nextBoolean()) {
          network.unblock();
        } else {
          network.partition(nodes);
        }
      }
      case 3 -> {
        replica.full(true);
        at(nowMs + random.nextLong(10, 500), () -> replica.full(false));
      }
      case 4 -> damage(replica);
      case 5 -> oldSegmentsMayGo();
      default -> changeMembership();
    }
  }

  private void crash(RealReplica replica, boolean powerFails) {
    if (replica.replica() != null) {
      unanswered.remove(replica.id());
      replica.crash(powerFails, random);
      at(nowMs + random.nextLong(5, 600), replica::start);
    }
  }

  /** The power failed in the middle of something. */
  void crashed(RealReplica replica) {
    crash(replica, true);
  }

  /** Flips a bit where the files themselves can tell that it had been durable. */
  private void damage(RealReplica replica) {
    SegmentedReplicaLog files = replica.files();
    if (files == null || (harmed != null && !isWhole(harmed))) {
      return;
    }
    harmed = replica;
    List<Long> boundaries = FrameWalk.below(files, FrameWalk.provenDurable(files));
    if (!boundaries.isEmpty()) {
      long frame = boundaries.get(random.nextInt(boundaries.size()));
      replica.damage(frame + random.nextInt(40));
      if (random.nextBoolean()) {
        crash(replica, true);
      }
    }
  }

  private static boolean isWhole(RealReplica replica) {
    SegmentedReplicaLog files = replica.files();
    Replica running = replica.replica();
    return files != null
        && running != null
        && !running.core().isRepairing()
        && FrameWalk.firstDamage(files) == null;
  }

  private void changeMembership() {
    for (RealReplica replica : replicas) {
      if (replica.ledEpoch() > 0) {
        ReplicaId other = replicas.get(3).id();
        Membership next =
            membership.isVoter(other)
                ? membership.without(other)
                : membership.isMember(other)
                    ? membership.withVoter(other)
                    : membership.withLearner(other);
        replica.input(new ReplicaInput.ChangeMembership(next));
        return;
      }
    }
  }

  private void oldSegmentsMayGo() {
    for (RealReplica replica : replicas) {
      if (replica.ledEpoch() > 0) {
        replica.beginLettingGo(random);
        return;
      }
    }
  }

  /** A list of silent queues was appended that names a start of the log. */
  void listed(long start) {
    mayBeginAt = Math.max(mayBeginAt, start);
  }

  private void heal() {
    healed = true;
    network.heal();
    for (RealReplica replica : replicas) {
      replica.powerFailsAfter(Integer.MAX_VALUE);
      replica.full(false);
      replica.start();
    }
  }

  void started(RealReplica replica) {
    unanswered.put(replica.id(), new ArrayList<>());
    committed.started(replica.id());
  }

  void appended(RealReplica replica, String body, QueueKey queue, long offset, long position) {
    List<Appended> waiting = unanswered.get(replica.id());
    if (waiting != null) {
      waiting.add(new Appended(body, queue, offset, position));
    }
  }

  void onNews(RealReplica replica, ReplicaEffect effect) {
    if (effect instanceof CommitMoved moved) {
      SegmentedReplicaLog files = replica.files();
      if (files != null) {
        committed.moved(replica.id(), files, moved.commit());
      }
      List<Appended> waiting = unanswered.getOrDefault(replica.id(), List.of());
      while (!waiting.isEmpty() && waiting.get(0).position() < moved.acknowledged()) {
        acknowledged.add(waiting.remove(0));
      }
      if (replica.hasListed(moved.commit())) {
        at(nowMs, replica::letGoWhatIsListed);
      }
    } else if (effect instanceof LeadershipWon won) {
      assertThat(leaders.putIfAbsent(won.epoch(), replica.id()))
          .as("epoch %d", won.epoch())
          .isNull();
    } else if (effect instanceof LeadershipLost) {
      unanswered.put(replica.id(), new ArrayList<>());
    } else if (effect instanceof MembershipCommitted change) {
      membership = change.membership();
    }
  }

  private List<RealReplica> members() {
    return replicas.stream().filter(each -> membership.isMember(each.id())).toList();
  }

  private @Nullable String incompleteness() {
    RealReplica leader = null;
    for (RealReplica replica : replicas) {
      if (replica.ledEpoch() > (leader == null ? 0 : leader.ledEpoch())) {
        leader = replica;
      }
    }
    if (leader == null || leader.files() == null) {
      StringBuilder why = new StringBuilder("nobody leads of " + membership + ":");
      for (RealReplica replica : replicas) {
        why.append(' ').append(replica);
      }
      return why.toString();
    }
    long end = leader.files().reader().writtenPosition();
    for (RealReplica replica : members()) {
      SegmentedReplicaLog files = replica.files();
      Replica running = replica.replica();
      if (files == null || running == null || running.core().isRepairing()) {
        return replica.id() + " is down or repairing";
      }
      if (files.reader().writtenPosition() != end || running.core().commit() != end) {
        return "%s ends at %d and is committed to %d of %d"
            .formatted(
                replica.id(), files.reader().writtenPosition(), running.core().commit(), end);
      }
    }
    for (RealReplica replica : members()) {
      SegmentedReplicaLog files = replica.files();
      CorruptLogException damage = files == null ? null : FrameWalk.firstDamage(files);
      if (damage != null) {
        replica.repair(damage);
        return replica.id() + " is damaged";
      }
    }
    return null;
  }

  /** Before and after a restart: the same frames, and every acknowledged message in its place. */
  private void compareAll() throws IOException {
    for (boolean restart : new boolean[] {false, true}) {
      for (RealReplica replica : members()) {
        if (restart) {
          replica.stop();
          replica.start();
        }
        SegmentedReplicaLog files = replica.files();
        assertThat(files).isNotNull();
        committed.assertSame(files);
        assertHasWhatWasAcknowledged(replica.id(), files.reader());
      }
    }
    for (RealReplica replica : replicas) {
      replica.stop();
    }
  }

  /** Or it lay below the start of this copy; the numbers of what comes next are the same anyhow. */
  private void assertHasWhatWasAcknowledged(ReplicaId who, LogReader log) {
    long start = log.startPosition();
    assertThat(start).as("start of %s", who).isLessThanOrEqualTo(mayBeginAt);
    for (Appended message : acknowledged) {
      QueueView queue = log.queue(message.queue());
      String what = "%s at %d on %s".formatted(message.queue(), message.offset(), who);
      assertThat(queue.nextOffset()).as(what).isGreaterThan(message.offset());
      if (message.position() < start) {
        assertThat(queue.firstOffset()).as(what).isGreaterThan(message.offset());
      } else {
        assertThat(FrameWalk.body(log, message.queue(), message.offset()))
            .as(what)
            .isEqualTo(message.body());
      }
    }
  }
}
