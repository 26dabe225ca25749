package io.sampo.bench.jmh;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sampo.wire.FrameBudget;
import io.sampo.wire.FrameDecoder;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.RemotingCommand;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * Sixteen 1 KB sends that arrive in one read, through the connection's decoder; the time is that of
 * one. With cut = true each read ends within the last frame, which so is put together from two.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FrameDecodeBenchmark {
  private static final int FRAMES = 16;
  private static final int BODY_BYTES = 1024;
  private static final int FRAME_BYTES_MAX = 16 << 20;

  @Param({"JSON", "ROCKETMQ"})
  private HeaderCodec codec = HeaderCodec.JSON;

  @Param({"false", "true"})
  private boolean cut;

  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          new FrameDecoder(FRAME_BYTES_MAX, new FrameBudget(FRAME_BYTES_MAX)), new Released());

  private ByteBuf first = ByteBufAllocator.DEFAULT.directBuffer();
  private ByteBuf second = ByteBufAllocator.DEFAULT.directBuffer();

  /** Fills the reads. */
  @Setup
  public void fill() {
    ByteBuf frame = Samples.sendFrame(codec, BODY_BYTES);
    ByteBuf all = ByteBufAllocator.DEFAULT.directBuffer();
    for (int i = 0; i < FRAMES; i++) {
      all.writeBytes(frame, 0, frame.readableBytes());
    }
    int split = cut ? all.readableBytes() - BODY_BYTES / 2 : all.readableBytes();
    first.writeBytes(all, split);
    second.writeBytes(all);
    all.release();
    frame.release();
  }

  /** Gives the reads back. */
  @TearDown
  public void release() {
    first.release();
    second.release();
    channel.close();
  }

  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public void decode() {
    channel.pipeline().fireChannelRead(first.retainedDuplicate());
    if (second.isReadable()) {
      channel.pipeline().fireChannelRead(second.retainedDuplicate());
    }
  }

  /** Stands where a connection's request handler is. */
  private static final class Released extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ((RemotingCommand) message).release();
    }
  }
}
