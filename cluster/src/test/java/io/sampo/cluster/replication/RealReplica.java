package io.sampo.cluster.replication;

import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.protocol.ReplicaInput;
import io.sampo.record.BodyCrc;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.QueueKey;
import io.sampo.storage.index.SilentQueues;
import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.log.LogFullException;
import io.sampo.storage.log.RecordPlace;
import io.sampo.storage.log.SegmentSpan;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A replica with real files: what the product runs, apart from threads and the network. */
final class RealReplica {
  private static final int PAGE_BYTES = 4 << 10;
  private static final int LIST_BYTES_MAX = 1 << 10;

  /** A leader's list of silent queues: where its last record is, and where the log may begin. */
  private record ToLetGo(long epoch, long listAt, long start) {}

  private final RealLogs group;
  private final ReplicaPlan plan;
  private final RecordPlace place = new RecordPlace();
  private Path folder;
  private @Nullable SegmentedReplicaLog files;
  private @Nullable FailingReplicaLog failing;
  private @Nullable Replica replica;
  private @Nullable ToLetGo toLetGo;
  private boolean diskFull;
  private int run;

  RealReplica(RealLogs group, ReplicaPlan plan) {
    this.group = group;
    this.plan = plan;
    this.folder = group.newFolder();
  }

  ReplicaId id() {
    return plan.self();
  }

  int run() {
    return run;
  }

  @Override
  public String toString() {
    Replica running = replica;
    return running == null
        ? id() + " (down)"
        : "%s (epoch %d, ends at %d, committed to %d%s)"
            .formatted(
                id(),
                running.core().log().lastEpoch(),
                running.core().log().end(),
                running.core().commit(),
                running.core().isRepairing() ? ", repairing" : "");
  }

  @Nullable Replica replica() {
    return replica;
  }

  @Nullable SegmentedReplicaLog files() {
    return files;
  }

  long ledEpoch() {
    return replica == null ? 0 : replica.core().ledEpoch();
  }

  void full(boolean isFull) {
    diskFull = isFull;
    if (failing != null) {
      failing.full(isFull);
    }
  }

  void powerFailsAfter(int steps) {
    if (failing != null) {
      failing.failAfter(steps);
    }
  }

  void start() {
    if (replica != null) {
      return;
    }
    run++;
    Map<String, Object> settings =
        Map.of(
            "sampo.data-dir", folder.toString(),
            "sampo.log.segment-size", 64 << 10 << group.random().nextInt(2),
            "sampo.log.preallocate-step", 64 << 10);
    try {
      files =
          SegmentedReplicaLog.open(
              CommitLogSettings.of(ConfigFactory.parseMap(settings).withFallback(group.defaults())),
              "broker-0",
              plan);
    } catch (IOException e) {
      throw new AssertionError(id() + " can't be opened in " + folder, e);
    }
    begin(files);
  }

  private void begin(SegmentedReplicaLog opened) {
    FailingReplicaLog mayFail = new FailingReplicaLog(opened);
    mayFail.full(diskFull);
    failing = mayFail;
    replica =
        new Replica(
            plan,
            group.settings(),
            mayFail.asLog(),
            (to, message) -> group.send(this, to, message),
            effect -> group.onNews(this, effect),
            group::nowMs);
    group.everyTick(this, run);
    group.started(this);
  }

  /** Puts something in, and does what comes of it. */
  void input(ReplicaInput input) {
    Replica running = replica;
    if (running != null) {
      running.put(input);
      work(running);
    }
  }

  private void work(Replica running) {
    try {
      running.run();
    } catch (FailingReplicaLog.PowerFailure e) {
      group.crashed(this);
    } catch (CorruptLogException e) {
      beginAnew(Objects.requireNonNull(files));
    } catch (IOException e) {
      throw new AssertionError(id() + ": " + e.getMessage(), e);
    }
  }

  /** Damage was found from outside. */
  void repair(CorruptLogException damage) {
    SegmentedReplicaLog log = files;
    if (log != null) {
      try {
        log.giveUp(damage);
      } catch (IOException e) {
        throw new AssertionError(id() + " can't be repaired", e);
      }
      beginAnew(log);
    }
  }

  /** The damage was given up; a new core knows of it. */
  private void beginAnew(SegmentedReplicaLog log) {
    run++;
    noteCalls();
    group.repairs++;
    begin(log);
  }

  private void noteCalls() {
    FailingReplicaLog mayFail = failing;
    if (mayFail != null) {
      mayFail.calls().forEach((name, count) -> group.calls().merge(name, count, Integer::sum));
    }
  }

