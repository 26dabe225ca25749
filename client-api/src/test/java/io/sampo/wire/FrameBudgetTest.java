package io.sampo.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who has to go when unfinished frames take too much. */
class FrameBudgetTest {
  private static EmbeddedChannel channel(FrameBudget budget) {
    return new EmbeddedChannel(new FrameDecoder(1 << 20, budget));
  }

  private static ByteBuf whole(int opaque, int bodyBytes) {
    ByteBuf frame = Unpooled.buffer();
    CommandCodec.encodeRequest(
        frame, HeaderCodec.JSON, opaque, 310, false, CommandHeader.NONE, bodyBytes);
    return frame.writeZero(bodyBytes);
  }

  private static ByteBuf unfinished(int bytes) {
    return Unpooled.buffer().writeInt(1_000_000).writeInt(100).writeZero(bytes - 8);
  }

  @Test
  void aFrameThatIsNotFinishedMakesRoomForOneThatComesLater() {
    AtomicLong nanos = new AtomicLong();
    FrameBudget small = new FrameBudget(30_000, nanos::get);
    EmbeddedChannel early = channel(small);
    EmbeddedChannel other = channel(small);
    EmbeddedChannel late = channel(small);
    early.writeInbound(unfinished(10_000));
    nanos.addAndGet(1000);
    other.writeInbound(unfinished(15_000));
    nanos.addAndGet(500);

    late.writeInbound(unfinished(10_000));

    assertThat(small.reservedBytes()).isEqualTo(25_000);
    early.runPendingTasks();
    assertThatThrownBy(early::checkException)
        .isInstanceOf(FrameException.class)
        .hasMessageContaining("needed for others");
    assertThat(early.isOpen()).isFalse();
    assertThat(other.isOpen()).isTrue();
    assertThat(late.isOpen()).isTrue();
    for (EmbeddedChannel each : List.of(early, other, late)) {
      each.finishAndReleaseAll();
    }
    assertThat(small.reservedBytes()).isZero();
  }

  @Test
  void aFrameWhoseRestArrivesBeforeItIsEndedLives() {
    AtomicLong nanos = new AtomicLong();
    FrameBudget small = new FrameBudget(400, nanos::get);
    ByteBuf whole = whole(7, 10);
    int half = whole.readableBytes() / 2;
    List<FrameBudget.Holder> told = new ArrayList<>();
    FrameBudget.Holder later =
        new FrameBudget.Holder() {
          @Override
          void end() {
            told.add(this);
          }
        };
    EmbeddedChannel first = channel(small);
    first.writeInbound(whole.readBytes(half));
    nanos.addAndGet(1000);

    assertThat(small.tryReserve(later, 300)).isTrue(); // the first is told on its event loop
    first.pipeline().fireChannelRead(whole.readBytes(whole.readableBytes()));
    first.runPendingTasks();
    first.checkException();

    assertThat(first.isOpen()).isTrue();
    RemotingCommand command = first.readInbound();
    assertThat(command.opaque()).isEqualTo(7);
    command.release();
    small.giveBack(later);
    assertThat(told).isEmpty();
    assertThat(small.reservedBytes()).isZero();
    whole.release();
    first.finishAndReleaseAll();
  }

  @Test
  void theFrameThatHasCostTheMostGoesAlsoWhenItIsTheOneThatGrows() {
    AtomicLong nanos = new AtomicLong();
    FrameBudget small = new FrameBudget(40_000, nanos::get);
    EmbeddedChannel slow = channel(small);
    EmbeddedChannel late = channel(small);
    slow.writeInbound(unfinished(16_000));
    nanos.addAndGet(1000);
    late.writeInbound(unfinished(10_000));

    assertThatThrownBy(() -> slow.writeInbound(Unpooled.buffer().writeZero(16_000)))
        .isInstanceOf(FrameException.class)
        .hasMessageContaining("used up");

    assertThat(slow.isOpen()).isFalse();
    assertThat(late.isOpen()).isTrue();
    late.finishAndReleaseAll();
    slow.finishAndReleaseAll();
    assertThat(small.reservedBytes()).isZero();
  }

  @Test
  void whatCannotBeAllocatedIsGivenBack() {
    FrameBudget budget = new FrameBudget(30_000);
    EmbeddedChannel channel = channel(budget);
    channel
        .config()
        .setAllocator(
            new AbstractByteBufAllocator(true) {
              @Override
              protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
                throw new OutOfMemoryError("no heap");
              }

              @Override
              protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
                throw new OutOfMemoryError("no direct memory");
              }

              @Override
              public boolean isDirectBufferPooled() {
                return false;
              }
            });
    assertThatThrownBy(() -> channel.writeInbound(unfinished(1000)))
        .isInstanceOf(OutOfMemoryError.class);

    assertThat(budget.reservedBytes()).isZero();
    channel.writeInbound(whole(1, 10));
    assertThat(channel.<@Nullable Object>readInbound()).as("after a gap").isNull();
  }
}
