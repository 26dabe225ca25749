package io.sampo.cluster.protocol;

import io.sampo.cluster.protocol.ReplicaEffect.AppendFrames;
import io.sampo.cluster.protocol.ReplicaEffect.AppendMembership;
import io.sampo.cluster.protocol.ReplicaEffect.BeginEpoch;
import io.sampo.cluster.protocol.ReplicaEffect.CommitMoved;
import io.sampo.cluster.protocol.ReplicaEffect.CutTo;
import io.sampo.cluster.protocol.ReplicaEffect.Flush;
import io.sampo.cluster.protocol.ReplicaEffect.LeadershipLost;
import io.sampo.cluster.protocol.ReplicaEffect.LeadershipWon;
import io.sampo.cluster.protocol.ReplicaEffect.PersistPledge;
import io.sampo.cluster.protocol.ReplicaEffect.ReadRange;
import io.sampo.cluster.protocol.ReplicaEffect.ReadReady;
import io.sampo.cluster.protocol.ReplicaEffect.ResetTo;
import io.sampo.cluster.protocol.ReplicaEffect.Send;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node's replica: carries out the effects of its core on a {@link SimulatedDisk} and through
 * the cluster, as the product's code around the core must. Appends and reads are done at once;
 * pledges, flushes, cuts and resets take their time, in order.
 */
final class SimulatedReplica {
  private static final int EPOCH_RECORD_BYTES = 48;
  private static final int MEMBERSHIP_RECORD_BYTES = 96;

  /** Something the disk is busy with; a crash leaves it done or not done. */
  private record SlowWork(ReplicaEffect effect, int frameCount) {}

  private final SimulatedCluster cluster;
  private final String node;
  private ReplicaId id;
  private SimulatedDisk disk;
  private @Nullable ReplicaCore core;
  private int run;
  private long pausedUntilMs;
  private long diskFreeMs;
  private long clockOffsetMs;
  private final Deque<SlowWork> slowWork = new ArrayDeque<>();
  private final List<SimulatedFrame> unanswered = new ArrayList<>();

  SimulatedReplica(SimulatedCluster cluster, ReplicaId id, SimulatedDisk disk) {
    this.cluster = cluster;
    this.node = id.node();
    this.id = id;
    this.disk = disk;
  }

  ReplicaId id() {
    return id;
  }

  String node() {
    return node;
  }

  SimulatedDisk disk() {
    return disk;
  }

  @Nullable ReplicaCore core() {
    return core;
  }

  int run() {
    return run;
  }

  boolean isUp() {
    return core != null;
  }

  long pausedUntilMs() {
    return pausedUntilMs;
  }

  void pauseUntil(long timeMs) {
    pausedUntilMs = timeMs;
  }

  long ledEpoch() {
    return core == null ? 0 : core.ledEpoch();
  }

  void start() {
    if (core != null) {
      return;
    }
    run++;
    clockOffsetMs = cluster.random().nextLong(1_000_000);
    LogOutline log = disk.recover(cluster.plant().trustDamage());
    ReplicaCore started =
        new ReplicaCore(
            id,
            cluster.settings(),
            log,
            disk.pledge(),
            cluster.random().nextLong(1L << 40),
            cluster.plant().rules());
    core = started;
    diskFreeMs = cluster.nowMs();
    cluster.checker().started(this, started);
    cluster.everyTick(this, run);
  }

  /** The process ends; with the power, also what was not flushed is gone. */
  void crash(boolean powerFails) {
    if (core == null) {
      return;
    }
    core = null;
    run++;
    pausedUntilMs = 0;
    unanswered.clear();
    int done = slowWork.isEmpty() ? 0 : cluster.random().nextInt(slowWork.size() + 1);
    for (int i = 0; i < done; i++) {
      carryOut(slowWork.removeFirst());
    }
    slowWork.clear();
    if (powerFails) {
      disk.losePower(cluster.random().nextInt(disk.unflushedFrames() + 1));
    }
  }

  /** The node gets an empty disk, and with it another identity. */
  void wipe(ReplicaId newId, SimulatedDisk newDisk) {
    crash(true);
    id = newId;
    disk = newDisk;
  }

  /** Puts something in, then carries out what comes out, and so on until nothing is left. */
  void input(ReplicaInput first) {
    Deque<ReplicaInput> inputs = new ArrayDeque<>();
    inputs.add(first);
    while (!inputs.isEmpty() && core != null) {
      ReplicaCore running = core;
      ReplicaInput input = inputs.removeFirst();
      cluster.trace(this, input);
      for (ReplicaEffect effect : running.on(input, clockOffsetMs + cluster.nowMs())) {
        if (core == null) {
          return;
        }
        cluster.trace(this, effect);
        perform(effect, inputs);
      }
      cluster.checker().afterStep(this, running);
    }
  }

