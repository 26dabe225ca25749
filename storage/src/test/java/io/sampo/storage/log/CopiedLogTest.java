package io.sampo.storage.log;

import static io.sampo.storage.log.Drafts.append;
import static io.sampo.storage.log.Drafts.appendBatch;
import static io.sampo.storage.log.Drafts.bodies;
import static io.sampo.storage.log.Drafts.draft;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.record.QueueKey;
import io.sampo.storage.recovery.LogStart;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log of several segments, and copies of it that are made frame by frame. */
class CopiedLogTest {
  private static final int SEGMENT_BYTES = 64 << 10;
  private static final QueueKey ORDERS = new QueueKey("orders", 0);
  private static final QueueKey LATE = new QueueKey("only in the last segment", 1);

  @TempDir(factory = InMemory.class)
  Path folder;

  private SegmentedLog source;

  @BeforeEach
  void writeThreeSegments() throws IOException {
    source = open("source", SEGMENT_BYTES, new LocalDisk());
    source.beginEpoch(1);
    source.appendMembership(content("a, b and c"));
    int count = 0;
    while (source.writtenPosition() < 2 * SEGMENT_BYTES + 10_000) {
      if (source.writtenPosition() > SEGMENT_BYTES && source.epoch() == 1) {
        source.beginEpoch(4);
        source.appendMembership(content("a and b"));
      }
      append(source, draft(ORDERS, count + "x".repeat(count % 700), "tag" + count % 3), 1_000);
      if (source.writtenPosition() > 2 * SEGMENT_BYTES) {
        append(source, draft(LATE, "late"), 1_000 + count);
      }
      source.endBatch();
      count++;
    }
  }

  @AfterEach
  void close() throws IOException {
    source.close();
  }

  private SegmentedLog open(String name, int segmentBytes, SegmentDisk disk) throws IOException {
    return SegmentedLog.open(
        new LogSettings(folder.resolve(name), segmentBytes, 16 << 10, 8 << 10), disk);
  }