  /** If it leads: records of clients in one batch; the group hears when they are acknowledged. */
  void clientAppends(List<String> bodies, QueueKey queue) {
    Replica running = replica;
    FailingReplicaLog mayFail = failing;
    if (running == null || mayFail == null || ledEpoch() == 0) {
      return;
    }
    ReplicaLog log = mayFail.asLog();
    try {
      for (String body : bodies) {
        ByteBuffer bytes = ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8));
        byte[] properties = MessageProperties.encode(Map.of(MessageProperties.KEYS, body));
        MessageDraft draft =
            MessageDraft.to(queue)
                .body(bytes, BodyCrc.of(bytes))
                .properties(properties, MessageProperties.tagHash(properties))
                .build();
        log.reserve(log.sizeOf(draft));
        log.append(draft, group.nowMs(), place);
        group.appended(this, body, queue, place.queueOffset, place.position);
      }
    } catch (LogFullException e) {
      // What fitted is appended.
    } catch (FailingReplicaLog.PowerFailure e) {
      group.crashed(this);
      return;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    endBatch(running, log);
  }

  /**
   * If it leads: says in the log that it may begin later, as whoever looks after old segments does,
   * and how far the queues had come that are silent since.
   */
  void beginLettingGo(Random random) {
    Replica running = replica;
    FailingReplicaLog mayFail = failing;
    if (running == null || mayFail == null || ledEpoch() == 0) {
      return;
    }
    ReplicaLog log = mayFail.asLog();
    List<Long> ends =
        log.reader().fullSegments().stream()
            .map(SegmentSpan::endPosition)
            .filter(end -> end <= running.core().commit())
            .toList();
    if (ends.isEmpty()) {
      return;
    }
    long start = ends.get(random.nextInt(ends.size()));
    SilentQueues.Drop drop =
        new SilentQueues.Drop(start, 0); // by agreement alone: no clock is real
    try {
      for (MessageDraft draft :
          SilentQueues.drafts(drop, log.reader().queuesSilentFrom(start), LIST_BYTES_MAX)) {
        log.reserve(log.sizeOf(draft));
        log.append(draft, group.nowMs(), place);
      }
      group.listed(start);
      toLetGo = new ToLetGo(ledEpoch(), place.position, start);
    } catch (LogFullException e) {
      // A list without its end says nothing.
    } catch (FailingReplicaLog.PowerFailure e) {
      group.crashed(this);
      return;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    endBatch(running, log);
  }

  /** Whether its list of silent queues is committed, and nothing was dropped for it yet. */
  boolean hasListed(long commit) {
    return toLetGo != null && commit > toLetGo.listAt();
  }

  /** Drops what is below the start that it listed, if it still leads. */
  void letGoWhatIsListed() {
    ToLetGo listed = toLetGo;
    FailingReplicaLog mayFail = failing;
    toLetGo = null;
    if (listed != null && mayFail != null && ledEpoch() == listed.epoch()) {
      try {
        mayFail.asLog().dropBelow(listed.start());
      } catch (LogFullException e) {
        // It stays for now.
      } catch (FailingReplicaLog.PowerFailure e) {
        group.crashed(this);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  private void endBatch(Replica running, ReplicaLog log) {
    try {
      log.endBatch();
    } catch (FailingReplicaLog.PowerFailure e) {
      group.crashed(this);
      return;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    running.appended(log.reader().writtenPosition());
    work(running);
  }

  /** The process ends, and with the power also what was not flushed may be gone. */
  void crash(boolean powerFails, Random random) {
    SegmentedReplicaLog log = files;
    if (log == null) {
      return;
    }
    noteCalls();
    run++;
    files = null;
    failing = null;
    replica = null;
    long flushed = log.reader().flushedPosition();
    Path before = folder;
    folder = group.newFolder();
    try {
      copy(before, folder);
      log.close();
      delete(before);
      if (powerFails) {
        losePages(folder.resolve("broker-0/log"), flushed, random);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  void stop() throws IOException {
    SegmentedReplicaLog log = files;
    if (log != null) {
      noteCalls();
      run++;
      files = null;
      failing = null;
      replica = null;
      log.close();
    }
  }

  /** Flips a bit of a frame, in a file that may be mapped. */
  void damage(long position) {
    try (Stream<Path> segments = Files.list(folder.resolve("broker-0/log"))) {
      for (Path segment : segments.filter(each -> each.toString().endsWith(".log")).toList()) {
        long base = Long.parseLong(segment.getFileName().toString().substring(0, 20));
        if (base <= position && position < base + Files.size(segment)) {
          try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            file.seek(position - base);
            int was = file.read();
            file.seek(position - base);
            file.write(was ^ 0x20);
          }
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (DirectoryStream<Path> all = Files.newDirectoryStream(from)) {
      for (Path file : all) {
        Path target = to.resolve(file.getFileName().toString());
        if (Files.isDirectory(file)) {
          copy(file, target);
        } else if (!file.toString().endsWith(".new")) { // comes and goes, and is read by nobody
          copyIfThere(file, target);
        }
      }
    }
  }

  /** Files of old segments go while nobody looks. */
  private static void copyIfThere(Path file, Path target) throws IOException {
    try {
      Files.copy(file, target);
    } catch (NoSuchFileException e) {
      Files.deleteIfExists(target);
    }
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Of what was not flushed any page may be missing or half written. */
  private static void losePages(Path log, long flushed, Random random) throws IOException {
    try (Stream<Path> files = Files.list(log)) {
      for (Path segment :
          files.filter(each -> each.toString().endsWith(".log")).sorted().toList()) {
        long base = Long.parseLong(segment.getFileName().toString().substring(0, 20));
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
          long from = Math.max(0, flushed - base);
          long end = Math.min(file.length(), from + (64 << 10));
          while (from < end) {
            long pageEnd = Math.min(end, (from / PAGE_BYTES + 1) * PAGE_BYTES);
            if (random.nextInt(3) == 0) {
              byte[] lost = new byte[(int) (pageEnd - from)];
              if (random.nextBoolean()) {
                random.nextBytes(lost);
              }
              file.seek(from);
              file.write(lost);
            }
            from = pageEnd;
          }
        }
      }
    }
  }
}
