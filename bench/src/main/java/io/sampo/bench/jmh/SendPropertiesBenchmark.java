package io.sampo.bench.jmh;

import io.sampo.routing.request.SendProperties;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a plain send pays on the event loop for the kinds of message that it isn't: one pass over
 * its properties for everything that asks for more than to be stored (a delay, a transaction, a
 * reply, a type), and the property that 5.x consumers want. Expect no allocation of the first, and
 * the stored array of the second.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SendPropertiesBenchmark {
  private final byte[] properties = Samples.properties();

  @Benchmark
  public long scan() {
    return SendProperties.scan(properties);
  }

  @Benchmark
  public byte[] withRegion() {
    return SendProperties.withRegion(properties);
  }
}
