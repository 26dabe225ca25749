package io.sampo.bench.jmh;

import io.sampo.cluster.replication.SendWindow;
import io.sampo.record.SendKey;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a plain send pays for the recognition of its retry: its key, on the event loop, and on the
 * log's thread a look for an earlier attempt and a note of this one, in tables that are full as
 * after a long time. Expect no allocation.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RepeatedSendBenchmark {
  private static final int SENDS = 750_000;
  private static final int RECORD_BYTES = 300;

  private final byte[] properties = Samples.properties();
  private final int idAt =
      new String(properties, StandardCharsets.US_ASCII).indexOf("UNIQ_KEY\u0001") + 9;
  private final SplittableRandom random = new SplittableRandom(20111);
  private final SendWindow window = new SendWindow(SENDS);
  private int crc;
  private long position;

  /** Fills both tables. */
  @Setup
  public void fill() {
    for (int i = 0; i < 2 * SENDS; i++) {
      position += RECORD_BYTES;
      window.put(random.nextLong(), position);
    }
  }

  @Benchmark
  public long key() {
    return SendKey.of(properties, idAt, crc++);
  }

  /** Another message each time, as nearly all are. */
  @Benchmark
  public long lookAndNote() {
    long hash = random.nextLong();
    long found = window.find(hash);
    position += RECORD_BYTES;
    window.put(hash, position);
    return found;
  }
}
