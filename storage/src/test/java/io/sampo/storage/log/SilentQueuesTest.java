package io.sampo.storage.log;

import static io.sampo.storage.log.Drafts.append;
import static io.sampo.storage.log.Drafts.appendBatch;
import static io.sampo.storage.log.Drafts.draft;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.record.BodyCrc;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import io.sampo.storage.index.QueueEnd;
import io.sampo.storage.index.SilentQueues;
import io.sampo.storage.index.SilentQueues.Drop;
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

  private static final long KEPT_FOR_MS = 1_000;
  private static final long LATER_MS = 20_000_000; // than all that is written here

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
        SilentQueues.drafts(new Drop(4096, 72), queues, 300).stream()
            .map(MessageDraft::body)
            .toList();

    List<QueueEnd> read = new ArrayList<>();
    for (int i = 0; i < bodies.size(); i++) {
      assertThat(bodies.get(i).remaining()).isLessThanOrEqualTo(300);
      SilentQueues.Part part = SilentQueues.decode(bodies.get(i));
      assertThat(part.drop()).isEqualTo(new Drop(4096, 72));
      assertThat(part.isFirst()).isEqualTo(i == 0);
      assertThat(part.isLast()).isEqualTo(i == bodies.size() - 1);
      read.addAll(part.queues());
    }
    assertThat(read).isEqualTo(queues);
    assertThat(bodies.size()).isGreaterThan(10);
    assertThat(SilentQueues.drafts(new Drop(64, 0), List.of(), 300)).hasSize(1);
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
      long agreed = copy.agreedStart(end, LATER_MS);
      assertThat(agreed).isEqualTo(log.startPosition());

      long next = log.fullSegments().get(0).endPosition();
      list(log, next);
      Copies.catchUp(log, copy, () -> 4096);
      assertThat(copy.agreedStart(end, LATER_MS))
          .as("a list behind it is not committed")
          .isNotEqualTo(next);
      assertThat(copy.agreedStart(copy.writtenPosition(), LATER_MS)).isEqualTo(next);
      copy.cutTo(end);
      assertThat(copy.agreedStart(Long.MAX_VALUE - 1, LATER_MS)).isNotEqualTo(next);
    }
  }

  @Test
  void onlyWhatIsOldGoesHoweverMuchIsListed() throws IOException {
    try (SegmentedLog log = open("a")) {
      log.beginEpoch(1);
      for (int i = 0; log.fullSegments().size() < 6; i++) {
        appendAt(log, 1_000 + i);
      }
      list(log, 5 * SEGMENT_BYTES);
    }
    try (SegmentedLog log = open("a")) {
      long newestOfSecond = log.fullSegments().get(1).newestMs();
      long end = log.writtenPosition();
      assertThat(log.agreedStart(end, 1_000 + KEPT_FOR_MS)).isZero();
      assertThat(log.agreedStart(end, newestOfSecond + KEPT_FOR_MS)).isEqualTo(SEGMENT_BYTES);
      assertThat(log.agreedStart(end, newestOfSecond + KEPT_FOR_MS + 1))
          .isEqualTo(2 * SEGMENT_BYTES);
      assertThat(log.agreedStart(end, LATER_MS)).isEqualTo(5 * SEGMENT_BYTES);
    }
  }

  private static void appendAt(SegmentedLog log, long storeMs) throws IOException {
    ByteBuffer body = ByteBuffer.allocate(1_000);
    MessageDraft draft = MessageDraft.to(BUSY).body(body, BodyCrc.of(body)).build();
    log.reserve(MessageRecordWriter.sizeOf(draft));
    log.append(draft, storeMs, new RecordPlace());
    log.endBatch();
    log.flush();
  }

  @Test
  void aListWithoutAnAgeIsRead() {
    ByteBuffer old = ByteBuffer.allocate(21);
    old.put((byte) 1).putLong(4096).putInt(0).putInt(1).putInt(0).flip();
    assertThat(SilentQueues.decode(old))
        .isEqualTo(new SilentQueues.Part(new Drop(4096, 0), 0, 1, List.of()));
  }

  private static void assertKnowsSilentQueues(SegmentedLog copy) {
    assertThat(copy.startPosition()).isEqualTo(3 * SEGMENT_BYTES);
    assertThat(copy.agreedStart(copy.writtenPosition(), LATER_MS)).isEqualTo(3 * SEGMENT_BYTES);
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
    Drop drop = new Drop(position, KEPT_FOR_MS);
    for (MessageDraft draft : SilentQueues.drafts(drop, silent, LIST_BYTES_MAX)) {
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
