package io.sampo.storage.log;

import static io.sampo.storage.log.Drafts.append;
import static io.sampo.storage.log.Drafts.appendBatch;
import static io.sampo.storage.log.Drafts.bodies;
import static io.sampo.storage.log.Drafts.draft;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.storage.recovery.LogStart;
import io.sampo.storage.recovery.LogStartFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that loses its beginning: what is found afterwards, by whom, and after which crash. */
class DroppedSegmentsTest {
  private static final int SEGMENT_BYTES = 64 << 10;
  private static final QueueKey QUIET = new QueueKey("quiet", 0);
  private static final QueueKey BUSY = new QueueKey("busy", 0);

  @TempDir Path folder;

  private static SegmentedLog open(Path folder) throws IOException {
    return SegmentedLog.open(new LogSettings(folder, SEGMENT_BYTES, 16 << 10, 8 << 10));
  }

  /** Three messages of a queue that is never written again, then some segments of another one. */
  private static void fill(SegmentedLog log, int segments) throws IOException {
    log.beginEpoch(1);
    for (int i = 0; i < 3; i++) {
      appendBatch(log, QUIET, "quiet " + i);
    }
    goOn(log, (long) segments * SEGMENT_BYTES);
  }

  private static void goOn(SegmentedLog log, long end) throws IOException {
    while (log.writtenPosition() < end) {
      long next = log.queue(BUSY).nextOffset();
      append(log, draft(BUSY, next + "-" + "x".repeat(900)), 1_000 + next);
      log.endBatch();
    }
    log.flush();
    awaitIndexFiles(log);
  }

  private static void awaitIndexFiles(SegmentedLog log) throws IOException {
    log.reserve(1000); // rolls when the last segment is full
    List<SegmentSpan> full = log.fullSegments();
    while (!full.isEmpty()
        && !Files.exists(log.directory().indexFile(full.get(full.size() - 1).basePosition()))) {
      Thread.onSpinWait();
    }
  }

  private static void assertBeginsAt(SegmentedLog log, long position) {
    assertThat(log.startPosition()).isEqualTo(position);
    assertThat(log.queue(QUIET).firstOffset()).isEqualTo(3);
    assertThat(log.queue(QUIET).nextOffset()).isEqualTo(3);
    assertThat(bodies(log, QUIET)).isEmpty();
    QueueView busy = log.queue(BUSY);
    assertThat(busy.firstOffset()).isPositive();
    List<String> left = bodies(log, BUSY);
    assertThat(left).hasSize((int) (busy.nextOffset() - busy.firstOffset()));
    assertThat(left.get(0)).startsWith(busy.firstOffset() + "-");
  }

  @Test
  void offsetsGoOnAndNothingIsFoundBelow() throws IOException {
    try (SegmentedLog log = open(folder)) {
      fill(log, 5);
      long position = 3 * SEGMENT_BYTES;
      LogSlice held = log.slice(96, 16);

      LogFiles.dropBelow(log, position);

      assertBeginsAt(log, position);
      long first = log.queue(BUSY).firstOffset();
      assertThat(log.slice(96, 16)).isNull();
      assertThat(held).isNotNull();
      assertThat(held.bytes().remaining()).isEqualTo(16);
      held.close();
      assertThat(log.queue(BUSY).scan(0, 5, (offset, at, size, tag) -> true)).isZero();
      assertThat(log.queue(BUSY).offsetAtOrAfter(0, log.queue(BUSY).nextOffset())).isEqualTo(first);
      assertThat(log.queue(BUSY).offsetAtOrAfter(1_002 + first, log.queue(BUSY).nextOffset()))
          .isEqualTo(first + 2);
      assertThat(appendBatch(log, QUIET, "quiet 3").queueOffset).isEqualTo(3);
      assertThat(bodies(log, QUIET)).containsExactly("quiet 3");
    }
    assertThat(LogFiles.withSuffix(folder, ".log")).hasSizeLessThanOrEqualTo(3);
  }

  @Test
  void itIsSoAfterARestartAlsoWhenEveryIndexIsLost() throws IOException {
    long position = 2 * SEGMENT_BYTES;
    try (SegmentedLog log = open(folder)) {
      fill(log, 4);
      LogFiles.dropBelow(log, position);
    }
    try (SegmentedLog log = open(folder)) {
      assertBeginsAt(log, position);
    }
    for (Path index : LogFiles.withSuffix(folder, ".index")) {
      Files.delete(index);
    }
    try (SegmentedLog log = open(folder)) {
      assertBeginsAt(log, position);
      assertThat(log.epoch()).isEqualTo(1);
      assertThat(appendBatch(log, QUIET, "quiet 3").queueOffset).isEqualTo(3);
    }
  }

  @Test
  void anIndexThatIsLostLaterIsMadeAnewFromWhatWasBefore() throws IOException {
    long position = 2 * SEGMENT_BYTES;
    try (SegmentedLog log = open(folder)) {
      fill(log, 5);
      LogFiles.dropBelow(log, position);
    }
    Files.delete(LogFiles.withSuffix(folder, ".index").get(0));
    try (SegmentedLog log = open(folder)) {
      assertBeginsAt(log, position);
    }
  }

