package io.sampo.storage.log;

import static io.sampo.storage.log.Drafts.append;
import static io.sampo.storage.log.Drafts.appendBatch;
import static io.sampo.storage.log.Drafts.bodies;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.record.BodyCrc;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.QueueKey;
import io.sampo.storage.keys.KeyQuery;
import io.sampo.storage.recovery.LogStart;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log of three segments that is cut at every place, and stopped at every step of a cut. */
class CutLogTest {
  private static final int SEGMENT_BYTES = 64 << 10;
  private static final QueueKey ORDERS = new QueueKey("orders", 0);
  private static final QueueKey LATE = new QueueKey("only in the last segment", 1);

  @TempDir(factory = InMemory.class)
  Path folder;

  private SegmentedLog whole;
  private List<Long> boundaries = List.of();
  private int runs;

  @BeforeEach
  void writeThreeSegments() throws IOException {
    whole = open(folder.resolve("whole"), new LocalDisk());
    whole.beginEpoch(1);
    int count = 0;
    while (whole.writtenPosition() < 2 * SEGMENT_BYTES + 10_000) {
      if (count % 20 == 5) {
        whole.beginEpoch(1 + count);
        whole.appendMembership(ByteBuffer.wrap(new byte[] {(byte) count, 1, 2}));
      }
      append(whole, draft(ORDERS, count), 1_000 + count);
      if (whole.writtenPosition() > 2 * SEGMENT_BYTES) {
        append(whole, draft(LATE, count), 1_000 + count);
      }
      whole.endBatch();
      if (count % 7 == 0) {
        whole.flush();
      }
      count++;
    }
    whole.flush();
    boundaries = Copies.boundaries(whole);
  }

  private static MessageDraft draft(QueueKey queue, int number) {
    ByteBuffer body =
        ByteBuffer.wrap((number + "x".repeat(1_500)).getBytes(StandardCharsets.UTF_8));
    byte[] properties = MessageProperties.encode(Map.of(MessageProperties.KEYS, "key" + number));
    return MessageDraft.to(queue)
        .body(body, BodyCrc.of(body))
        .properties(properties, MessageProperties.tagHash(properties))
        .build();
  }

  @AfterEach
  void close() throws IOException {
    whole.close();
  }

  private static SegmentedLog open(Path path, SegmentDisk disk) throws IOException {
    return SegmentedLog.open(new LogSettings(path, SEGMENT_BYTES, 16 << 10, 8 << 10), disk);
  }

  private Path copy() throws IOException {
    return LogFiles.copy(folder.resolve("whole"), folder.resolve("copy-" + runs++));
  }

  /** Everything that a reader can see is what was there up to the cut. */
  private void assertCutAt(SegmentedLog log, long cut) throws IOException {
    assertThat(log.writtenPosition()).isEqualTo(cut);
    Copies.assertSameUpTo(log, whole, cut);
    for (QueueKey queue : List.of(ORDERS, LATE)) {
      List<String> expected = new ArrayList<>();
      whole
          .queue(queue)
          .scan(
              0,
              Long.MAX_VALUE,
              (offset, position, sizeBytes, tagHash) -> {
                if (position < cut) {
                  expected.add(Drafts.body(whole, queue, offset, position, sizeBytes));
                }
                return true;
              });
      assertThat(bodies(log, queue)).isEqualTo(expected);
      assertThat(log.queues().contains(queue)).isEqualTo(!expected.isEmpty());
      QueueView view = log.queue(queue);
      for (long time : new long[] {0, 1_001, 1_020, 9_999}) {
        assertThat(view.offsetAtOrAfter(time, view.nextOffset()))
            .isEqualTo(whole.queue(queue).offsetAtOrAfter(time, view.nextOffset()));
      }
    }
  }

  @Test
  void isWhatItWasWhereverItIsCut() throws IOException {
    for (long cut : boundaries) {
      Path path = copy();
      try (SegmentedLog log = open(path, new LocalDisk())) {
        QueueView held = log.queue(ORDERS);
        log.cutTo(cut);
        assertThat(log.flushedPosition()).isEqualTo(cut);
        assertCutAt(log, cut);
        assertZerosBehind(path, cut);
        assertCutAt(reopened(path), cut);
        // It goes on as if there had never been more.
        log.beginEpoch(log.epoch() + 1);
        appendBatch(log, ORDERS, "after the cut");
        log.flush();
        assertThat(held.nextOffset()).isEqualTo(bodies(log, ORDERS).size());
        assertThat(bodies(log, ORDERS)).last().isEqualTo("after the cut");
        try (SegmentedLog again = reopened(path)) {
          Copies.assertSame(again, log);
          assertThat(bodies(again, ORDERS)).isEqualTo(bodies(log, ORDERS));
        }
      }
      LogFiles.delete(path);
    }
  }

  private SegmentedLog reopened(Path path) throws IOException {
    SegmentedLog log =
        open(LogFiles.copy(path, folder.resolve("again-" + runs++)), new LocalDisk());
    log.close();
    return open(folder.resolve("again-" + (runs - 1)), new LocalDisk());
  }

