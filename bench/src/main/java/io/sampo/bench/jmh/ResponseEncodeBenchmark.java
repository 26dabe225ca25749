package io.sampo.bench.jmh;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sampo.wire.CommandCodec;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.PullResponseHeader;
import io.sampo.wire.header.SendResponseHeader;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The answers to a send and to a pull, into a buffer that is used again. Expect the response's
 * header record and no other allocation.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ResponseEncodeBenchmark {
  private static final String MESSAGE_ID = "7F00000100002A9F0000000000BC614E";
  private static final int RECORDS_BYTES = 32 * 1200;

  @Param({"JSON", "ROCKETMQ"})
  private HeaderCodec codec = HeaderCodec.JSON;

  private final ByteBuf out = ByteBufAllocator.DEFAULT.directBuffer(1024);
  private int opaque;
  private long offset = 12_345_678;

  /** Gives the buffer back. */
  @TearDown
  public void release() {
    out.release();
  }

  @Benchmark
  public ByteBuf sendResponse() {
    SendResponseHeader header = new SendResponseHeader(MESSAGE_ID, 3, offset++, null);
    out.clear();
    CommandCodec.encodeResponse(out, codec, opaque++, ResponseCode.SUCCESS, null, header, 0);
    return out;
  }

  @Benchmark
  public ByteBuf pullResponse() {
    PullResponseHeader header = new PullResponseHeader(0, offset++, 0, offset + 1000);
    out.clear();
    CommandCodec.encodeResponse(
        out, codec, opaque++, ResponseCode.SUCCESS, null, header, RECORDS_BYTES);
    return out;
  }
}
