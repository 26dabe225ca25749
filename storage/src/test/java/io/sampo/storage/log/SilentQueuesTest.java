package io.sampo.storage.log;

import static io.sampo.storage.log.Drafts.append;
import static io.sampo.storage.log.Drafts.appendBatch;
import static io.sampo.storage.log.Drafts.draft;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import io.sampo.storage.index.QueueEnd;
import io.sampo.storage.index.SilentQueues;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Copies that begin where an older log lost its beginning go on with the offsets of every queue.
 */
class SilentQueuesTest {
  private static final int SEGMENT_BYTES = 64 << 10;
  private static final QueueKey QUIET = new QueueKey("quiet", 0);
  private static final QueueKey QUIETER = new QueueKey("quiet", 1);
  private static final QueueKey BUSY = new QueueKey("busy", 0);
  private static final int LIST_BYTES_MAX = 64; // so that each queue takes a record

  @TempDir Path folder;

  private SegmentedLog open(String name) throws IOException {
    return SegmentedLog.open(
        new LogSettings(folder.resolve(name), SEGMENT_BYTES, 16 << 10, 8 << 10));
  }

  @Test
  void aListIsReadAsItWasWritten() {
    List<QueueEnd> queues =
        IntStream.range(0, 100)
            .mapToObj(i -> new QueueEnd(new QueueKey("topic-ä-" + i, i), i * 7L, i + 1_000L))
            .toList();

    List<ByteBuffer> bodies =
        SilentQueues.drafts(4096, queues, 300).stream().map(MessageDraft::body).toList();

    List<QueueEnd> read = new ArrayList<>();
    for (int i = 0; i < bodies.size(); i++) {
      assertThat(bodies.get(i).remaining()).isLessThanOrEqualTo(300);
      SilentQueues.Part part = SilentQueues.decode(bodies.get(i));
      assertThat(part.logStart()).isEqualTo(4096);
      assertThat(part.isFirst()).isEqualTo(i == 0);
      assertThat(part.isLast()).isEqualTo(i == bodies.size() - 1);
      read.addAll(part.queues());
    }
    assertThat(read).isEqualTo(queues);
    assertThat(bodies.size()).isGreaterThan(10);
    assertThat(SilentQueues.drafts(64, List.of(), 300)).hasSize(1);
  }

  @Test
  void aCopyThatBeginsLaterNumbersOnWhereSilentQueuesWere() throws IOException {
    try (SegmentedLog log = open("a");
        SegmentedLog copy = open("b")) {
      fillAndDrop(log);
      follow(copy, log);

      assertKnowsSilentQueues(copy);
      copy.beginEpoch(2);
      assertThat(appendBatch(copy, QUIET, "quiet 3").queueOffset).isEqualTo(3);
      assertThat(Drafts.bodies(copy, QUIET)).containsExactly("quiet 3");
      assertThat(appendBatch(copy, QUIETER, "quieter 1").queueOffset).isEqualTo(1);
      assertThat(copy.queue(new QueueKey("unheard", 0)).nextOffset()).isZero();
    }
  }

  @Test
  void soDoesOneThatWasOpenedAnewAndACopyOfTheCopy() throws IOException {
    try (SegmentedLog log = open("a")) {
      fillAndDrop(log);
      try (SegmentedLog copy = open("b")) {
        follow(copy, log);
      }
    }
    try (SegmentedLog copy = open("b");
        SegmentedLog third = open("c")) {
      assertKnowsSilentQueues(copy);
      copy.beginEpoch(2);
      appendBatch(copy, QUIETER, "quieter 1");
      goOn(copy, copy.writtenPosition() + 5 * SEGMENT_BYTES);
      long position = copy.fullSegments().get(5).basePosition();
      list(copy, position);
      LogFiles.dropBelow(copy, position);
      follow(third, copy);

      assertThat(third.startPosition()).isEqualTo(position);
      assertThat(third.queue(QUIET).nextOffset()).isEqualTo(3);
      assertThat(third.queue(QUIETER).nextOffset()).isEqualTo(2);
      assertThat(third.queue(QUIETER).firstOffset()).isEqualTo(2);
    }
  }

  @Test
  void whatIsNotCommittedAgreesOnNothing() throws IOException {
    try (SegmentedLog log = open("a");
        SegmentedLog copy = open("b")) {
      fillAndDrop(log);
      long before = log.writtenPosition();
      goOn(log, before + 2 * SEGMENT_BYTES);
      long end = log.writtenPosition();
      follow(copy, log);
      long agreed = copy.agreedStart(end);
      assertThat(agreed).isEqualTo(log.startPosition());

      long next = log.fullSegments().get(0).endPosition();
      list(log, next);
      Copies.catchUp(log, copy, () -> 4096);
      assertThat(copy.agreedStart(end)).as("a list behind it is not committed").isNotEqualTo(next);
      assertThat(copy.agreedStart(copy.writtenPosition())).isEqualTo(next);
      copy.cutTo(end);
      assertThat(copy.agreedStart(Long.MAX_VALUE - 1)).isNotEqualTo(next);
    }
  }

  private static void assertKnowsSilentQueues(SegmentedLog copy) {
    assertThat(copy.startPosition()).isEqualTo(3 * SEGMENT_BYTES);
    assertThat(copy.agreedStart(copy.writtenPosition())).isEqualTo(3 * SEGMENT_BYTES);
    assertThat(copy.queue(QUIET).nextOffset()).isEqualTo(3);
    assertThat(copy.queue(QUIET).firstOffset()).isEqualTo(3);
    assertThat(copy.queue(QUIETER).nextOffset()).isEqualTo(1);
    assertThat(copy.queues()).contains(QUIET, QUIETER, BUSY);
  }

  private static void fillAndDrop(SegmentedLog log) throws IOException {
    log.beginEpoch(1);
    for (int i = 0; i < 3; i++) {
      appendBatch(log, QUIET, "quiet " + i);
    }
    appendBatch(log, QUIETER, "quieter 0");
    goOn(log, 5L * SEGMENT_BYTES);
    list(log, 3 * SEGMENT_BYTES);
    LogFiles.dropBelow(log, 3 * SEGMENT_BYTES);
  }

  private static void list(SegmentedLog log, long position) throws IOException {
    List<QueueEnd> silent = log.queuesSilentFrom(position);
    for (MessageDraft draft : SilentQueues.drafts(position, silent, LIST_BYTES_MAX)) {
      log.reserve(MessageRecordWriter.sizeOf(draft));
      log.append(draft, 10_000_000, new RecordPlace());
      log.endBatch();
    }
    log.flush();
  }

  private static void follow(SegmentedLog copy, SegmentedLog log) throws IOException {
    copy.resetTo(log.start());
    Copies.catchUp(log, copy, () -> 4096);
    copy.flush();
  }

  private static void goOn(SegmentedLog log, long end) throws IOException {
    while (log.writtenPosition() < end) {
      long next = log.queue(BUSY).nextOffset();
      append(log, draft(BUSY, next + "-" + "x".repeat(900)), 1_000 + next);
      log.endBatch();
    }
    log.flush();
    log.reserve(1000); // rolls when the last segment is full
    for (SegmentSpan full : log.fullSegments()) {
      while (!Files.exists(log.directory().indexFile(full.basePosition()))) {
        Thread.onSpinWait();
      }
    }
  }
}
