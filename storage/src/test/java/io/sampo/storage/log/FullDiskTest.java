package io.sampo.storage.log;

import static io.sampo.storage.log.Drafts.append;
import static io.sampo.storage.log.Drafts.appendBatch;
import static io.sampo.storage.log.Drafts.bodies;
import static io.sampo.storage.log.Drafts.draft;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.record.QueueKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FullDiskTest {
  private static final QueueKey ORDERS = new QueueKey("orders", 0);
  private static final String BODY = "x".repeat(1_000);
  private static final int STEP_BYTES = 8 << 10;

  @TempDir Path folder;

  private final MoodyDisk disk = new MoodyDisk();

  private SegmentedLog open() throws IOException {
    return SegmentedLog.open(new LogSettings(folder, 64 << 10, 4 << 10, STEP_BYTES), disk);
  }

  /** Appends until the disk is full; returns how many records fitted. */
  private static int fill(SegmentedLog log) throws IOException {
    int count = 0;
    while (true) {
      try {
        append(log, draft(ORDERS, BODY), 1_000);
        count++;
      } catch (LogFullException e) {
        return count;
      }
    }
  }

  @Test
  void aFullDiskRefusesAppendsAndTakesThemAgainOnceThereIsRoom() throws IOException {
    List<String> expected = new ArrayList<>();
    disk.roomBytes = 24 << 10;
    try (SegmentedLog log = open()) {
      int fitted = fill(log);
      assertThat(fitted).isBetween(18, 24);
      log.endBatch();
      log.flush();
      for (int i = 0; i < fitted; i++) {
        expected.add(BODY);
      }
      assertThat(bodies(log, ORDERS)).isEqualTo(expected);
      long written = log.writtenPosition();
      assertThatThrownBy(() -> log.reserve(4_000)).isInstanceOf(LogFullException.class);
      assertThat(log.writtenPosition()).isEqualTo(written);

      disk.roomBytes = Long.MAX_VALUE;
      RecordPlace place = appendBatch(log, ORDERS, "after");
      expected.add("after");
      assertThat(place.queueOffset).as("no gap").isEqualTo(fitted);
      assertThat(bodies(log, ORDERS)).isEqualTo(expected);
    }
    try (SegmentedLog log = open()) {
      assertThat(bodies(log, ORDERS)).isEqualTo(expected);
    }
  }

  @Test
  void noRoomForTheNextSegmentLeavesNoFileBehind() throws IOException {
    disk.roomBytes = 64 << 10;
    try (SegmentedLog log = open()) {
      int fitted = fill(log);
      log.endBatch();
      assertThat(LogFiles.withSuffix(folder, ".log")).hasSize(1);
      assertThat(log.writtenPosition()).isLessThan(64 << 10);
      disk.roomBytes = STEP_BYTES;
      assertThat(appendBatch(log, ORDERS, BODY).position).isGreaterThanOrEqualTo(64 << 10);
      assertThat(bodies(log, ORDERS)).hasSize(fitted + 1);
    }
    try (SegmentedLog log = open()) {
      assertThat(log.queue(ORDERS).nextOffset()).isGreaterThan(40);
    }
  }

  @Test
  void aNewLogOnAFullDiskSaysSo() throws IOException {
    disk.roomBytes = 0;
    assertThatThrownBy(this::open).isInstanceOf(LogFullException.class);
    disk.roomBytes = Long.MAX_VALUE;
    open().close(); // nothing half made is in the way, and the lock is free
  }

  @Test
  void anExistingLogOpensAndReadsOnAFullDisk() throws IOException {
    try (SegmentedLog log = open()) {
      appendBatch(log, ORDERS, "before");
    }
    disk.roomBytes = 0;
    try (SegmentedLog log = open()) {
      assertThat(bodies(log, ORDERS)).containsExactly("before");
      assertThatThrownBy(() -> log.reserve(100)).isInstanceOf(LogFullException.class);
      assertThatThrownBy(() -> log.beginEpoch(7)).isInstanceOf(LogFullException.class);
      assertThat(log.epoch()).isZero();
    }
  }

  @Test
  void aFailedFlushIsFinal() throws IOException {
    SegmentedLog log = open();
    appendBatch(log, ORDERS, "flushed");
    log.flush();
    long flushed = log.flushedPosition();
    appendBatch(log, ORDERS, "lost, maybe");
    disk.broken = true;
    assertThatThrownBy(log::flush)
        .isInstanceOf(LogFailedException.class)
        .hasMessageContaining(LogFiles.segment(folder, 0).toString())
        .hasRootCauseMessage("Input/output error");
    disk.broken = false; // a kernel may report success the next time, which would be a lie
    int forces = disk.forces;
    assertThatThrownBy(log::flush).isInstanceOf(LogFailedException.class);
    assertThatThrownBy(() -> log.reserve(100)).isInstanceOf(LogFailedException.class);
    assertThatThrownBy(() -> log.beginEpoch(9)).isInstanceOf(LogFailedException.class);
    assertThat(disk.forces).isEqualTo(forces);
    assertThat(log.flushedPosition()).isEqualTo(flushed);
    assertThat(bodies(log, ORDERS)).containsExactly("flushed", "lost, maybe");
    assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);
    open().close(); // it let go of the folder all the same
  }

  @Test
  void aFlushThatFailsWhileRollingRefusesTheAppend() throws IOException {
    SegmentedLog log = open();
    disk.broken = true;
    assertThatThrownBy(() -> fill(log)).isInstanceOf(LogFailedException.class);
    assertThatThrownBy(() -> log.reserve(100)).isInstanceOf(LogFailedException.class);
    assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);
    disk.broken = false;
    try (SegmentedLog reopened = open()) {
      assertThat(reopened.queue(ORDERS).nextOffset()).isGreaterThan(40);
    }
  }

  @Test
  void everyByteIsFlushedOnce() throws IOException {
    try (SegmentedLog log = open()) {
      log.flush();
      assertThat(disk.forces).isZero();
      appendBatch(log, ORDERS, "one");
      log.flush();
      log.flush();
      assertThat(disk.forces).isEqualTo(1);
    }
  }

  @Test
  void whereBlocksCannotBeReservedTheFileIsFilledWithZeros() throws IOException {
    Path file = folder.resolve("segment");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      LogFiles.write(file, 0, (byte) 1, (byte) 2, (byte) 3);
      new LocalDisk(null).allocate(file, channel, 2, 600_000);
    }
    byte[] bytes = Files.readAllBytes(file);
    assertThat(bytes).hasSize(600_000).startsWith(1, 2);
    assertThat(LogFiles.read(file, 2, 600_000)).containsOnly(0);
  }

  @Test
  void reservedBlocksAreRealAndKeepWhatIsThere() throws IOException {
    Path file = folder.resolve("segment");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      LogFiles.write(file, 0, (byte) 1, (byte) 2, (byte) 3);
      long before = Files.getFileStore(folder).getUnallocatedSpace();
      new LocalDisk().allocate(file, channel, 0, 64 << 20);
      long after = Files.getFileStore(folder).getUnallocatedSpace();
      // Others use the disk as well; a file of holes would have taken nothing.
      assertThat(before - after).isGreaterThan(32 << 20);
    }
    assertThat(LogFiles.read(file, 0, 4)).containsExactly(1, 2, 3, 0);
  }
}
