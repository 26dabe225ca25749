package io.sampo.storage.log;

import static io.sampo.storage.log.Drafts.append;
import static io.sampo.storage.log.Drafts.appendBatch;
import static io.sampo.storage.log.Drafts.bodies;
import static io.sampo.storage.log.Drafts.draft;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.record.QueueKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A log of three batches in one segment. The first was flushed, which the second one's stamp tells;
 * what happens to the second and the third was never promised to anybody.
 */
class TornTailTest {
  private static final QueueKey ORDERS = new QueueKey("orders", 0);

  @TempDir(factory = InMemory.class)
  Path folder;

  private Path written;
  private int firstEnd;
  private int secondEnd;
  private int thirdEnd;
  private int runs;

  @BeforeEach
  void writeThreeBatches() throws IOException {
    Path live = folder.resolve("live");
    written = folder.resolve("written");
    try (SegmentedLog log = open(live)) {
      log.beginEpoch(1);
      appendBatch(log, ORDERS, "first");
      log.flush();
      firstEnd = (int) log.writtenPosition();
      append(log, draft(ORDERS, "second"), 1_000);
      append(log, draft(ORDERS, "second too", "tag"), 1_000);
      log.endBatch();
      secondEnd = (int) log.writtenPosition();
      appendBatch(log, ORDERS, "third");
      thirdEnd = (int) log.writtenPosition();
      LogFiles.copy(live, written); // as a killed process leaves it: nothing more was flushed
    }
  }

  private static SegmentedLog open(Path path) throws IOException {
    return SegmentedLog.open(new LogSettings(path, 64 << 10, 16 << 10, 8 << 10));
  }

  private Path copyOfWritten() throws IOException {
    return LogFiles.copy(written, folder.resolve("copy-" + runs++));
  }

  /** Opens a damaged copy, checks what survived, and that what is dropped stays dropped. */
  private void assertRecoversTo(Path path, int end, String... expected) throws IOException {
    try (SegmentedLog log = open(path)) {
      assertThat(log.writtenPosition()).isEqualTo(end);
      assertThat(log.flushedPosition()).isEqualTo(end);
      assertThat(bodies(log, ORDERS)).containsExactly(expected);
    }
    assertThat(LogFiles.read(LogFiles.segment(path, 0), end, 64 << 10)).containsOnly(0);
  }

  @Test
  void aKilledProcessLosesNothing() throws IOException {
    assertRecoversTo(copyOfWritten(), thirdEnd, "first", "second", "second too", "third");
  }

  @Test
  void recoversToTheLastWholeBatchWhereverTheLogIsCut() throws IOException {
    for (int cut = firstEnd; cut < thirdEnd; cut++) {
      Path path = copyOfWritten();
      LogFiles.zero(LogFiles.segment(path, 0), cut, thirdEnd);
      if (cut < secondEnd - paddingBefore(secondEnd)) {
        assertRecoversTo(path, firstEnd, "first");
      } else if (cut < thirdEnd - paddingBefore(thirdEnd)) {
        assertRecoversTo(path, secondEnd, "first", "second", "second too");
      } else {
        assertRecoversTo(path, thirdEnd, "first", "second", "second too", "third");
      }
    }
  }

  /** The zeros at the end of a batch, and those that its last record ends with. */
  private int paddingBefore(int end) throws IOException {
    byte[] bytes = LogFiles.read(LogFiles.segment(written, 0), 0, end);
    int zeros = 0;
    while (bytes[end - 1 - zeros] == 0) {
      zeros++;
    }
    return zeros;
  }

  @Test
  void aDamagedByteAnywhereInAnUnflushedBatchDropsItAndAllBehind() throws IOException {
    for (int at = firstEnd; at < secondEnd - paddingOf(firstEnd); at++) {
      Path path = copyOfWritten();
      LogFiles.flip(LogFiles.segment(path, 0), at);
      assertRecoversTo(path, firstEnd, "first");
    }
    for (int at = secondEnd; at < thirdEnd - paddingOf(secondEnd); at++) {
      Path path = copyOfWritten();
      LogFiles.flip(LogFiles.segment(path, 0), at);
      assertRecoversTo(path, secondEnd, "first", "second", "second too");
    }
  }

  private int paddingOf(int frameStart) throws IOException {
    byte[] length = LogFiles.read(LogFiles.segment(written, 0), frameStart + 40, frameStart + 44);
    int bytes = java.nio.ByteBuffer.wrap(length).getInt();
    return BatchFrame.align(bytes) - bytes;
  }

