package io.sampo.cluster.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameAssemblerTest {
  private static final int FRAME_BYTES_MAX = 300_000;

  @Test // however the bytes are cut on the way, the same frames come out
  void framesComeOutWholeWhereverTheirBytesWereCut() {
    List<ByteBuffer> frames = List.of(frame(0), frame(1), frame(70_000), frame(299_996), frame(3));
    ByteBuffer stream = joined(frames);
    for (int step : new int[] {1, 2, 3, 5, 64, 65_535, 65_536, 65_537, stream.remaining()}) {
      FrameAssembler assembler = new FrameAssembler(FRAME_BYTES_MAX);
      List<ByteBuffer> out = new ArrayList<>();
      for (int at = 0; at < stream.capacity(); at += step) {
        ByteBuffer part = stream.slice(at, Math.min(step, stream.capacity() - at));
        for (ByteBuffer each = assembler.next(part); each != null; each = assembler.next(part)) {
          out.add(each);
        }
        assertThat(part.hasRemaining()).isFalse();
      }
      assertThat(out).as("in steps of %d", step).isEqualTo(frames);
    }
  }

  @Test
  void aFrameOwnsItsBytes() {
    FrameAssembler assembler = new FrameAssembler(FRAME_BYTES_MAX);
    ByteBuffer received = frame(10);
    ByteBuffer first = assembler.next(received.duplicate());
    received.put(8, (byte) 99);

    assertThat(first).isNotEqualTo(received);
    assertThat(assembler.next(received)).isEqualTo(received.rewind());
  }

  @Test
  void aLengthThatNoneMayHaveIsRefused() {
    for (int length : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, FRAME_BYTES_MAX - 3}) {
      FrameAssembler assembler = new FrameAssembler(FRAME_BYTES_MAX);
      assertThatThrownBy(() -> assembler.next(ByteBuffer.allocate(4).putInt(0, length)))
          .isInstanceOf(BrokenFrameException.class);
    }
  }

  private static ByteBuffer frame(int bytes) {
    byte[] content = new byte[bytes];
    new Random(bytes).nextBytes(content);
    return ByteBuffer.allocate(4 + bytes).putInt(bytes).put(content).flip();
  }

  private static ByteBuffer joined(List<ByteBuffer> frames) {
    ByteBuffer all = ByteBuffer.allocate(frames.stream().mapToInt(ByteBuffer::remaining).sum());
    frames.forEach(each -> all.put(each.duplicate()));
    return all.flip();
  }
}
