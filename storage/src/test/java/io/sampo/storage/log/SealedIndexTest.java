package io.sampo.storage.log;

import static io.sampo.storage.log.Drafts.append;
import static io.sampo.storage.log.Drafts.appendBatch;
import static io.sampo.storage.log.Drafts.bodies;
import static io.sampo.storage.log.Drafts.draft;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.record.QueueKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A closed log of several segments, its index files lost or damaged in every way. */
class SealedIndexTest {
  private static final int SEGMENT_BYTES = 64 << 10;
  private static final QueueKey ORDERS = new QueueKey("orders", 0);
  private static final QueueKey EARLY = new QueueKey("only in the first segment", 1);
  private static final QueueKey LATE = new QueueKey("only in the last segments", 2);

  @TempDir Path folder;

  private final List<String> orders = new ArrayList<>();

  @BeforeEach
  void writeFiveSegments() throws IOException {
    try (SegmentedLog log = open()) {
      log.beginEpoch(3);
      appendBatch(log, EARLY, "early");
      while (log.writtenPosition() < 4 * SEGMENT_BYTES) {
        if (log.writtenPosition() > 2 * SEGMENT_BYTES) {
          if (log.epoch() == 3) {
            log.beginEpoch(4);
          }
          append(log, draft(LATE, "late"), 1_000);
        }
        orders.add(orders.size() + "x".repeat(500));
        append(log, draft(ORDERS, orders.get(orders.size() - 1)), 1_000);
        log.endBatch();
      }
    }
    assertThat(LogFiles.withSuffix(folder, ".index")).hasSize(4);
  }

  private SegmentedLog open() throws IOException {
    return SegmentedLog.open(new LogSettings(folder, SEGMENT_BYTES, 8 << 10, 8 << 10));
  }

  private void assertAllThere(SegmentedLog log) {
    assertThat(bodies(log, ORDERS)).isEqualTo(orders);
    assertThat(bodies(log, EARLY)).containsExactly("early");
    assertThat(bodies(log, LATE)).hasSizeGreaterThan(100).containsOnly("late");
    assertThat(log.epoch()).isEqualTo(4);
    assertThat(log.epochs().epochAt(log.writtenPosition() - 1)).isEqualTo(4);
    assertThat(log.epochs().epochAt(SEGMENT_BYTES)).isEqualTo(3);
  }

  @Test
  void indexesOfSealedSegmentsAreReadFromTheirFiles() throws IOException {
    try (SegmentedLog log = open()) {
      // The segments' own bytes are not looked at: damage there isn't noticed by the index.
      LogFiles.flip(LogFiles.segment(folder, 0), 100);
      long[] visited = {0};
      log.queue(ORDERS)
          .scan(
              0,
              50,
              (offset, position, sizeBytes, tagHash) -> {
                visited[0]++;
                return true;
              });
      assertThat(visited[0]).isEqualTo(50);
    }
  }

  @Test
  void anyLostOrDamagedIndexIsMadeAnewFromItsSegment() throws IOException {
    for (int lost = 0; lost < 4; lost++) {
      for (int way = 0; way < 4; way++) {
        Path index = LogFiles.withSuffix(folder, ".index").get(lost);
        byte[] original = Files.readAllBytes(index);
        switch (way) {
          case 0 -> Files.delete(index);
          case 1 -> LogFiles.flip(index, (int) Files.size(index) / 2);
          case 2 -> Files.write(index, new byte[0]);
          default -> Files.write(index, java.util.Arrays.copyOf(original, original.length - 20));
        }
        try (SegmentedLog log = open()) {
          assertAllThere(log);
        }
        assertThat(Files.readAllBytes(index)).isEqualTo(original);
      }
    }
  }

  @Test
  void allIndexesLostAreMadeAnew() throws IOException {
    for (Path index : LogFiles.withSuffix(folder, ".index")) {
      Files.delete(index);
    }
    try (SegmentedLog log = open()) {
      assertAllThere(log);
    }
    assertThat(LogFiles.withSuffix(folder, ".index")).hasSize(4);
  }

