package io.sampo.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchBodyTest {
  private static ByteBuffer batch(int messages) {
    ByteBuffer batch = ByteBuffer.allocate(messages * 30);
    for (int i = 0; i < messages; i++) {
      batch.putInt(30).putInt(0).putInt(0).putInt(i).putInt(5).put(new byte[5]);
      batch.putShort((short) 3).put(new byte[3]);
    }
    return batch.flip();
  }

  @Test
  void anEmptyBatchAndOneWithTooManyMessagesAreRefused() {
    assertThatThrownBy(() -> BatchBody.countChecked(batch(0), 10))
        .isInstanceOf(MalformedBatchException.class);
    assertThatThrownBy(() -> BatchBody.countChecked(batch(11), 10))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessageContaining("more than 10");
    assertThat(BatchBody.countChecked(batch(10), 10)).isEqualTo(10);
  }

  @Test
  void aBatchCutAnywhereBetweenItsMessagesIsRefused() {
    ByteBuffer whole = batch(2);
    for (int end = 1; end < whole.limit(); end++) {
      ByteBuffer cut = whole.slice(0, end);
      if (end == 30) {
        assertThat(BatchBody.countChecked(cut, 10)).isEqualTo(1);
      } else {
        assertThatThrownBy(() -> BatchBody.countChecked(cut, 10))
            .as("cut at %d", end)
            .isInstanceOf(MalformedBatchException.class);
      }
    }
  }

  @Test
  void damageNeverLeadsAnywhereButToTheException() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 50_000; round++) {
      ByteBuffer damaged = batch(3);
      for (int i = random.nextInt(3); i >= 0; i--) {
        damaged.put(random.nextInt(damaged.limit()), (byte) random.nextInt());
      }
      try {
        BatchBody walk = new BatchBody(damaged);
        while (walk.next()) {
          assertThat(walk.body().remaining() + walk.properties().remaining())
              .as("seed %d", seed)
              .isLessThanOrEqualTo(damaged.limit() - 22);
        }
      } catch (MalformedBatchException expected) {
        assertThat(expected).as("seed %d", seed).hasMessageContaining("malformed batch at byte");
      }
    }
  }
}
