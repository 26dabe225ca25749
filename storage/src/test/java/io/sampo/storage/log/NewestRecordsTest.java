package io.sampo.storage.log;

import static io.sampo.storage.log.Drafts.append;
import static io.sampo.storage.log.Drafts.draft;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a log of eight segments, 600 records, three to a batch, record i stored at i seconds. */
class NewestRecordsTest {
  private static final QueueKey ORDERS = new QueueKey("orders", 0);
  private static final int RECORDS = 600;
  private static final int PER_BATCH = 3;

  @TempDir Path folder;
  private SegmentedLog log;
  private final long[] batchPositions = new long[RECORDS / PER_BATCH];

  @BeforeEach
  void fill() throws IOException {
    log = SegmentedLog.open(new LogSettings(folder, 64 << 10, 16 << 10, 8 << 10));
    log.beginEpoch(1);
    for (int i = 0; i < RECORDS; i++) {
      if (i % PER_BATCH == 0) {
        log.endBatch();
        log.reserve(3_000);
      }
      RecordPlace place = append(log, draft(ORDERS, i + "-" + "x".repeat(700)), i * 1_000L);
      if (i % PER_BATCH == 0) {
        batchPositions[i / PER_BATCH] = place.position - BatchFrame.HEADER_BYTES;
      }
    }
    log.endBatch();
    log.beginEpoch(2);
    assertThat(log.writtenPosition()).isGreaterThan(7 * (64 << 10));
  }

  @AfterEach
  void close() throws IOException {
    log.close();
  }

  @Test
  void allOfThemInOrder() {
    assertThat(read(Integer.MAX_VALUE, Long.MAX_VALUE, 0)).isEqualTo(from(0));
  }

  @Test
  void asManyAsAreWantedAlsoFromTheMiddleOfABatch() {
    for (int wanted : new int[] {1, 2, 3, 100, 101, 102, 599, 600, 601}) {
      assertThat(read(wanted, Long.MAX_VALUE, 0)).isEqualTo(from(Math.max(0, RECORDS - wanted)));
    }
    assertThat(read(0, Long.MAX_VALUE, 0)).isEmpty();
  }

  @Test
  void notFurtherBackThanSoManyBytes() {
    for (int batch : new int[] {0, 1, 57, 133, 199}) {
      long bytes = log.writtenPosition() - batchPositions[batch];
      assertThat(read(RECORDS, bytes, 0)).isEqualTo(from(batch * PER_BATCH));
      assertThat(read(RECORDS, bytes - 1, 0)).isEqualTo(from((batch + 1) * PER_BATCH));
    }
  }

  @Test
  void nothingOfABatchThatBeganEarlier() {
    assertThat(read(RECORDS, Long.MAX_VALUE, 300_000)).isEqualTo(from(300));
    assertThat(read(RECORDS, Long.MAX_VALUE, 300_001)).isEqualTo(from(303));
    assertThat(read(RECORDS, Long.MAX_VALUE, 600_000)).isEmpty();
  }

  @Test
  void whateverComesLastCounts() {
    long bytes = log.writtenPosition() - batchPositions[100];
    assertThat(read(100, bytes, 400_000)).isEqualTo(from(500));
    assertThat(read(200, bytes, 500_000)).isEqualTo(from(501));
    assertThat(read(500, bytes, 0)).isEqualTo(from(300));
  }

  @Test
  void nothingBelowWhereItGoesOn() {
    for (int batch : new int[] {0, 1, 57, 133, 199}) {
      assertThat(read(RECORDS, Long.MAX_VALUE, 0, batchPositions[batch]))
          .isEqualTo(from(batch * PER_BATCH));
      assertThat(read(10, Long.MAX_VALUE, 0, batchPositions[batch]))
          .isEqualTo(from(Math.max(batch * PER_BATCH, RECORDS - 10)));
    }
    assertThat(read(RECORDS, Long.MAX_VALUE, 0, log.writtenPosition())).isEmpty();
  }

  @Test
  void theSameAfterReopening() throws IOException {
    log.close();
    log = SegmentedLog.open(new LogSettings(folder, 64 << 10, 16 << 10, 8 << 10));

    assertThat(read(250, Long.MAX_VALUE, 0)).isEqualTo(from(350));
  }

  private List<Integer> read(int records, long bytes, long sinceMs) {
    return read(records, bytes, sinceMs, 0);
  }

  private List<Integer> read(int records, long bytes, long sinceMs, long from) {
    List<Integer> read = new ArrayList<>();
    log.readNewest(
        new NewestRecords(records, bytes, sinceMs, from),
        (buffer, index, position) -> {
          assertThat(MessageRecord.physicalOffset(buffer, index)).isEqualTo(position);
          String body = StandardCharsets.UTF_8.decode(MessageRecord.body(buffer, index)).toString();
          read.add(Integer.valueOf(body.substring(0, body.indexOf('-'))));
        });
    return read;
  }

  private static List<Integer> from(int first) {
    return IntStream.range(first, RECORDS).boxed().toList();
  }
}
