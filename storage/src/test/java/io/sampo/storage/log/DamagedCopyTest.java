package io.sampo.storage.log;

import static io.sampo.storage.log.Drafts.append;
import static io.sampo.storage.log.Drafts.appendBatch;
import static io.sampo.storage.log.Drafts.bodies;
import static io.sampo.storage.log.Drafts.draft;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sampo.record.QueueKey;
import io.sampo.storage.recovery.LogStart;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A closed log of three segments, one of several copies, that lost something: whoever opens it is
 * told where, and has it cut there, or leaves it as it is.
 */
class DamagedCopyTest {
  private static final int SEGMENT_BYTES = 64 << 10;
  private static final QueueKey ORDERS = new QueueKey("orders", 0);
  private static final ByteBuffer FOUNDERS = ByteBuffer.wrap(new byte[] {1, 2});
  private static final ByteBuffer SUCCESSORS = ByteBuffer.wrap(new byte[] {2, 3});

  @TempDir(factory = InMemory.class)
  Path folder;

  private SegmentedLog whole;
  private List<Long> boundaries = List.of();
  private long successorsEnd;
  private int copies;

  @BeforeEach
  void writeThreeSegments() throws IOException {
    Path path = folder.resolve("whole");
    whole = open(path, SegmentedLog.DamageHandler.REFUSE);
    whole.beginEpoch(1);
    for (int count = 0; whole.writtenPosition() < 2 * SEGMENT_BYTES + 20_000; count++) {
      if (count == 30) {
        whole.appendMembership(SUCCESSORS);
        successorsEnd = whole.writtenPosition();
      }
      append(whole, draft(ORDERS, count + "x".repeat(1_400)), 1_000);
      whole.endBatch();
      whole.flush();
    }
    boundaries = Copies.boundaries(whole);
    whole.close();
    whole = open(LogFiles.copy(path, folder.resolve("kept")), SegmentedLog.DamageHandler.REFUSE);
  }

  @AfterEach
  void close() throws IOException {
    whole.close();
  }

  private static SegmentedLog open(Path path, SegmentedLog.DamageHandler handler)
      throws IOException {
    return SegmentedLog.open(
        new LogSettings(path, SEGMENT_BYTES, 16 << 10, 8 << 10),
        new LogStart(0, 0, FOUNDERS),
        handler);
  }

  private Path copy() throws IOException {
    return LogFiles.copy(folder.resolve("whole"), folder.resolve("copy-" + copies++));
  }

  private void deleteIndexes(Path path) throws IOException {
    for (Path index : LogFiles.withSuffix(path, ".index")) {
      Files.delete(index);
    }
  }

  /** Opens, and finds the log cut where the damage was. */
  private void assertCutAt(Path path, long expected) throws IOException {
    List<Long> told = new ArrayList<>();
    try (SegmentedLog log =
        open(
            path,
            (damage, membership) -> {
              told.add(damage.position());
              assertThat(membership).isEqualTo(expected < successorsEnd ? FOUNDERS : SUCCESSORS);
              assertThat(path.resolve("cut")).doesNotExist(); // nothing has happened yet
            })) {
      assertThat(told).containsExactly(expected);
      assertWholeUpTo(log, expected);
      Copies.catchUp(whole, log, () -> 20_000);
      assertWholeUpTo(log, whole.writtenPosition());
      assertThat(bodies(log, ORDERS)).isEqualTo(bodies(whole, ORDERS));
    }
    try (SegmentedLog log = open(path, SegmentedLog.DamageHandler.REFUSE)) {
      assertWholeUpTo(log, whole.writtenPosition());
    }
    LogFiles.delete(path);
  }

  private void assertWholeUpTo(SegmentedLog log, long end) throws IOException {
    assertThat(log.writtenPosition()).isEqualTo(end);
    Copies.assertSameUpTo(log, whole, end);
    List<String> all = bodies(whole, ORDERS);
    List<String> found = bodies(log, ORDERS);
    assertThat(found).isEqualTo(all.subList(0, found.size()));
  }

  @Test // nobody gets to the place from frame to frame
  void aCutBehindADamagedFrameIsToldWhereThatIs() throws IOException {
    Path path = copy();
    long damaged = boundaries.get(3);
    try (SegmentedLog log = open(path, SegmentedLog.DamageHandler.REFUSE)) {
      flipIn(path, damaged);

      CorruptLogException damage =
          assertThrows(CorruptLogException.class, () -> log.cutTo(boundaries.get(6)));

      assertThat(damage.position()).isEqualTo(damaged);
      assertThat(path.resolve("cut")).doesNotExist();
      log.cutTo(damaged);
      assertWholeUpTo(log, damaged);
    }
  }