  @Test
  void indexesLostWhileTheLogIsOpenAreMadeAnewWhenNeeded() throws IOException {
    try (SegmentedLog log = open()) {
      for (Path index : LogFiles.withSuffix(folder, ".index")) {
        Files.delete(index);
      }
      assertAllThere(log);
      assertThat(LogFiles.withSuffix(folder, ".index")).hasSize(4);
    }
  }

  @Test
  void anIndexOfAnotherSegmentIsNotTaken() throws IOException {
    List<Path> indexes = LogFiles.withSuffix(folder, ".index");
    Files.write(indexes.get(1), Files.readAllBytes(indexes.get(2)));
    try (SegmentedLog log = open()) {
      assertAllThere(log);
    }
  }

  @Test
  void aDamagedSegmentWhoseIndexIsLostIsReportedToWhoeverReadsIt() throws IOException {
    try (SegmentedLog log = open()) {
      Files.delete(LogFiles.withSuffix(folder, ".index").get(1));
      LogFiles.flip(LogFiles.segment(folder, SEGMENT_BYTES), 1_000);
      assertThatThrownBy(() -> bodies(log, ORDERS))
          .isInstanceOf(UncheckedIOException.class)
          .hasCauseInstanceOf(CorruptLogException.class)
          .hasMessageContaining(LogFiles.segment(folder, SEGMENT_BYTES).toString());
      // At the end of the log everything goes on.
      long offset = appendBatch(log, LATE, "later").queueOffset;
      assertThat(
              log.queue(LATE)
                  .scan(offset, offset + 1, (at, position, sizeBytes, tagHash) -> sizeBytes > 0))
          .isEqualTo(offset + 1);
    }
  }

  @Test
  void aDamagedSealedSegmentWithoutAnIndexIsRefusedAtTheStart() throws IOException {
    Files.delete(LogFiles.withSuffix(folder, ".index").get(3));
    LogFiles.flip(LogFiles.segment(folder, 3 * SEGMENT_BYTES), 1_000);
    LogFiles.forgetCheckpoint(folder);
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptLogException.class)
        .hasMessageContaining(LogFiles.segment(folder, 3 * SEGMENT_BYTES).toString())
        .hasMessageContaining("expected");
  }

  @Test
  void aMissingSegmentIsNoticed() throws IOException {
    Path middle = LogFiles.segment(folder, 2 * SEGMENT_BYTES);
    Path aside = folder.resolve("aside");
    Files.move(middle, aside);
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptLogException.class)
        .hasMessageContaining("expected the segment of position " + 2 * SEGMENT_BYTES);
    Files.move(aside, middle);
    Path last = LogFiles.segment(folder, 4 * SEGMENT_BYTES);
    Files.move(last, aside);
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptLogException.class)
        .hasMessageContaining("expected the segment of position " + 4 * SEGMENT_BYTES);
    LogFiles.forgetCheckpoint(folder); // the index of the one before it tells as well
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptLogException.class)
        .hasMessageContaining("is sealed");
    Files.move(aside, last);
    try (SegmentedLog log = open()) {
      assertAllThere(log);
    }
  }

  @Test
  void aSegmentOfTheWrongLengthIsNoticed() throws IOException {
    Path second = LogFiles.segment(folder, SEGMENT_BYTES);
    Files.write(second, LogFiles.read(second, 0, SEGMENT_BYTES / 2));
    assertThatThrownBy(this::open).isInstanceOf(CorruptLogException.class);
    Files.write(second, new byte[0]);
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptLogException.class)
        .hasMessageContaining("found 0 bytes");
  }

  @Test
  void segmentsKeepTheirLengthWhenTheSettingChanges() throws IOException {
    LogSettings larger = new LogSettings(folder, 2 * SEGMENT_BYTES, 8 << 10, 8 << 10);
    try (SegmentedLog log = SegmentedLog.open(larger)) {
      long end = log.writtenPosition() + 3 * SEGMENT_BYTES;
      while (log.writtenPosition() < end) {
        orders.add(orders.size() + "y".repeat(500));
        appendBatch(log, ORDERS, orders.get(orders.size() - 1));
      }
      assertAllThere(log);
    }
    assertThat(Files.size(LogFiles.segment(folder, 5 * SEGMENT_BYTES)))
        .isEqualTo(2 * SEGMENT_BYTES);
    try (SegmentedLog log = open()) {
      assertAllThere(log);
    }
  }
}