  private static void assertZerosBehind(Path path, long cut) throws IOException {
    for (Path segment : LogFiles.withSuffix(path, ".log")) {
      long base = LogDirectory.basePosition(segment);
      assertThat(base).isLessThanOrEqualTo(cut);
      if (base + SEGMENT_BYTES > cut) {
        assertThat(LogFiles.read(segment, (int) (cut - base), SEGMENT_BYTES)).containsOnly(0);
        assertThat(segment.resolveSibling("%020d.index".formatted(base))).doesNotExist();
        assertThat(segment.resolveSibling("%020d.keys".formatted(base))).doesNotExist();
      }
    }
  }

  @Test
  void isCutAgainAndAgainAndGrowsInBetween() throws IOException {
    Path path = copy();
    try (SegmentedLog log = open(path, new LocalDisk())) {
      Random random = new Random(3);
      for (int round = 0; round < 60; round++) {
        long cut = boundaries.get(random.nextInt(boundaries.size()));
        if (cut <= log.writtenPosition()) {
          log.cutTo(cut);
          assertCutAt(log, cut);
          if (random.nextInt(4) == 0) {
            log.beginEpoch(1_000 + round); // diverges
            appendBatch(log, LATE, "diverged");
            log.cutTo(cut);
            assertCutAt(log, cut);
          }
        }
        Copies.catchUp(whole, log, () -> 1 + random.nextInt(50_000));
        assertCutAt(log, whole.writtenPosition());
      }
    }
  }

  @Test
  void messagesAreFoundByTheKeysThatAreLeft() throws IOException {
    Path path = copy();
    try (SegmentedLog log = open(path, new LocalDisk())) {
      long cut = boundaries.get(boundaries.size() / 2);
      assertThat(found(log, 1)).isEqualTo(1);
      long last = whole.queue(LATE).nextOffset() + whole.queue(ORDERS).nextOffset();
      int newest = (int) (whole.queue(ORDERS).nextOffset() - 1);
      assertThat(last).isPositive();
      assertThat(found(log, newest)).isEqualTo(1);
      log.cutTo(cut);
      assertThat(found(log, newest)).isZero();
      assertThat(found(log, 1)).isEqualTo(1);
      Copies.catchUp(whole, log, () -> 10_000);
      assertThat(found(log, newest)).isEqualTo(1);
    }
  }

  private static int found(SegmentedLog log, int number) throws IOException {
    KeyQuery query = new KeyQuery("orders", "key" + number, false, 0, Long.MAX_VALUE, 10);
    return log.find(query, log.writtenPosition(), () -> false).count();
  }

  @Test
  void isOnlyCutWhereAFrameStarts() throws IOException {
    Path path = copy();
    try (SegmentedLog log = open(path, new LocalDisk())) {
      for (long cut : new long[] {-1, 8, boundaries.get(5) + 8, log.writtenPosition() + 8}) {
        assertThatThrownBy(() -> log.cutTo(cut)).isInstanceOf(IllegalArgumentException.class);
      }
      assertCutAt(log, whole.writtenPosition());
    }
  }

  @Test
  void slicesOfWhatWasCutStayMapped() throws IOException {
    Path path = copy();
    try (SegmentedLog log = open(path, new LocalDisk())) {
      LogSlice inLast = log.slice(2 * SEGMENT_BYTES, 100);
      LogSlice inFirst = log.slice(0, 100);
      assertThat(inLast).isNotNull();
      assertThat(inFirst).isNotNull();
      log.cutTo(boundaries.get(3));
      try (inLast;
          inFirst) {
        int sum = 0;
        for (int i = 0; i < 100; i++) {
          sum += inLast.bytes().get(i);
        }
        assertThat(sum).isNotZero(); // its file was deleted, not overwritten
        assertThat(inFirst.bytes().get(0)).isNotZero(); // below the cut nothing changes
      }
      assertThat(log.slice(boundaries.get(3) - 50, 50)).isNotNull();
    }
  }

  @Test
  void aStopAtAnyStepLeavesAllOrNothing() throws IOException {
    int last = boundaries.size() - 1;
    for (int at : new int[] {0, 3, last / 3, last / 2, last - 2}) {
      long cut = boundaries.get(at);
      assertAllOrNothing(cut, log -> log.cutTo(cut), log -> assertCutAt(log, cut));
    }
    for (long cut : new long[] {SEGMENT_BYTES, 2 * SEGMENT_BYTES}) {
      assertAllOrNothing(cut, log -> log.cutTo(cut), log -> assertCutAt(log, cut));
    }
  }

  @Test
  void aStopAtAnyStepOfAResetLeavesAllOrNothing() throws IOException {
    for (long base : new long[] {0, SEGMENT_BYTES, 1 << 20}) {
      LogStart start = new LogStart(base, 3, ByteBuffer.wrap(new byte[] {1, 2, 3}));
      assertAllOrNothing(
          -1,
          log -> log.resetTo(start),
          log -> {
            assertThat(log.start()).isEqualTo(start);
            assertThat(log.startPosition()).isEqualTo(base);
            assertThat(log.writtenPosition()).isEqualTo(base);
            assertThat(log.flushedPosition()).isEqualTo(base);
            assertThat(log.epoch()).isEqualTo(3);
            assertThat(log.memberships()).isEmpty();
            assertThat(log.queues()).isEmpty();
          });
    }
  }

