package io.sampo.bench.jmh;

import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSettings;
import io.sampo.storage.log.LogSlice;
import io.sampo.storage.log.QueueView;
import io.sampo.storage.log.RecordPlace;
import io.sampo.storage.log.SegmentedLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What a pull asks of the log: its queue's view, 32 entries from some offset, and the bytes of a
 * run of records. The offsets lie either in the active segment, whose index is in memory, or in
 * sealed ones.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class IndexBenchmark {
  private static final int QUEUES = 1000;
  private static final int RECORDS_PER_QUEUE = 400;
  private static final int ENTRIES = 32;
  private static final int BODY_BYTES = 128;
  private static final int SEALED_SEGMENT_BYTES = 16 << 20;
  private static final int ACTIVE_SEGMENT_BYTES = 256 << 20;

  /** Where the records lie that are looked up. */
  public enum Where {
    ACTIVE,
    SEALED
  }

  @Param({"ACTIVE", "SEALED"})
  private Where where = Where.ACTIVE;

  private final SplittableRandom random = new SplittableRandom(20111);
  private final QueueKey[] queues = new QueueKey[QUEUES];
  private @Nullable ScratchDirectory directory;
  private @Nullable SegmentedLog log;
  private long position;
  private int sizeBytes;

  /** Fills a log. */
  @Setup
  public void fill() throws IOException {
    int segmentBytes = where == Where.SEALED ? SEALED_SEGMENT_BYTES : ACTIVE_SEGMENT_BYTES;
    ScratchDirectory made = ScratchDirectory.make();
    SegmentedLog opened =
        SegmentedLog.open(
            new LogSettings(made.path().resolve("log"), segmentBytes, 4 << 20, segmentBytes));
    opened.beginEpoch(1);
    ByteBuffer body = Samples.body(BODY_BYTES);
    RecordPlace place = new RecordPlace();
    for (int i = 0; i < QUEUES; i++) {
      queues[i] = new QueueKey("topic-" + i / 8, i % 8);
    }
    for (int i = 0; i < RECORDS_PER_QUEUE; i++) {
      for (QueueKey queue : queues) {
        MessageDraft draft = Samples.draft(queue, body);
        opened.reserve(MessageRecordWriter.sizeOf(draft));
        opened.append(draft, 1_760_000_000_000L + i, place);
      }
      opened.endBatch();
    }
    position = place.position;
    sizeBytes = place.sizeBytes;
    directory = made;
    log = opened;
  }

  /** Removes it. */
  @TearDown
  public void close() throws IOException {
    if (log != null) {
      log.close();
    }
    if (directory != null) {
      directory.close();
    }
  }

  @Benchmark
  public QueueView lookUp() {
    return reader().queue(queues[random.nextInt(QUEUES)]);
  }

  @Benchmark
  public long scan(Blackhole blackhole) {
    QueueView queue = reader().queue(queues[random.nextInt(QUEUES)]);
    long from = random.nextInt(RECORDS_PER_QUEUE - ENTRIES - 1);
    return queue.scan(
        from,
        from + ENTRIES,
        (offset, recordPosition, recordBytes, tagHash) -> {
          blackhole.consume(recordPosition + recordBytes + tagHash);
          return true;
        });
  }

  @Benchmark
  public int slice() {
    try (LogSlice slice = reader().slice(position, sizeBytes)) {
      return slice == null ? -1 : slice.sizeBytes();
    }
  }

  private LogReader reader() {
    if (log == null) {
      throw new IllegalStateException("no log");
    }
    return log;
  }
}