  @Test
  void aDamagedByteAnywhereInAFlushedBatchIsRefused() throws IOException {
    int firstStart = BatchFrame.HEADER_BYTES; // behind the epoch's own
    for (int at = 0; at < firstEnd - paddingOf(firstStart); at++) {
      Path path = copyOfWritten();
      LogFiles.forgetCheckpoint(path); // the second batch's stamp has to tell
      LogFiles.flip(LogFiles.segment(path, 0), at);
      byte[] before = LogFiles.read(LogFiles.segment(path, 0), 0, 64 << 10);
      assertThatThrownBy(() -> open(path))
          .isInstanceOf(CorruptLogException.class)
          .hasMessageContaining(LogFiles.segment(path, 0).toString())
          .hasMessageContaining("position " + (at < firstStart ? 0 : firstStart))
          .hasMessageContaining("expected")
          .hasMessageContaining("found")
          .hasMessageContaining("the batch at " + firstEnd + " was written after");
      assertThat(LogFiles.read(LogFiles.segment(path, 0), 0, 64 << 10)).isEqualTo(before);
    }
  }

  @Test
  void aDamagedByteInTheLastBatchOfAClosedLogIsRefused() throws IOException {
    Path closed = folder.resolve("live");
    LogFiles.flip(LogFiles.segment(closed, 0), thirdEnd - 40);
    assertThatThrownBy(() -> open(closed))
        .isInstanceOf(CorruptLogException.class)
        .hasMessageContaining("position " + secondEnd)
        .hasMessageContaining("flushed up to " + thirdEnd);
  }

  @Test
  void aLostPageInFrontOfAWholeUnflushedBatchIsTornNotCorrupt() throws IOException {
    Path path = copyOfWritten();
    LogFiles.zero(LogFiles.segment(path, 0), firstEnd, secondEnd); // the third is whole
    assertRecoversTo(path, firstEnd, "first");
  }

  @Test
  void staleBytesBeyondACutNeverComeBackWhenAppendsReachThem() throws IOException {
    Path path = copyOfWritten();
    // The second batch is torn; the third, whole, starts where a batch of the same length ends.
    LogFiles.flip(LogFiles.segment(path, 0), secondEnd - 40);
    try (SegmentedLog log = open(path)) {
      append(log, draft(ORDERS, "SECOND"), 1_000);
      append(log, draft(ORDERS, "SECOND too", "tag"), 1_000);
      log.endBatch();
      assertThat(log.writtenPosition()).isEqualTo(secondEnd);
      log.flush();
      Path again = LogFiles.copy(path, folder.resolve("again"));
      assertRecoversTo(again, secondEnd, "first", "SECOND", "SECOND too");
    }
  }

  @Test
  void aTornTailMayHoldAnythingWithoutBeingTakenForABatch() throws IOException {
    byte[] garbage = new byte[20_000];
    new java.util.Random(7).nextBytes(garbage);
    Path path = copyOfWritten();
    LogFiles.write(LogFiles.segment(path, 0), thirdEnd, garbage);
    assertRecoversTo(path, thirdEnd, "first", "second", "second too", "third");
  }

  @Test
  void aWholeBatchAtAnotherPositionIsNoBatch() throws IOException {
    byte[] third = LogFiles.read(LogFiles.segment(written, 0), secondEnd, thirdEnd);
    Path path = copyOfWritten();
    LogFiles.write(LogFiles.segment(path, 0), thirdEnd, third);
    assertRecoversTo(path, thirdEnd, "first", "second", "second too", "third");
  }

  @Test
  void whatAKilledProcessLeftIsOnDiskBeforeAnybodyReadsIt() throws IOException {
    Path path = copyOfWritten();
    try (SegmentedLog log = open(path)) {
      assertThat(log.flushedPosition()).isEqualTo(thirdEnd);
      // From here on damage to it is corruption, since the checkpoint knows.
      Path again = LogFiles.copy(path, folder.resolve("again"));
      LogFiles.flip(LogFiles.segment(again, 0), thirdEnd - 40);
      assertThatThrownBy(() -> open(again)).isInstanceOf(CorruptLogException.class);
      assertThat(log.queue(ORDERS).nextOffset()).isEqualTo(List.of(1, 2, 3, 4).size());
    }
  }
}
