package io.sampo.storage.log;

import static io.sampo.storage.log.Drafts.draft;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random histories of appends, flushes, rolls, restarts and crashes, compared with {@link LogModel}
 * whenever the log was opened. A crash keeps of what wasn't flushed any pages and loses or garbles
 * the others, and may take index files with it. Everything follows from the seed, which is in the
 * test's name.
 */
class RandomHistoryTest {
  @TempDir(factory = InMemory.class)
  Path folder;

  private Random random = new Random();
  private final LogModel model = new LogModel();
  private final RecordPlace place = new RecordPlace();
  private int queueCount;
  private long clockMs = 1_000_000;
  private int incarnation;
  private Path path = Path.of("");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void theLogHoldsWhatTheModelHoldsAfterEveryRestart(long seed) throws IOException {
    play(seed, 40, 12, 150);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12})
  void thousandsOfQueuesOverManySegments(long seed) throws IOException {
    play(seed, 3_000, 4, 4_000);
  }

  private void play(long seed, int queues, int restarts, int stepsBetween) throws IOException {
    random = new Random(seed);
    queueCount = queues;
    path = folder.resolve("log-0");
    SegmentedLog log = open();
    try {
      for (int restart = 0; restart < restarts; restart++) {
        int steps = random.nextInt(stepsBetween);
        for (int step = 0; step < steps; step++) {
          step(log);
        }
        log = random.nextInt(3) == 0 ? restart(log) : crash(log);
        model.assertSameAs(log);
      }
    } finally {
      log.close();
    }
    assertThat(model.size()).isPositive();
  }

  private SegmentedLog open() throws IOException {
    int stepBytes = 1 << (12 + random.nextInt(5));
    int batchBytes = 1 << (9 + random.nextInt(8));
    return SegmentedLog.open(new LogSettings(path, 64 << 10, batchBytes, stepBytes));
  }

  private void step(SegmentedLog log) throws IOException {
    clockMs += random.nextInt(20) - 5;
    int dice = random.nextInt(100);
    if (dice < 80) {
      appendGroup(log);
    } else if (dice < 90) {
      log.endBatch();
      model.batchEnded(log.writtenPosition());
    } else if (dice < 99) {
      log.flush(); // with a batch open as well: it stays out
      assertThat(log.flushedPosition()).isEqualTo(log.writtenPosition());
    } else {
      log.endBatch();
      model.batchEnded(log.writtenPosition());
      model.epochBegan(log.epoch() + 1);
      log.beginEpoch(log.epoch() + 1);
      model.batchEnded(log.writtenPosition());
    }
  }

  private void appendGroup(SegmentedLog log) throws IOException {
    QueueKey queue = new QueueKey("topic-" + random.nextInt(queueCount), random.nextInt(2));
    List<MessageDraft> drafts = new ArrayList<>();
    List<String> bodies = new ArrayList<>();
    int sizeBytes = 0;
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      int length = random.nextInt(20) == 0 ? random.nextInt(15_000) : random.nextInt(300);
      bodies.add(incarnation + "/" + model.size() + "/" + "b".repeat(length));
      drafts.add(draft(queue, bodies.get(i), random.nextBoolean() ? "tag" + count : null));
      sizeBytes += MessageRecordWriter.sizeOf(drafts.get(i));
    }
    long before = log.writtenPosition();
    log.reserve(sizeBytes);
    if (log.writtenPosition() != before) { // it had to close the batch, or to roll
      model.batchEnded(log.writtenPosition());
    }
    for (int i = 0; i < count; i++) {
      log.append(drafts.get(i), clockMs, place);
      model.appended(queue, bodies.get(i), drafts.get(i).tagHash(), clockMs, place);
    }
  }

  private SegmentedLog restart(SegmentedLog log) throws IOException {
    log.close();
    model.batchEnded(log.writtenPosition());
    LogFiles.damageIndexes(path, random);
    return open();
  }

  private SegmentedLog crash(SegmentedLog log) throws IOException {
    long flushed = log.flushedPosition();
    long written = log.writtenPosition();
    Path before = path;
    incarnation++;
    path = LogFiles.copy(before, folder.resolve("log-" + incarnation));
    log.close();
    // Beyond, the open batch lies about.
    LogFiles.losePages(path, flushed, written + (16 << 10), random);
    LogFiles.damageIndexes(path, random);
    SegmentedLog recovered = open();
    long end = recovered.writtenPosition();
    assertThat(end).isBetween(flushed, written);
    model.cutTo(end);
    LogFiles.delete(before);
    return recovered;
  }
}
