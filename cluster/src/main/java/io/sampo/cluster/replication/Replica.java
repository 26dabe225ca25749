package io.sampo.cluster.replication;

import io.sampo.cluster.protocol.Frames;
import io.sampo.cluster.protocol.LogOutline;
import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaCore;
import io.sampo.cluster.protocol.ReplicaEffect;
import io.sampo.cluster.protocol.ReplicaEffect.AppendFrames;
import io.sampo.cluster.protocol.ReplicaEffect.AppendMembership;
import io.sampo.cluster.protocol.ReplicaEffect.BeginEpoch;
import io.sampo.cluster.protocol.ReplicaEffect.CutTo;
import io.sampo.cluster.protocol.ReplicaEffect.Flush;
import io.sampo.cluster.protocol.ReplicaEffect.PersistPledge;
import io.sampo.cluster.protocol.ReplicaEffect.ReadRange;
import io.sampo.cluster.protocol.ReplicaEffect.ResetTo;
import io.sampo.cluster.protocol.ReplicaEffect.Send;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.protocol.ReplicaInput;
import io.sampo.cluster.protocol.ReplicaMessage;
import io.sampo.cluster.protocol.ReplicaSettings;
import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.log.LogFailedException;
import io.sampo.storage.log.LogFullException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a {@link ReplicaCore}: carries out its effects on the replica's files and tells it what came
 * of them. The commit log's thread only; what waits for the disk waits here.
 *
 * <p>Always holds: an append that the core asked for is answered before anything else is put in;
 * pledges, flushes, cuts and resets are done in the order in which the core wanted them, and only
 * when everything else is done. So a leader sends its followers what it has written before it
 * flushes, and their disks work at the same time as its own.
 */
final class Replica {
  private static final Logger LOG = LoggerFactory.getLogger(Replica.class);

  /** How long after a full disk refused something it is tried again. */
  private static final long FULL_DISK_PAUSE_MS = 1_000;

  /** How often a follower looks whether it may drop old segments. */
  private static final long START_LOOK_MS = 500;

  /** Sends what the core wants sent; it may be lost. */
  interface Sender {
    void send(ReplicaId to, ReplicaMessage message);
  }

  private final ReplicaId self;
  private final ReplicaLog log;
  private final ReplicaCore core;
  private final Sender sender;
  private final Consumer<ReplicaEffect> news;
  private final LongSupplier clockMs;
  private final boolean flushesInBackground;
  private final ArrayDeque<ReplicaInput> inputs = new ArrayDeque<>();
  private final ArrayDeque<ReplicaEffect> slowWork = new ArrayDeque<>();

  /** What was read last while this works: followers often want the same. */
  private @Nullable ReadRange lastRead;

  private @Nullable Frames lastFrames;

  /** How often the log was cut: a flush that is told names it. */
  private long logVersion;

  private long slowWorkAtMs = Long.MIN_VALUE;
  private long startLookMs = Long.MIN_VALUE;
  private @Nullable String diskProblem;
  private boolean pledgeRefused;

  /**
   * @param news told what concerns those outside: the commit position, leadership, membership, read
   *     barriers. Must not put anything in
   * @param clockMs never goes back
   */
  Replica(
      ReplicaPlan plan,
      ReplicaSettings settings,
      ReplicaLog log,
      Sender sender,
      Consumer<ReplicaEffect> news,
      LongSupplier clockMs) {
    this.self = plan.self();
    this.log = log;
    this.sender = sender;
    this.news = news;
    this.clockMs = clockMs;
    this.flushesInBackground = settings.flush() == ReplicaSettings.Flush.ASYNC;
    this.core =
        new ReplicaCore(
            plan.self(),
            settings,
            founded(log.outline(), plan.initial()),
            log.pledge(),
            ThreadLocalRandom.current().nextLong(1L << 40));
  }

  /**
   * A log doesn't say who founded it, also when it has lost its beginning since; the plan does. One
   * that began as another's copy says who was in the group there.
   */
  private static LogOutline founded(LogOutline outline, Membership initial) {
    return outline.base().membership().equals(Membership.NOBODY)
        ? outline.foundedBy(initial)
        : outline;
  }

  ReplicaCore core() {
    return core;
  }

  ReplicaId self() {
    return self;
  }

  /** How often the log was cut. */
  long cuts() {
    return logVersion;
  }

  /** What the disk refused last, when it is in the way at present. */
  @Nullable String diskProblem() {
    return diskProblem;
  }

  /** Takes an input; it has its turn with the next {@link #run()}. */
  void put(ReplicaInput input) {
    inputs.addLast(input);
  }

  /** The leader's log ends here now; that comes before all that was put in meanwhile. */
  void appended(long end) {
    inputs.addFirst(new ReplicaInput.Appended(end));
  }

  /**
   * Works until nothing is left to be done.
   *
   * @throws IOException when the disk failed; this object is of no use then, and after every other
   *     exception
   */
  void run() throws IOException {
    while (true) {
      ReplicaInput input = inputs.pollFirst();
      if (input == null) {
        input = doSlowWork();
      }
      if (input == null) {
        forgetRead();
        return;
      }
      if (input instanceof ReplicaInput.Tick) {
        onTick();
      }
      List<ReplicaEffect> effects = core.on(input, clockMs.getAsLong());
      for (int i = 0; i < effects.size(); i++) {
        perform(effects.get(i));
      }
    }
  }

  private void onTick() throws IOException {
    boolean pausing = clockMs.getAsLong() < slowWorkAtMs;
    if (pledgeRefused && !pausing) {
      pledgeRefused = false;
      inputs.addLast(new ReplicaInput.PledgeRefused());
    }
    followStart();
    if (log.reader().startPosition() > core.log().start()) {
      noteStart();
    }
  }