  @Test
  void aDamagedFrameAnywhereIsWhereTheLogIsCut() throws IOException {
    for (int i = 0; i < boundaries.size() - 1; i += 3) {
      long frame = boundaries.get(i);
      Path path = copy();
      deleteIndexes(path); // so that all of it is read
      flipIn(path, frame + 20);
      assertCutAt(path, frame);
    }
  }

  private static void flipIn(Path path, long position) throws IOException {
    LogFiles.flip(
        LogFiles.segment(path, position / SEGMENT_BYTES * SEGMENT_BYTES),
        (int) (position % SEGMENT_BYTES));
  }

  @Test
  void ofSeveralDamagedFramesTheFirstOneCounts() throws IOException {
    Path path = copy();
    deleteIndexes(path);
    flipIn(path, boundaries.get(50) + 4);
    flipIn(path, boundaries.get(10) + 60);
    flipIn(path, boundaries.get(boundaries.size() - 2));
    assertCutAt(path, boundaries.get(10));
  }

  @Test
  void aMissingOrCutOffSegmentIsWhereTheLogIsCut() throws IOException {
    for (long base = 0; base < whole.writtenPosition(); base += SEGMENT_BYTES) {
      for (boolean indexed : new boolean[] {true, false}) {
        Path gone = copy();
        Files.delete(LogFiles.segment(gone, base));
        Path empty = copy();
        LogFiles.truncate(LogFiles.segment(empty, base), 0);
        if (!indexed) {
          deleteIndexes(gone);
          deleteIndexes(empty);
        }
        assertCutAt(gone, base);
        assertCutAt(empty, base);
      }
    }
  }

  @Test
  void aReplicaThatLostAllButItsCheckpointBeginsAnew() throws IOException {
    Path path = copy();
    for (Path file : LogFiles.withSuffix(path, ".log")) {
      Files.delete(file);
    }
    assertCutAt(path, 0);
  }

  @Test
  void whoRefusesFindsNothingChanged() throws IOException {
    Path path = copy();
    flipIn(path, boundaries.get(boundaries.size() - 3) + 30);
    byte[] before = Files.readAllBytes(LogFiles.segment(path, 2 * SEGMENT_BYTES));
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> open(path, SegmentedLog.DamageHandler.REFUSE))
          .isInstanceOf(CorruptLogException.class)
          .hasMessageContaining("position " + boundaries.get(boundaries.size() - 3));
      assertThatThrownBy(
              () ->
                  open(
                      path,
                      (damage, membership) -> {
                        throw new IOException("the pledge can't be written");
                      }))
          .hasMessage("the pledge can't be written");
    }
    assertThat(Files.readAllBytes(LogFiles.segment(path, 2 * SEGMENT_BYTES))).isEqualTo(before);
    assertThat(path.resolve("cut")).doesNotExist();
  }

  @Test
  void aDamagedStartIsRefusedToEverybody() throws IOException {
    for (String file : new String[] {"start", "flushed"}) {
      Path path = copy();
      LogFiles.flip(path.resolve(file), 14);
      assertThatThrownBy(() -> open(path, (damage, membership) -> {}))
          .isInstanceOf(CorruptLogException.class)
          .hasMessageContaining(path.resolve(file).toString());
    }
  }

  @Test
  void aLostStartIsRefusedWhenTheLogDoesNotBeginAtZero() throws IOException {
    Path path = copy();
    try (SegmentedLog log = open(path, SegmentedLog.DamageHandler.REFUSE)) {
      log.resetTo(new LogStart(SEGMENT_BYTES, 1, FOUNDERS));
      Copies.catchUp(whole, log, () -> 9_000);
    }
    Files.delete(path.resolve("start"));
    assertThatThrownBy(() -> open(path, (damage, membership) -> {}))
        .isInstanceOf(CorruptLogException.class)
        .hasMessageContaining("where the log begins");
  }

  @Test
  void aTornTailIsNoDamage() throws IOException {
    Path live = folder.resolve("live");
    Path torn = folder.resolve("torn");
    try (SegmentedLog log = open(live, SegmentedLog.DamageHandler.REFUSE)) {
      log.beginEpoch(1);
      log.flush();
      appendBatch(log, ORDERS, "not flushed");
      LogFiles.copy(live, torn);
    }
    LogFiles.flip(LogFiles.segment(torn, 0), BatchFrame.HEADER_BYTES + 60);
    try (SegmentedLog log = open(torn, SegmentedLog.DamageHandler.REFUSE)) {
      assertThat(log.writtenPosition()).isEqualTo(BatchFrame.HEADER_BYTES);
    }
  }
}
