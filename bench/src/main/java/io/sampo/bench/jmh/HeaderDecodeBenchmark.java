package io.sampo.bench.jmh;

import io.netty.buffer.ByteBuf;
import io.sampo.wire.CommandCodec;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.header.SendRequestHeader;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** One whole send frame in, its typed header out. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HeaderDecodeBenchmark {
  private static final int LENGTH_BYTES = 4;
  private static final int BODY_BYTES = 1024;

  @Param({"JSON", "ROCKETMQ"})
  private HeaderCodec codec = HeaderCodec.JSON;

  private ByteBuf frame = Samples.sendFrame(codec, BODY_BYTES);

  /** Encodes it with the codec asked for. */
  @Setup
  public void encode() {
    frame.release();
    frame = Samples.sendFrame(codec, BODY_BYTES);
  }

  /** Gives it back. */
  @TearDown
  public void release() {
    frame.release();
  }

  @Benchmark
  public void sendHeader(Blackhole blackhole) {
    RemotingCommand command =
        CommandCodec.decode(frame, LENGTH_BYTES, frame.readableBytes() - LENGTH_BYTES);
    blackhole.consume(SendRequestHeader.read(command.fields()));
    command.release();
  }
}
