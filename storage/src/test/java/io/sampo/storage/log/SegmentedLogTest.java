package io.sampo.storage.log;

import static io.sampo.storage.log.Drafts.append;
import static io.sampo.storage.log.Drafts.appendBatch;
import static io.sampo.storage.log.Drafts.bodies;
import static io.sampo.storage.log.Drafts.draft;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecord;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentedLogTest {
  private static final QueueKey ORDERS = new QueueKey("orders", 0);
  private static final QueueKey BILLS = new QueueKey("bills", 3);

  @TempDir Path folder;

  private SegmentedLog open() throws IOException {
    return SegmentedLog.open(new LogSettings(folder, 64 << 10, 16 << 10, 8 << 10));
  }

  @Test
  void aRecordIsSeenOnceItsBatchIsClosedAndSurvivesReopening() throws IOException {
    try (SegmentedLog log = open()) {
      log.beginEpoch(1);
      RecordPlace first = append(log, draft(ORDERS, "one"), 1_000);
      assertThat(first.queueOffset).isZero();
      assertThat(log.queue(ORDERS).nextOffset()).isZero();
      assertThat(log.queues()).isEmpty();
      log.endBatch();
      assertThat(bodies(log, ORDERS)).containsExactly("one");
      append(log, draft(ORDERS, "two"), 1_000);
      append(log, draft(BILLS, "a bill"), 1_000);
      log.endBatch();
      assertThat(log.flushedPosition()).isZero();
      log.flush();
      assertThat(log.flushedPosition()).isEqualTo(log.writtenPosition());
    }
    try (SegmentedLog log = open()) {
      assertThat(log.epoch()).isEqualTo(1);
      assertThat(bodies(log, ORDERS)).containsExactly("one", "two");
      assertThat(bodies(log, BILLS)).containsExactly("a bill");
      assertThat(log.queues()).containsExactlyInAnyOrder(ORDERS, BILLS);
      assertThat(appendBatch(log, ORDERS, "three").queueOffset).isEqualTo(2);
      assertThat(bodies(log, ORDERS)).containsExactly("one", "two", "three");
    }
  }

  @Test
  void rollsToTheNextSegmentAndReadsAcrossAll() throws IOException {
    List<String> expected = new ArrayList<>();
    try (SegmentedLog log = open()) {
      log.beginEpoch(1);
      for (int i = 0; i < 500; i++) {
        String body = i + "-" + "x".repeat(900);
        expected.add(body);
        append(log, draft(ORDERS, body), 1_000 + i);
      }
      log.endBatch();
      assertThat(bodies(log, ORDERS)).isEqualTo(expected);
      assertThat(log.writtenPosition()).isGreaterThan(7 * (64 << 10));
      assertThat(log.queue(ORDERS).offsetAtOrAfter(1_000, 500)).isZero();
      assertThat(log.queue(ORDERS).offsetAtOrAfter(1_123, 500)).isEqualTo(123);
      assertThat(log.queue(ORDERS).offsetAtOrAfter(9_999, 500)).isEqualTo(500);
    }
    try (SegmentedLog log = open()) {
      assertThat(bodies(log, ORDERS)).isEqualTo(expected);
      assertThat(log.queue(ORDERS).offsetAtOrAfter(1_321, 500)).isEqualTo(321);
      assertThat(log.queue(ORDERS).offsetAtOrAfter(1_321, 300)).isEqualTo(300);
    }
  }

  @Test
  void aSecondLogInTheSameFolderIsRefused() throws IOException {
    try (SegmentedLog log = open()) {
      assertThat(log.epoch()).isZero();
      assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("in use");
    }
    open().close();
  }

  @Test
  void aSliceHoldsItsBytesUntilItIsClosedAlsoBeyondTheLog() throws IOException {
    SegmentedLog log = open();
    RecordPlace place = appendBatch(log, ORDERS, "kept");
    LogSlice slice = slice(log, place);
    LogSlice other = slice(log, place);
    log.close();
    assertThat(MessageRecord.physicalOffset(slice.bytes(), 0)).isEqualTo(place.position);
    assertThat(slice.sizeBytes()).isEqualTo(place.sizeBytes);
    assertThat(slice.bytes().isReadOnly()).isTrue();
    slice.close();
    assertThatThrownBy(slice::close).isInstanceOf(IllegalStateException.class);
    assertThat(MessageRecord.physicalOffset(other.bytes(), 0)).isEqualTo(place.position);
    other.close();
    assertThat(log.slice(place.position, place.sizeBytes)).isNull();
  }

  private static LogSlice slice(SegmentedLog log, RecordPlace place) {
    LogSlice slice = log.slice(place.position, place.sizeBytes);
    if (slice == null) {
      throw new AssertionError("no slice at " + place.position);
    }
    return slice;
  }

  @Test
  void aSliceOfWhatIsNotWrittenIsRefused() throws IOException {
    try (SegmentedLog log = open()) {
      RecordPlace place = appendBatch(log, ORDERS, "one");
      long end = log.writtenPosition();
      append(log, draft(ORDERS, "in the open batch"), 1_000);
      for (long position : new long[] {-1, end, end + 8, 1 << 20}) {
        assertThatThrownBy(() -> log.slice(position, 1))
            .as("position %d", position)
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThatThrownBy(() -> log.slice(place.position, (int) (end - place.position) + 1))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> log.slice(place.position, -1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void neighboursInABatchAreOneSlice() throws IOException {
    try (SegmentedLog log = open()) {
      RecordPlace first = append(log, draft(ORDERS, "one"), 1_000);
      RecordPlace second = append(log, draft(ORDERS, "two"), 1_000);
      log.endBatch();
      assertThat(second.position).isEqualTo(first.position + first.sizeBytes);
      try (LogSlice slice = slice(log, first)) {
        assertThat(slice.sizeBytes()).isEqualTo(first.sizeBytes);
      }
      LogSlice both = log.slice(first.position, first.sizeBytes + second.sizeBytes);
      assertThat(both).isNotNull();
      if (both != null) {
        assertThat(MessageRecord.queueOffset(both.bytes(), first.sizeBytes)).isEqualTo(1);
        both.close();
      }
    }
  }

  @Test
  void theLargestGroupFitsASegmentAndOneByteMoreIsRefused() throws IOException {
    try (SegmentedLog log = open()) {
      appendBatch(log, ORDERS, "before");
      int overhead = MessageRecordWriter.sizeOf(draft(ORDERS, ""));
      String largest = "x".repeat(log.maxGroupBytes() - overhead);
      RecordPlace place = appendBatch(log, ORDERS, largest);
      assertThat(place.position).isEqualTo((64 << 10) + BatchFrame.HEADER_BYTES);
      assertThatThrownBy(() -> log.reserve(log.maxGroupBytes() + 1))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> log.reserve(0)).isInstanceOf(IllegalArgumentException.class);
      appendBatch(log, ORDERS, "after");
      assertThat(bodies(log, ORDERS)).containsExactly("before", largest, "after");
    }
    try (SegmentedLog log = open()) {
      assertThat(bodies(log, ORDERS)).hasSize(3);
    }
  }

  @Test
  void aReservedGroupStaysInOneBatch() throws IOException {
    try (SegmentedLog log = open()) {
      for (int group = 0; group < 200; group++) {
        List<MessageDraft> drafts = new ArrayList<>();
        int sizeBytes = 0;
        for (int i = 0; i < 5; i++) {
          drafts.add(draft(ORDERS, group + "/" + i + "x".repeat(group * 10)));
          sizeBytes += MessageRecordWriter.sizeOf(drafts.get(i));
        }
        log.reserve(sizeBytes);
        RecordPlace place = new RecordPlace();
        long expected = -1;
        for (MessageDraft draft : drafts) {
          log.append(draft, 1_000, place);
          if (expected >= 0) {
            assertThat(place.position).isEqualTo(expected);
          }
          expected = place.position + place.sizeBytes;
        }
      }
    }
  }

  @Test
  void epochsOnlyGrowAndAreFoundAgain() throws IOException {
    long second;
    try (SegmentedLog log = open()) {
      assertThat(log.epoch()).isZero();
      log.beginEpoch(4);
      appendBatch(log, ORDERS, "in four");
      append(log, draft(ORDERS, "in four, too"), 1_000);
      log.beginEpoch(9);
      second = log.epochs().startOf(1);
      assertThat(bodies(log, ORDERS)).as("the open batch was closed").hasSize(2);
      assertThatThrownBy(() -> log.beginEpoch(9)).isInstanceOf(IllegalArgumentException.class);
    }
    try (SegmentedLog log = open()) {
      assertThat(log.epoch()).as("without any record").isEqualTo(9);
      assertThat(log.epochs().startOf(1)).isEqualTo(second);
      assertThat(log.epochs().epochAt(second - 1)).isEqualTo(4);
    }
  }

  @Test
  void aViewAskedForBeforeTheFirstRecordFollowsTheQueue() throws IOException {
    try (SegmentedLog log = open()) {
      QueueView view = log.queue(ORDERS);
      assertThat(view.nextOffset()).isZero();
      assertThat(view.scan(0, 10, (offset, position, sizeBytes, tagHash) -> true)).isZero();
      assertThat(view.offsetAtOrAfter(0, 10)).isEqualTo(10);
      appendBatch(log, ORDERS, "first");
      assertThat(view.nextOffset()).isEqualTo(1);
      assertThat(view.scan(0, 10, (offset, position, sizeBytes, tagHash) -> true)).isEqualTo(1);
      assertThat(view.offsetAtOrAfter(0, 1)).isZero();
    }
  }

  @Test
  void aScanEndsWhereTheVisitorSaysSo() throws IOException {
    try (SegmentedLog log = open()) {
      for (int i = 0; i < 300; i++) {
        append(log, draft(ORDERS, "x".repeat(500)), 1_000);
      }
      log.endBatch();
      QueueView view = log.queue(ORDERS);
      for (int stopAt = 0; stopAt < 300; stopAt += 7) {
        int stop = stopAt;
        assertThat(
                view.scan(
                    0, Long.MAX_VALUE, (offset, position, sizeBytes, tagHash) -> offset < stop))
            .isEqualTo(stop);
        assertThat(view.scan(0, stop, (offset, position, sizeBytes, tagHash) -> true))
            .isEqualTo(stop);
      }
      assertThat(view.scan(400, 500, (offset, position, sizeBytes, tagHash) -> true))
          .isEqualTo(400);
    }
  }

  @Test
  void storeTimesNeverGoBackWithinAQueue() throws IOException {
    try (SegmentedLog log = open()) {
      append(log, draft(ORDERS, "one"), 5_000);
      RecordPlace late = append(log, draft(ORDERS, "two"), 4_000);
      RecordPlace other = append(log, draft(BILLS, "other"), 4_500);
      log.endBatch();
      try (LogSlice slice = slice(log, late)) {
        assertThat(MessageRecord.storeTimestamp(slice.bytes(), 0)).isEqualTo(5_000);
      }
      try (LogSlice slice = slice(log, other)) {
        assertThat(MessageRecord.storeTimestamp(slice.bytes(), 0)).isEqualTo(4_500);
      }
    }
    try (SegmentedLog log = open()) {
      RecordPlace place = append(log, draft(ORDERS, "three"), 3_000);
      log.endBatch();
      try (LogSlice slice = slice(log, place)) {
        assertThat(MessageRecord.storeTimestamp(slice.bytes(), 0)).isEqualTo(5_000);
      }
    }
  }

  @Test
  void aClosedLogTakesNothingMore() throws IOException {
    SegmentedLog log = open();
    appendBatch(log, ORDERS, "one");
    log.close();
    log.close();
    assertThatThrownBy(() -> log.reserve(100)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> log.append(draft(ORDERS, "two"), 1_000, new RecordPlace()))
        .isInstanceOf(IndexOutOfBoundsException.class);
    log.endBatch();
    log.flush();
    assertThat(log.queue(ORDERS).nextOffset()).isEqualTo(1);
  }
}