  /** The leader let old segments go, and the log says so. */
  private void followStart() throws IOException {
    if (core.ledEpoch() != 0 || clockMs.getAsLong() < startLookMs) {
      return;
    }
    startLookMs = clockMs.getAsLong() + START_LOOK_MS;
    long agreed = log.agreedStart(core.commit(), System.currentTimeMillis());
    if (agreed > log.reader().startPosition()
        && agreed <= Math.min(core.commit(), log.reader().flushedPosition())) {
      try {
        log.dropBelow(agreed);
        LOG.info("the log of {} begins at {} now, as its leader's does", self, agreed);
      } catch (LogFullException e) {
        LOG.debug("{} keeps what is below {} for now", self, agreed, e);
      }
    }
  }

  /** Retention dropped the oldest part of the log, which was flushed and committed. */
  private void noteStart() {
    if (flushesInBackground) {
      inputs.addLast(new ReplicaInput.Flushed(logVersion, log.reader().flushedPosition()));
    }
    inputs.addLast(new ReplicaInput.StartMoved(log.reader().startPosition()));
  }

  private void perform(ReplicaEffect effect) throws IOException {
    if (effect instanceof Send send) {
      sender.send(send.to(), send.message());
    } else if (effect instanceof ReadRange read) {
      inputs.addLast(new ReplicaInput.RangeRead(read, read(read)));
    } else if (effect instanceof AppendFrames append) {
      append(() -> log.appendFrames(append.frames()));
    } else if (effect instanceof BeginEpoch begin) {
      append(() -> log.beginEpoch(begin.epoch()));
    } else if (effect instanceof AppendMembership append) {
      append(() -> log.appendMembership(append.membership()));
    } else if (effect instanceof PersistPledge
        || effect instanceof Flush
        || effect instanceof CutTo
        || effect instanceof ResetTo) {
      slowWork.addLast(effect);
    } else {
      news.accept(effect);
    }
  }

  /** Damage that is met is given up: what is left is repaired by a core that knows of it. */
  private Frames read(ReadRange read) throws IOException {
    ReadRange last = lastRead;
    Frames known = lastFrames;
    if (known != null
        && last != null
        && last.position() == read.position()
        && last.end() == read.end()
        && last.bytesMax() == read.bytesMax()) {
      return known;
    }
    try {
      Frames frames = log.readFrames(read.position(), read.end(), read.bytesMax());
      lastRead = read;
      lastFrames = frames;
      return frames;
    } catch (CorruptLogException e) {
      log.giveUp(e);
      throw e;
    }
  }

  private void forgetRead() {
    lastRead = null;
    lastFrames = null;
  }

  /** Something that writes to the log. */
  @FunctionalInterface
  private interface Append {
    void toLog() throws IOException;
  }

  private void append(Append append) throws IOException {
    try {
      append.toLog();
      diskProblem = null;
      inputs.addFirst(new ReplicaInput.Appended(log.reader().writtenPosition()));
    } catch (LogFullException e) {
      refusedByDisk(e);
      inputs.addFirst(new ReplicaInput.AppendRefused());
    }
  }

  /** Does the next piece of slow work, if it is time. Returns what the core is told. */
  private @Nullable ReplicaInput doSlowWork() throws IOException {
    ReplicaEffect work = slowWork.peekFirst();
    if (work == null || clockMs.getAsLong() < slowWorkAtMs) {
      return null;
    }
    if (work instanceof PersistPledge persist) {
      slowWork.removeFirst();
      return persist(persist);
    }
    if (work instanceof Flush flush) {
      log.flush();
      slowWork.removeFirst();
      return new ReplicaInput.Flushed(flush.version(), log.reader().flushedPosition());
    }
    try {
      cut(work);
    } catch (LogFullException e) {
      refusedByDisk(e);
      slowWorkAtMs = clockMs.getAsLong() + FULL_DISK_PAUSE_MS;
      return null;
    } catch (CorruptLogException e) {
      log.giveUp(e);
      throw e;
    }
    slowWork.removeFirst();
    logVersion++;
    return new ReplicaInput.CutDone();
  }

  private void cut(ReplicaEffect work) throws IOException {
    forgetRead();
    if (work instanceof CutTo cut) {
      LOG.info("{} drops its log from {} on, which is not the leader's", self, cut.position());
      log.cutTo(cut.position());
    } else if (work instanceof ResetTo reset) {
      LOG.info("{} drops its log and begins anew at {}", self, reset.base().position());
      log.resetTo(reset.base());
    } else {
      throw new IllegalStateException("not to be done on a disk: " + work);
    }
  }

  /**
   * A promise that can't be stored is not given, so whoever stands for an epoch gives that up. It
   * is tried again after a while: until then the core waits for it.
   */
  private @Nullable ReplicaInput persist(PersistPledge persist) throws IOException {
    try {
      log.persist(persist.pledge());
      diskProblem = null;
      return new ReplicaInput.PledgePersisted(persist.pledge());
    } catch (LogFailedException e) {
      throw e;
    } catch (IOException e) {
      refusedByDisk(e);
      pledgeRefused = true;
      slowWorkAtMs = clockMs.getAsLong() + FULL_DISK_PAUSE_MS;
      return new ReplicaInput.Resign();
    }
  }

  private void refusedByDisk(IOException e) {
    if (diskProblem == null) {
      LOG.warn("the disk of {} refuses what the protocol needs", self, e);
    }
    diskProblem = String.valueOf(e.getMessage());
  }
}
