package io.sampo.bench.jmh;

import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogSettings;
import io.sampo.storage.log.RecordPlace;
import io.sampo.storage.log.SegmentedLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Batches of 32 records into a log on disk, as the commit log writes them; the time is that of one
 * record. Without a flush it is the memory's and the page cache's, with one mostly the disk's.
 * Every iteration has a log of its own, so that the disk isn't filled.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class LogAppendBenchmark {
  private static final int PER_BATCH = 32;
  private static final int QUEUES = 8;
  private static final int SEGMENT_BYTES = 256 << 20;
  private static final int BATCH_BYTES_MAX = 4 << 20;
  private static final int PREALLOCATE_BYTES = 64 << 20;

  @Param({"128", "1024"})
  private int bodyBytes = 128;

  @Param({"false", "true"})
  private boolean flush;

  private final MessageDraft[] drafts = new MessageDraft[QUEUES];
  private final RecordPlace place = new RecordPlace();
  private int batchBytes;
  private @Nullable ScratchDirectory directory;
  private @Nullable SegmentedLog log;

  /** Opens a new log. */
  @Setup(Level.Iteration)
  public void open() throws IOException {
    ByteBuffer body = Samples.body(bodyBytes);
    for (int i = 0; i < QUEUES; i++) {
      drafts[i] = Samples.draft(new QueueKey(Samples.TOPIC, i), body);
    }
    batchBytes = PER_BATCH * MessageRecordWriter.sizeOf(drafts[0]);
    ScratchDirectory made = ScratchDirectory.make();
    SegmentedLog opened =
        SegmentedLog.open(
            new LogSettings(
                made.path().resolve("log"), SEGMENT_BYTES, BATCH_BYTES_MAX, PREALLOCATE_BYTES));
    opened.beginEpoch(1);
    directory = made;
    log = opened;
  }

  /** Closes and removes it. */
  @TearDown(Level.Iteration)
  public void close() throws IOException {
    if (log != null) {
      log.close();
    }
    if (directory != null) {
      directory.close();
    }
  }

  @Benchmark
  @OperationsPerInvocation(PER_BATCH)
  public long append() throws IOException {
    SegmentedLog open = log;
    if (open == null) {
      throw new IllegalStateException("no log");
    }
    open.reserve(batchBytes);
    for (int i = 0; i < PER_BATCH; i++) {
      open.append(drafts[i % QUEUES], 1_760_000_000_000L, place);
    }
    open.endBatch();
    if (flush) {
      open.flush();
    }
    return place.position;
  }
}
