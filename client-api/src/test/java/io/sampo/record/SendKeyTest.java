package io.sampo.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SendKeyTest {
  private static final QueueKey QUEUE = new QueueKey("orders", 2);

  /** What a send has on its way in must be found again in what was stored, whatever its length. */
  @Test
  void aStoredRecordHasTheKeyOfItsSend() {
    Random random = new Random(7);
    for (int idChars = 1; idChars < 80; idChars++) {
      byte[] front = encoded("KEYS\u0001k" + idChars + "\u0002UNIQ_KEY\u0001");
      byte[] properties = encoded(text(front) + "x".repeat(idChars) + "\u0002TAGS\u0001t\u0002");
      for (int i = 0; i < idChars; i++) {
        properties[front.length + i] = (byte) (3 + random.nextInt(125));
      }
      int crc = random.nextInt(Integer.MAX_VALUE);

      assertThat(SendKey.of(record(properties, crc), 5))
          .isEqualTo(SendKey.of(properties, front.length, crc))
          .isNotEqualTo(SendKey.NONE);
    }
  }

  @Test
  void theIdMayEndTheProperties() {
    byte[] properties = encoded("UNIQ_KEY\u0001C0A80001");

    assertThat(SendKey.of(record(properties, 1), 5)).isEqualTo(SendKey.of(properties, 9, 1));
  }

  @Test
  void anotherIdOrAnotherBodyHasAnotherKey() {
    byte[] one = encoded("UNIQ_KEY\u0001C0A8000100000000000000000000AB01\u0002");
    byte[] other = encoded("UNIQ_KEY\u0001C0A8000100000000000000000000AB02\u0002");

    assertThat(SendKey.of(one, 9, 1))
        .isNotEqualTo(SendKey.of(other, 9, 1))
        .isNotEqualTo(SendKey.of(one, 9, 2));
  }

  @Test
  void aRecordWithoutAnIdHasNone() {
    assertThat(SendKey.of(record(encoded("TAGS\u0001a\u0002"), 1), 5)).isEqualTo(SendKey.NONE);
    assertThat(SendKey.of(record(new byte[0], 1), 5)).isEqualTo(SendKey.NONE);
  }

  /** At an odd place in the buffer, as in a segment. */
  private static ByteBuffer record(byte[] properties, int crc) {
    MessageDraft draft =
        MessageDraft.to(QUEUE)
            .body(ByteBuffer.wrap(encoded("body")), crc)
            .properties(properties, 0)
            .build();
    ByteBuffer bytes = ByteBuffer.allocate(5 + MessageRecordWriter.sizeOf(draft));
    MessageRecordWriter.encode(draft, 0, 0, 0, bytes, 5);
    return bytes;
  }

  private static byte[] encoded(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String text(byte[] encoded) {
    return new String(encoded, StandardCharsets.US_ASCII);
  }
}