  private static ByteBuffer content(String what) {
    return ByteBuffer.wrap(what.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void aCopyHasTheSameFramesQueuesAndSegmentsAlsoAfterAReopening() throws IOException {
    for (int bytesMax : new int[] {1, 3_000, 1 << 20}) {
      String name = "copy-" + bytesMax;
      try (SegmentedLog copy = open(name, SEGMENT_BYTES, new LocalDisk())) {
        Copies.catchUp(source, copy, () -> bytesMax);
        assertIsCopy(copy);
      }
      try (SegmentedLog copy = open(name, SEGMENT_BYTES, new LocalDisk())) {
        assertIsCopy(copy);
      }
      assertThat(names(name)).isEqualTo(names("source"));
    }
  }

  private List<String> names(String log) throws IOException {
    return LogFiles.withSuffix(folder.resolve(log), ".log").stream()
        .map(file -> file.getFileName().toString())
        .toList();
  }

  private void assertIsCopy(SegmentedLog copy) throws IOException {
    Copies.assertSame(copy, source);
    assertThat(copy.queues()).containsExactlyInAnyOrderElementsOf(source.queues());
    for (QueueKey queue : source.queues()) {
      assertThat(bodies(copy, queue)).isEqualTo(bodies(source, queue));
    }
    assertThat(copy.memberships()).hasSize(2);
    assertThat(copy.epochs().size()).isEqualTo(2);
  }

  @Test
  void aCopyTakesTheLengthOfItsSegmentsFromTheSource() throws IOException {
    for (int ownBytes : new int[] {SEGMENT_BYTES, 2 * SEGMENT_BYTES, 16 * SEGMENT_BYTES}) {
      String name = "own-" + ownBytes;
      try (SegmentedLog copy = open(name, ownBytes, new LocalDisk())) {
        Copies.catchUp(source, copy, () -> 5_000);
        assertIsCopy(copy);
      }
      for (Path file : LogFiles.withSuffix(folder.resolve(name), ".log")) {
        assertThat(Files.size(file)).isEqualTo(SEGMENT_BYTES);
      }
    }
  }

  @Test
  void aCopyOfLongerSegmentsThanItsOwnHasLongerSegments() throws IOException {
    try (SegmentedLog longer = open("longer", 4 * SEGMENT_BYTES, new LocalDisk());
        SegmentedLog copy = open("copy", SEGMENT_BYTES, new LocalDisk())) {
      longer.beginEpoch(2);
      for (int i = 0; i < 500; i++) {
        appendBatch(longer, ORDERS, i + "y".repeat(1_000));
      }
      Copies.catchUp(longer, copy, () -> 100_000);
      Copies.assertSame(copy, longer);
      copy.beginEpoch(3);
      appendBatch(copy, ORDERS, "its own");
      Copies.catchUp(copy, longer, () -> 1);
      Copies.assertSame(longer, copy);
    }
  }

  @Test
  void aCopyGoesOnByItselfAndTheSourceFollowsIt() throws IOException {
    try (SegmentedLog copy = open("copy", SEGMENT_BYTES, new LocalDisk())) {
      Copies.catchUp(source, copy, () -> 5_000);
      copy.beginEpoch(7);
      while (copy.writtenPosition() < 4 * SEGMENT_BYTES) {
        appendBatch(copy, ORDERS, "z".repeat(5_000));
      }
      Copies.catchUp(copy, source, () -> 9_000);
      assertIsCopyOf(source, copy);
    }
  }

  private static void assertIsCopyOf(SegmentedLog one, SegmentedLog other) throws IOException {
    Copies.assertSame(one, other);
    assertThat(bodies(one, ORDERS)).isEqualTo(bodies(other, ORDERS));
  }

  @Test
  void onAFullDiskNothingIsAppendedAndItGoesOnWhenThereIsRoom() throws IOException {
    MoodyDisk disk = new MoodyDisk();
    try (SegmentedLog copy = open("copy", SEGMENT_BYTES, disk)) {
      int refused = 0;
      disk.roomBytes = 0;
      while (copy.writtenPosition() < source.writtenPosition()) {
        long end = copy.writtenPosition();
        long offset = copy.queue(ORDERS).nextOffset();
        FrameRun run = Copies.next(source, end, 20_000);
        try {
          copy.appendFrames(run);
        } catch (LogFullException e) {
          refused++;
          assertThat(copy.writtenPosition()).isEqualTo(end);
          assertThat(copy.queue(ORDERS).nextOffset()).isEqualTo(offset);
          disk.roomBytes = 24 << 10;
        }
      }
      assertThat(refused).isGreaterThan(3);
      assertIsCopy(copy);
    }
  }

  @Test
  void whatIsDamagedOnTheWayIsNotTaken() throws IOException {
    FrameRun run = Copies.next(source, 0, 600);
    int length = run.bytes().remaining();
    for (int at = 0; at < length; at++) {
      ByteBuffer received = ByteBuffer.allocate(length).put(run.bytes()).flip();
      received.put(at, (byte) (received.get(at) ^ 4));
      FrameRun taken = null;
      try {
        taken = FrameRun.check(0, received);
      } catch (CorruptLogException e) {
        assertThat(e.position()).isBetween(0L, run.endPosition());
      }
      // The gap between two frames is nobody's, and isn't copied.
      assertThat(taken == null || isGap(run, at)).as("byte %d", at).isTrue();
    }
    assertThatThrownBy(() -> FrameRun.check(8, run.bytes()))
        .isInstanceOf(CorruptLogException.class);
    for (int cut = 1; cut < BatchFrame.HEADER_BYTES; cut++) {
      ByteBuffer received = run.bytes().limit(length - cut);
      assertThatThrownBy(() -> FrameRun.check(0, received)).isInstanceOf(CorruptLogException.class);
    }
  }

  private static boolean isGap(FrameRun run, int at) {
    ByteBuffer bytes = run.bytes();
    int frame = 0;
    while (frame + FrameRun.sizeBytes(bytes, frame) <= at) {
      frame += FrameRun.sizeBytes(bytes, frame);
    }
    return at >= frame + BatchFrame.length(bytes, frame);
  }

  @Test
  void framesThatDoNotFollowAreRefused() throws IOException {
    try (SegmentedLog copy = open("copy", SEGMENT_BYTES, new LocalDisk())) {
      FrameRun first = Copies.next(source, 0, 1);
      FrameRun second = Copies.next(source, first.endPosition(), 1);
      assertThatThrownBy(() -> copy.appendFrames(second))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("can't follow a log that ends at 0");
      copy.beginEpoch(1);
      assertThatThrownBy(() -> copy.appendFrames(first))
          .isInstanceOf(IllegalArgumentException.class);
      copy.beginEpoch(2); // as long as the membership frame isn't
      FrameRun older = Copies.next(source, second.endPosition(), 1);
      assertThatThrownBy(() -> copy.appendFrames(older))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(copy.writtenPosition()).isEqualTo(2 * BatchFrame.HEADER_BYTES);
    }
  }

  @Test
  void aDamagedFrameIsNotReadAndSaysWhereItIs() throws IOException {
    List<Long> boundaries = Copies.boundaries(source);
    source.close();
    long damaged = boundaries.get(7);
    LogFiles.flip(LogFiles.segment(folder.resolve("source"), 0), (int) damaged + 60);
    source = open("source", SEGMENT_BYTES, new LocalDisk());
    assertThat(source.readFrames(0, source.writtenPosition(), 1 << 20).endPosition())
        .isEqualTo(damaged);
    assertThatThrownBy(() -> source.readFrames(damaged, source.writtenPosition(), 1))
        .isInstanceOfSatisfying(
            CorruptLogException.class, e -> assertThat(e.position()).isEqualTo(damaged));
    source.cutTo(damaged);
    assertThat(source.writtenPosition()).isEqualTo(damaged);
  }

  @Test
  void aCopyMayBeginWithAnySegment() throws IOException {
    for (long base : new long[] {SEGMENT_BYTES, 2 * SEGMENT_BYTES}) {
      Path path = folder.resolve("late-" + base);
      LogSettings settings = new LogSettings(path, SEGMENT_BYTES, 16 << 10, 8 << 10);
      LogStart start =
          new LogStart(base, source.epochs().epochAt(base - 1), content("whoever it was"));
      long first = firstOffsetFrom(base);
      try (SegmentedLog copy = SegmentedLog.open(settings)) {
        Copies.catchUp(source, copy, () -> 5_000); // dropped
        copy.resetTo(start);
        assertThat(copy.writtenPosition()).isEqualTo(base);
        assertThat(copy.epoch()).isEqualTo(start.epoch());
        assertThat(copy.queues()).isEmpty();
        Copies.catchUp(source, copy, () -> 5_000);
        assertBeginsLate(copy, base, first);
      }
      for (int i = 0; i < 2; i++) { // with index files, and without
        try (SegmentedLog copy = SegmentedLog.open(settings)) {
          assertThat(copy.start()).isEqualTo(start);
          assertBeginsLate(copy, base, first);
        }
        for (Path index : LogFiles.withSuffix(path, ".index")) {
          Files.delete(index);
        }
      }
    }
  }

  private long firstOffsetFrom(long base) {
    long[] first = {-1};
    source
        .queue(ORDERS)
        .scan(
            0,
            Long.MAX_VALUE,
            (offset, position, sizeBytes, tagHash) -> {
              first[0] = position >= base ? offset : -1;
              return first[0] < 0;
            });
    return first[0];
  }

  private void assertBeginsLate(SegmentedLog copy, long base, long first) throws IOException {
    assertThat(copy.startPosition()).isEqualTo(base);
    assertThat(copy.writtenPosition()).isEqualTo(source.writtenPosition());
    assertThat(copy.queue(ORDERS).firstOffset()).isEqualTo(first);
    assertThat(copy.queue(ORDERS).nextOffset()).isEqualTo(source.queue(ORDERS).nextOffset());
    List<String> all = bodies(source, ORDERS);
    assertThat(bodies(copy, ORDERS)).isEqualTo(all.subList((int) first, all.size()));
    assertThat(bodies(copy, LATE)).isEqualTo(bodies(source, LATE));
    assertThat(copy.memberships())
        .isEqualTo(
            source.memberships().stream().filter(each -> each.endPosition() > base).toList());
  }
}
