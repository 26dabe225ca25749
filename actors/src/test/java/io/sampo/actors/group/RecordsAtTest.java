package io.sampo.actors.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.actors.group.FakeLog.FakeQueue;
import io.sampo.actors.group.Queue.ReadAtFound;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogSlice;
import org.junit.jupiter.api.Test;

/** Reading here and there in a queue. */
class RecordsAtTest {
  private static final int PLENTY = 1 << 20;

  private final FakeLog log = new FakeLog();
  private final FakeQueue queue = log.queue(new QueueKey("orders", 3));

  @Test
  void eachWantedRecordIsASliceAndTheOthersAreNotTouched() {
    queue.add(100, "a").add(50, "a").add(70, "a").add(80, "a").add(90, "a");

    ReadAtFound found = read(4, PLENTY, 0, 2, 3, 4, 9);

    assertThat(found.offsets()).containsExactly(0, 2, 3); // 4 is not committed
    assertThat(found.slices()).extracting(LogSlice::sizeBytes).containsExactly(100, 70, 80);
    assertThat(found.lookedAt()).isEqualTo(5);
    assertThat(log.openSlices()).isEqualTo(3);
  }

  @Test
  void itStopsOnceItHasEnough() {
    queue.add(100, "a").add(100, "a").add(100, "a");

    ReadAtFound found = read(3, 150, 0, 1, 2);

    assertThat(found.offsets()).containsExactly(0, 1);
    assertThat(found.lookedAt()).isEqualTo(2);
    assertThat(read(3, 1, 2).offsets()).as("one at least").containsExactly(2);
  }

  @Test
  void whatIsGoneIsLeftOut() {
    queue.add(100, "a").add(100, "a");
    log.dropSegmentsSoFar();
    queue.add(100, "a").add(100, "a");

    assertThat(read(4, PLENTY, 0, 1, 2, 3).offsets()).containsExactly(2, 3);
    queue.forgetBelow(3);
    ReadAtFound found = read(4, PLENTY, 0, 1, 2, 3);
    assertThat(found.offsets()).containsExactly(3);
    assertThat(found.lookedAt()).isEqualTo(4);
  }

  @Test
  void aReadThatFailsLeavesNoSliceOpen() {
    queue.add(100, "a");
    log.failReads(new IllegalStateException("bad sector"));

    assertThatThrownBy(() -> read(1, PLENTY, 0)).hasMessage("bad sector");
    assertThat(log.openSlices()).isZero();
  }

  private ReadAtFound read(long end, int bytesMax, long... offsets) {
    return (ReadAtFound) RecordsAt.read(log, queue, offsets, end, bytesMax);
  }
}