  private void perform(ReplicaEffect effect, Deque<ReplicaInput> inputs) {
    if (effect instanceof Send send) {
      cluster.send(this, send.to(), send.message());
    } else if (effect instanceof PersistPledge
        || effect instanceof Flush
        || effect instanceof CutTo
        || effect instanceof ResetTo) {
      begin(effect);
    } else if (effect instanceof AppendFrames append) {
      appendCopies(append.frames(), inputs);
    } else if (effect instanceof BeginEpoch begin) {
      cluster.checker().begins(this, begin.epoch());
      cluster.faults().epochBegins(this);
      append(begin.epoch(), EPOCH_RECORD_BYTES, true, null, inputs);
    } else if (effect instanceof AppendMembership append) {
      append(append.epoch(), MEMBERSHIP_RECORD_BYTES, false, append.membership(), inputs);
    } else if (effect instanceof ReadRange read) {
      read(read, inputs);
    } else if (effect instanceof CommitMoved moved) {
      onCommitMoved(moved);
    } else if (effect instanceof LeadershipWon won) {
      cluster.checker().won(this, won);
    } else if (effect instanceof LeadershipLost) {
      unanswered.clear();
    } else if (effect instanceof ReadReady ready) {
      cluster.checker().read(this, ready);
    }
  }

  private void begin(ReplicaEffect effect) {
    slowWork.addLast(new SlowWork(effect, disk.frameCount()));
    diskFreeMs = Math.max(diskFreeMs, cluster.nowMs()) + cluster.diskDelayMs();
    cluster.at(this, run, diskFreeMs, this::finishSlowWork);
  }

  private void finishSlowWork() {
    SlowWork work = slowWork.removeFirst();
    if (work.effect() instanceof Flush && cluster.faults().flushFails()) {
      cluster.faults().crashAndRestart(this, true);
    } else {
      input(carryOut(work));
    }
  }

  /** Does it, and returns what the core is told. */
  private ReplicaInput carryOut(SlowWork work) {
    ReplicaEffect effect = work.effect();
    if (effect instanceof PersistPledge persist) {
      if (disk.isFull()) {
        return new ReplicaInput.PledgeRefused();
      }
      if (cluster.plant().skipPledgeFlush()) {
        disk.writeWithoutFlush(persist.pledge());
      } else {
        disk.persist(persist.pledge());
      }
      return new ReplicaInput.PledgePersisted(persist.pledge());
    }
    if (effect instanceof Flush flush) {
      disk.flush(work.frameCount());
      int flushed = Math.min(work.frameCount(), disk.frameCount());
      long position = flushed == 0 ? disk.start() : disk.frames().get(flushed - 1).end();
      return new ReplicaInput.Flushed(flush.version(), position);
    }
    if (effect instanceof CutTo cut) {
      disk.cutTo(cut.position());
    } else if (effect instanceof ResetTo reset) {
      disk.resetTo(reset.base());
    }
    return new ReplicaInput.CutDone();
  }

  private void appendCopies(Frames frames, Deque<ReplicaInput> inputs) {
    if (disk.isFull()) {
      inputs.addFirst(new ReplicaInput.AppendRefused());
      return;
    }
    for (Object frame : (List<?>) frames.bytes()) {
      disk.append((SimulatedFrame) frame);
    }
    inputs.addFirst(new ReplicaInput.Appended(disk.end()));
  }

  private void append(
      long epoch,
      int bytes,
      boolean beginsEpoch,
      @Nullable Membership membership,
      Deque<ReplicaInput> inputs) {
    if (disk.isFull()) {
      inputs.addFirst(new ReplicaInput.AppendRefused());
      return;
    }
    write(epoch, bytes, beginsEpoch, membership);
    inputs.addFirst(new ReplicaInput.Appended(disk.end()));
  }

  private SimulatedFrame write(
      long epoch, int bytes, boolean beginsEpoch, @Nullable Membership membership) {
    long position = disk.end();
    SimulatedFrame frame =
        new SimulatedFrame(
            position, position + bytes, epoch, beginsEpoch, cluster.newContent(), membership);
    disk.append(frame);
    return frame;
  }

  private void read(ReadRange read, Deque<ReplicaInput> inputs) {
    try {
      List<SimulatedFrame> run = disk.read(read.position(), read.end(), read.bytesMax());
      inputs.addLast(
          new ReplicaInput.RangeRead(read, SimulatedDisk.framesOf(run, read.position())));
    } catch (SimulatedDisk.Damaged e) {
      cluster.reopen(this);
    }
  }

  /** A client appends here, if this replica leads. */
  void clientAppends(int bytes) {
    long epoch = ledEpoch();
    if (epoch == 0 || disk.isFull()) {
      return;
    }
    SimulatedFrame frame = write(epoch, bytes, false, null);
    unanswered.add(frame);
    input(new ReplicaInput.Appended(frame.end()));
  }

  private void onCommitMoved(CommitMoved moved) {
    cluster.checker().commitMoved(this, moved.commit());
    while (!unanswered.isEmpty() && unanswered.get(0).end() <= moved.acknowledged()) {
      cluster.checker().acknowledged(unanswered.remove(0));
    }
  }
}
