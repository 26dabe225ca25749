package io.sampo.storage.log;

import static io.sampo.storage.log.Drafts.append;
import static io.sampo.storage.log.Drafts.draft;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.record.QueueKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One writer, one flusher and several readers, over many small segments. */
@Timeout(60)
class ConcurrentReadersTest {
  private static final int QUEUES = 7;
  private static final int RECORDS = 20_000;

  @TempDir(factory = InMemory.class)
  Path folder;

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stop() throws InterruptedException {
    threads.shutdownNow();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  private static QueueKey queue(int i) {
    return new QueueKey("topic", i);
  }

  private static String body(int queue, long offset) {
    return queue + "/" + offset + "/" + "b".repeat((int) (offset * 31 % 400));
  }

  @Test
  void readersSeeEveryRecordWholeAndInOrderWhileItIsWritten() throws Exception {
    try (SegmentedLog log =
        SegmentedLog.open(new LogSettings(folder, 64 << 10, 4 << 10, 16 << 10))) {
      AtomicBoolean done = new AtomicBoolean();
      List<Future<?>> others = new ArrayList<>();
      for (int i = 0; i < QUEUES; i++) {
        int queue = i;
        others.add(threads.submit(() -> readAll(log, queue)));
      }
      others.add(threads.submit((Callable<Void>) () -> lookBack(log, done)));
      others.add(threads.submit((Callable<Void>) () -> keepFlushing(log, done)));
      for (int i = 0; i < RECORDS; i++) {
        int queue = i % QUEUES;
        append(log, draft(queue(queue), body(queue, i / QUEUES)), 1_000 + i);
        if (i % 5 == 0) {
          log.endBatch();
        }
      }
      log.endBatch();
      done.set(true);
      for (Future<?> other : others) {
        other.get();
      }
      assertThat(LogFiles.withSuffix(folder, ".log")).hasSizeGreaterThan(80);
    }
  }

  /** Follows a queue to its last record. */
  private static void readAll(SegmentedLog log, int number) {
    QueueKey key = queue(number);
    QueueView view = log.queue(key);
    int expected = (RECORDS - number + QUEUES - 1) / QUEUES;
    long[] next = {0};
    while (next[0] < expected) {
      long published = view.nextOffset();
      long end =
          view.scan(
              next[0],
              Long.MAX_VALUE,
              (offset, position, sizeBytes, tagHash) -> {
                assertThat(offset).isEqualTo(next[0]);
                assertThat(position + sizeBytes).isLessThanOrEqualTo(log.writtenPosition());
                assertThat(Drafts.body(log, key, offset, position, sizeBytes))
                    .isEqualTo(body(number, offset));
                next[0]++;
                return true;
              });
      assertThat(end).isEqualTo(next[0]).isGreaterThanOrEqualTo(published);
      Thread.onSpinWait();
    }
  }

  /** Reads old records again and again, by offset and by time. */
  private static Void lookBack(SegmentedLog log, AtomicBoolean done) {
    QueueView view = log.queue(queue(0));
    long step = 1;
    while (!done.get()) {
      long next = view.nextOffset();
      if (next > 0) {
        long offset = step++ * 7919 % next;
        long end =
            view.scan(
                offset,
                offset + 1,
                (at, position, sizeBytes, tagHash) -> {
                  assertThat(Drafts.body(log, queue(0), at, position, sizeBytes))
                      .isEqualTo(body(0, at));
                  return true;
                });
        assertThat(end).isEqualTo(offset + 1);
        assertThat(view.offsetAtOrAfter(1_000 + offset * QUEUES, next)).isEqualTo(offset);
        assertThat(view.firstOffset()).isZero();
      }
    }
    return null;
  }

  private static Void keepFlushing(SegmentedLog log, AtomicBoolean done) throws Exception {
    while (!done.get()) {
      long written = log.writtenPosition();
      log.flush();
      assertThat(log.flushedPosition()).isGreaterThanOrEqualTo(written);
      assertThat(log.flushedPosition()).isLessThanOrEqualTo(log.writtenPosition());
    }
    return null;
  }
}
