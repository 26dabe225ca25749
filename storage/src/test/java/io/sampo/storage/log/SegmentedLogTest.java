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
}