  /** Something done to a log, or found of it. */
  @FunctionalInterface
  private interface Deed {
    void to(SegmentedLog log) throws IOException;
  }

  private void assertAllOrNothing(long cut, Deed deed, Deed done) throws IOException {
    Path path = copy();
    List<Path> stopped = new ArrayList<>();
    StepDisk disk = new StepDisk();
    try (SegmentedLog log = open(path, disk)) {
      stopped.add(LogFiles.copy(path, folder.resolve("stopped-" + runs++)));
      disk.watcher = step -> stopped.add(LogFiles.copy(path, folder.resolve("stopped-" + runs++)));
      deed.to(log);
      disk.watcher = step -> {};
      done.to(log);
      stopped.add(LogFiles.copy(path, folder.resolve("stopped-" + runs++)));
    }
    assertThat(stopped).hasSizeGreaterThan(4);
    for (int i = 0; i < stopped.size(); i++) {
      Path files = stopped.get(i);
      boolean decided = i > 0;
      boolean noted = Files.exists(files.resolve("cut"));
      assertThat(noted).isEqualTo(decided && i < stopped.size() - 2);
      for (int luck = 0; noted && luck < 4; luck++) {
        Path unlucky = LogFiles.copy(files, folder.resolve("unlucky-" + runs++));
        losePower(unlucky, cut, new Random(luck));
        assertFinished(unlucky, done);
      }
      if (decided) {
        assertFinished(files, done);
      } else {
        try (SegmentedLog log = open(files, new LocalDisk())) {
          assertCutAt(log, whole.writtenPosition());
        }
      }
    }
  }

  /**
   * As long as the note is there, what the cut did may have reached the disk in any order: files
   * that are deleted are there or not, the others have their old content or the new one.
   */
  private void losePower(Path files, long cut, Random random) throws IOException {
    for (Path before : LogFiles.withSuffix(folder.resolve("whole"), "")) {
      String name = before.getFileName().toString();
      if (name.matches("\\d{20}\\..*")) {
        Path now = files.resolve(name);
        if (random.nextBoolean()) {
          Files.copy(before, now, StandardCopyOption.REPLACE_EXISTING);
        }
        if (Long.parseLong(name.substring(0, 20)) > cut && random.nextBoolean()) {
          Files.deleteIfExists(now);
        }
      }
    }
  }

  private void assertFinished(Path files, Deed done) throws IOException {
    for (int opening = 0; opening < 2; opening++) {
      try (SegmentedLog log = open(files, new LocalDisk())) {
        done.to(log);
        assertThat(files.resolve("cut")).doesNotExist();
      }
    }
    LogFiles.delete(files);
  }

  @Test
  void aCutThatFailsHalfWayEndsTheLogAndTheNextOpeningFinishesIt() throws IOException {
    long cut = boundaries.get(9);
    for (int broken = 0; broken < 6; broken++) {
      int at = broken;
      Path path = copy();
      StepDisk disk = new StepDisk();
      SegmentedLog log = open(path, disk);
      disk.watcher =
          step -> {
            if (step == at) {
              throw new IOException("Input/output error");
            }
          };
      assertThatThrownBy(() -> log.cutTo(cut)).isInstanceOf(LogFailedException.class);
      assertThatThrownBy(() -> log.reserve(10)).isInstanceOf(LogFailedException.class);
      assertThatThrownBy(log::flush).isInstanceOf(LogFailedException.class);
      assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);
      try (SegmentedLog again = open(path, new LocalDisk())) {
        assertCutAt(again, cut);
      }
    }
  }

  @Test
  void aCutThatCannotBeNotedDoesNotHappen() throws IOException {
    Path path = copy();
    try (SegmentedLog log = open(path, new LocalDisk())) {
      Files.createDirectory(path.resolve("cut.new")); // in the way
      assertThatThrownBy(() -> log.cutTo(boundaries.get(2))).isInstanceOf(IOException.class);
      Files.delete(path.resolve("cut.new"));
      assertCutAt(log, whole.writtenPosition());
      appendBatch(log, ORDERS, "goes on");
      assertThat(bodies(log, ORDERS)).last().isEqualTo("goes on");
    }
  }

  @Test
  void anUnflushedTailIsCutToo() throws IOException {
    Path path = copy();
    try (SegmentedLog log = open(path, new LocalDisk())) {
      long flushed = log.flushedPosition();
      append(log, draft(ORDERS, 1), 2_000);
      log.endBatch();
      long end = log.writtenPosition();
      append(log, draft(ORDERS, 2), 2_000); // open
      log.cutTo(end);
      assertThat(log.writtenPosition()).isEqualTo(end);
      assertThat(log.flushedPosition()).isEqualTo(flushed);
      log.flush();
      log.cutTo(flushed);
      assertCutAt(log, flushed);
    }
  }
}
