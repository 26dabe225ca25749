package io.sampo.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a writer refuses and what a reader of damaged bytes must notice. */
class MessageRecordTest {
  private static MessageDraft draft(String topic, int bodyBytes, int propertiesBytes) {
    ByteBuffer body = ByteBuffer.allocate(bodyBytes);
    return MessageDraft.to(new QueueKey(topic, 0))
        .body(body, BodyCrc.of(body))
        .properties(new byte[propertiesBytes], 0)
        .build();
  }

  @Test
  void aRecordIsWrittenInPlaceAndTouchesNothingAround() {
    MessageDraft draft = draft("T", 100, 7);
    int size = MessageRecordWriter.sizeOf(draft);
    ByteBuffer target = ByteBuffer.allocate(size + 20);
    target.put(9, (byte) 0x55).put(10 + size, (byte) 0x66).position(3);

    assertThat(MessageRecordWriter.encode(draft, 1, 2, 3, target, 10)).isEqualTo(size);

    assertThat(target.get(9)).isEqualTo((byte) 0x55);
    assertThat(target.get(10 + size)).isEqualTo((byte) 0x66);
    assertThat(target.position()).isEqualTo(3);
    assertThat(draft.body().remaining()).isEqualTo(100);
    assertThat(MessageRecord.isWhole(target, 10, 10 + size)).isTrue();
  }

  @Test
  void aBodyWithinALargerBufferIsCutOutOfIt() {
    ByteBuffer received = ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5}).position(1).limit(4);
    MessageDraft draft =
        MessageDraft.to(new QueueKey("T", 0)).body(received, BodyCrc.of(received)).build();
    ByteBuffer record = ByteBuffer.allocate(MessageRecordWriter.sizeOf(draft));

    MessageRecordWriter.encode(draft, 0, 0, 0, record, 0);

    assertThat(MessageRecord.body(record, 0))
        .isEqualByComparingTo(ByteBuffer.wrap(new byte[] {2, 3, 4}));
    assertThat(MessageRecord.isBodyIntact(record, 0)).isTrue();
  }

  @Test
  void whatDoesNotFitTheFormatIsRefusedBeforeAnythingIsWritten() {
    assertThatThrownBy(() -> MessageRecordWriter.sizeOf(draft("T", 0, 32768)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("32768");
    assertThatThrownBy(() -> MessageRecordWriter.sizeOf(draft("T".repeat(32768), 0, 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("32768");
  }

  @Test
  void noDamageMakesAReaderLeaveTheBuffer() {
    MessageDraft draft = draft("Topic", 30, 9);
    int size = MessageRecordWriter.sizeOf(draft);
    ByteBuffer intact = ByteBuffer.allocate(size);
    MessageRecordWriter.encode(draft, 1, 2, 3, intact, 0);
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 50_000; round++) {
      ByteBuffer damaged = ByteBuffer.wrap(intact.array().clone());
      for (int i = random.nextInt(4); i >= 0; i--) {
        damaged.put(random.nextInt(size), (byte) random.nextInt());
      }
      int end = random.nextInt(8) == 0 ? random.nextInt(size) : size;
      if (MessageRecord.isWhole(damaged, 0, end)) {
        assertThat(MessageRecord.topic(damaged, 0)).as("seed %d", seed).isNotNull();
        assertThat(
                MessageRecord.propertiesIndex(damaged, 0)
                    + MessageRecord.propertiesSize(damaged, 0))
            .as("seed %d", seed)
            .isEqualTo(end);
      }
    }
  }

  @Test
  void everyTruncationOfARecordIsNoticed() {
    MessageDraft draft = draft("Topic", 30, 9);
    int size = MessageRecordWriter.sizeOf(draft);
    ByteBuffer record = ByteBuffer.allocate(size);
    MessageRecordWriter.encode(draft, 1, 2, 3, record, 0);

    for (int end = 0; end < size; end++) {
      assertThat(MessageRecord.isWhole(record, 0, end)).as("cut at %d", end).isFalse();
    }
  }
}