  @Test // files of what was dropped are deleted in the background, at any time
  void aCutDoesNotMissWhatGoesMeanwhile() throws IOException {
    StepDisk disk = new StepDisk();
    LogSettings settings = new LogSettings(folder, SEGMENT_BYTES, 16 << 10, 8 << 10);
    try (SegmentedLog log = SegmentedLog.open(settings, disk)) {
      fill(log, 5);
      LogFiles.dropBelow(log, 2 * SEGMENT_BYTES);
      Path dropped = log.directory().segmentFile(0);
      awaitGone(dropped);
      Files.write(dropped, new byte[SEGMENT_BYTES]);
      disk.watcher = step -> Files.deleteIfExists(dropped);

      log.cutTo(4 * SEGMENT_BYTES);

      disk.watcher = step -> {};
      assertThat(dropped).doesNotExist();
      assertThat(log.writtenPosition()).isEqualTo(4 * SEGMENT_BYTES);
      appendBatch(log, QUIET, "quiet 3");
      log.flush();
    }
    try (SegmentedLog log = open(folder)) {
      assertThat(bodies(log, QUIET)).containsExactly("quiet 3");
    }
  }

  private static void awaitGone(Path file) {
    while (Files.exists(file)) {
      Thread.onSpinWait();
    }
  }

  @Test
  void everythingButTheSegmentInUseMayGo() throws IOException {
    long position = 3 * SEGMENT_BYTES;
    try (SegmentedLog log = open(folder)) {
      fill(log, 3);
      appendBatch(log, BUSY, log.queue(BUSY).nextOffset() + "-the only one left");
      log.flush();
      LogFiles.dropBelow(log, position);
      assertBeginsAt(log, position);
    }
    try (SegmentedLog log = open(folder)) {
      assertBeginsAt(log, position);
      goOn(log, 6 * SEGMENT_BYTES);
      LogFiles.dropBelow(log, 5 * SEGMENT_BYTES);
      assertBeginsAt(log, 5 * SEGMENT_BYTES);
    }
    assertThat(LogFiles.withSuffix(folder, ".before")).hasSize(1);
  }

  @Test
  void aCrashBeforeTheNoteLeavesEverythingAndOneBehindItLosesWhatItSays(@TempDir Path crashed)
      throws IOException {
    long position = 2 * SEGMENT_BYTES;
    Path before = crashed.resolve("before");
    Path behind = crashed.resolve("behind");
    LogStart start;
    try (SegmentedLog log = open(folder)) {
      fill(log, 4);
      LogFiles.copy(folder, before);
      LogFiles.copy(folder, behind);
      LogFiles.dropBelow(log, position);
      start = log.start();
    }
    for (Path copy : List.of(before, behind)) {
      Files.createLink(
          copy.resolve("%020d.before".formatted(position)),
          copy.resolve("%020d.index".formatted(SEGMENT_BYTES)));
    }
    new LogStartFile(behind).write(start);

    try (SegmentedLog log = open(before)) {
      assertThat(log.startPosition()).isZero();
      assertThat(bodies(log, QUIET)).hasSize(3);
      LogFiles.dropBelow(log, position);
      assertBeginsAt(log, position);
    }
    try (SegmentedLog log = open(behind)) {
      assertBeginsAt(log, position);
    }
    assertThat(LogFiles.segment(behind, 0)).doesNotExist();
    assertThat(LogFiles.segment(behind, SEGMENT_BYTES)).doesNotExist();
  }

  @Test
  void aPlaceWithinASegmentIsRefused() throws IOException {
    try (SegmentedLog log = open(folder)) {
      fill(log, 3);
      assertThatIllegalArgumentException().isThrownBy(() -> log.dropBelow(SEGMENT_BYTES + 8));
      assertThatIllegalArgumentException().isThrownBy(() -> log.dropBelow(9 * SEGMENT_BYTES));
      LogFiles.dropBelow(log, 0);
      assertThat(log.startPosition()).isZero();
    }
  }

  @Test
  void fullSegmentsSayWhenTheirNewestMessageMayHaveBeenStored() throws IOException {
    try (SegmentedLog log = open(folder)) {
      fill(log, 3);
      List<SegmentSpan> full = log.fullSegments();

      assertThat(full).hasSize(3);
      for (SegmentSpan span : full) {
        List<Long> times = new ArrayList<>();
        for (long at = 0; at < log.queue(BUSY).nextOffset(); at++) {
          long offset = at;
          log.queue(BUSY)
              .scan(
                  at,
                  at + 1,
                  (queueOffset, position, size, tag) -> {
                    if (position >= span.basePosition() && position < span.endPosition()) {
                      times.add(1_000 + offset);
                    }
                    return true;
                  });
        }
        assertThat(span.newestMs()).isEqualTo(times.get(times.size() - 1) + 1);
      }
    }
  }

  @Test
  void whoReadsMeanwhileFindsMessagesOrNothingAndNeverAnythingElse() throws Exception {
    try (SegmentedLog log = open(folder)) {
      fill(log, 3);
      AtomicBoolean stop = new AtomicBoolean();
      CompletableFuture<Long> reads =
          CompletableFuture.supplyAsync(
              () -> {
                long count = 0;
                while (!stop.get()) {
                  QueueView busy = log.queue(BUSY);
                  long first = busy.firstOffset();
                  busy.offsetAtOrAfter(1_000 + first, busy.nextOffset());
                  busy.scan(
                      first,
                      first + 3,
                      (offset, position, size, tag) -> {
                        LogSlice slice = log.slice(position, size);
                        if (slice != null) {
                          try (slice) {
                            assertThat(MessageRecord.queueOffset(slice.bytes(), 0))
                                .isEqualTo(offset);
                          }
                        }
                        return true;
                      });
                  count++;
                }
                return count;
              });
      for (int segment = 4; segment < 60 && !reads.isDone(); segment++) {
        goOn(log, (long) segment * SEGMENT_BYTES);
        LogFiles.dropBelow(log, (long) (segment - 2) * SEGMENT_BYTES);
      }
      stop.set(true);
      assertThat(reads.get()).isPositive();
    }
  }
}
