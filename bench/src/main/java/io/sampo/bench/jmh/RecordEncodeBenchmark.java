package io.sampo.bench.jmh;

import io.sampo.record.BodyCrc;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/** A draft into its stored record, without the log; and the body's checksum, which comes before. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RecordEncodeBenchmark {
  private static final int TARGET_BYTES = 64 << 10;

  @Param({"128", "1024", "16384"})
  private int bodyBytes = 128;

  private final ByteBuffer target = ByteBuffer.allocateDirect(TARGET_BYTES);
  private ByteBuffer body = Samples.body(bodyBytes);
  private MessageDraft draft = Samples.draft(new QueueKey(Samples.TOPIC, 3), body);
  private long offset;

  /** Makes it with the body asked for. */
  @Setup
  public void prepare() {
    body = Samples.body(bodyBytes);
    draft = Samples.draft(new QueueKey(Samples.TOPIC, 3), body);
  }

  @Benchmark
  public int encode() {
    int size = MessageRecordWriter.sizeOf(draft);
    long queueOffset = offset++;
    return size
        + MessageRecordWriter.encode(
            draft, queueOffset, queueOffset * size, 1_760_000_000_000L, target, 0);
  }

  @Benchmark
  public int bodyChecksum() {
    return BodyCrc.of(body);
  }
}
