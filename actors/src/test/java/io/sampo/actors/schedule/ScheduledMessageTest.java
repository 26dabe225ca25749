package io.sampo.actors.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.record.BodyCrc;
import io.sampo.record.HostAddress;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ScheduledMessageTest {
  private static final long DUE_MS = 1_800_000_000_123L;

  @Test
  void comesBackAsItWas() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      MessageDraft original = anyMessage(random, () -> {});
      long dueMs = random.nextLong();

      ByteBuffer record = stored(ScheduledMessage.toSchedule(original, dueMs));

      String context = "seed " + seed + " round " + round;
      assertThat(MessageRecord.topic(record, 7)).as(context).isEqualTo(ScheduledMessage.TOPIC);
      assertThat(ScheduledMessage.deliverAtMs(record, 7)).as(context).isEqualTo(dueMs);
      assertThat(ScheduledMessage.target(record, 7)).as(context).isEqualTo(original.queue());
      MessageDraft back =
          ScheduledMessage.toOriginal(
              record, 7, ScheduledMessage.target(record, 7), original::release);
      assertThat(stored(back)).as(context).isEqualTo(stored(original));
      assertThat(back.tagHash()).as(context).isEqualTo(original.tagHash());
    }
  }

  @Test
  void releasesTheOriginalOnce() {
    AtomicInteger releases = new AtomicInteger();
    MessageDraft waiting =
        ScheduledMessage.toSchedule(anyMessage(new Random(1), releases::incrementAndGet), DUE_MS);
    waiting.release();
    assertThat(releases).hasValue(1);
  }

  @Test
  void showsTheTagsOfTheMessageToThoseWhoReadProperties() {
    MessageDraft original =
        MessageDraft.to(new QueueKey("orders", 3))
            .properties(MessageProperties.encode(Map.of("TAGS", "late")), "late".hashCode())
            .build();
    MessageDraft waiting = ScheduledMessage.toSchedule(original, DUE_MS);
    assertThat(MessageProperties.tagHash(waiting.properties())).isEqualTo("late".hashCode());
  }

  @Test
  void takesPropertiesUpToItsLimitAndRefusesLongerOnes() {
    int max = ScheduledMessage.propertiesBytesMax("orders");
    MessageDraft longest = withProperties(new byte[max]);
    assertThat(ScheduledMessage.toSchedule(longest, DUE_MS).properties())
        .hasSize(MessageProperties.BYTES_MAX);
    assertThatThrownBy(() -> ScheduledMessage.toSchedule(withProperties(new byte[max + 1]), DUE_MS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most " + max);
  }

  @Test
  void refusesRecordsThatAreNoneOfIts() {
    ByteBuffer plain = stored(withProperties(MessageProperties.encode(Map.of("TAGS", "t"))));
    assertThatThrownBy(() -> ScheduledMessage.deliverAtMs(plain, 7))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static MessageDraft withProperties(byte[] properties) {
    return MessageDraft.to(new QueueKey("orders", 3)).properties(properties, 0).build();
  }

  private static MessageDraft anyMessage(Random random, Runnable onRelease) {
    byte[] body = new byte[random.nextInt(100)];
    random.nextBytes(body);
    ByteBuffer bytes = ByteBuffer.wrap(body);
    byte[] properties =
        random.nextBoolean()
            ? new byte[0]
            : MessageProperties.encode(
                Map.of("TAGS", "t" + random.nextInt(5), "KEYS", "k" + random.nextInt()));
    HostAddress host =
        new HostAddress(new byte[random.nextBoolean() ? 4 : 16], random.nextInt(65536));
    return MessageDraft.to(new QueueKey("t".repeat(1 + random.nextInt(200)), random.nextInt(9)))
        .flags(random.nextInt(), random.nextInt(0x10))
        .born(random.nextLong(), host)
        .storeHost(host)
        .reconsumeTimes(random.nextInt(17))
        .preparedTransactionOffset(random.nextLong())
        .body(bytes, BodyCrc.of(bytes))
        .properties(properties, MessageProperties.tagHash(properties))
        .onRelease(onRelease)
        .build();
  }

  /** The record at index 7, so that nothing relies on index 0. */
  private static ByteBuffer stored(MessageDraft draft) {
    ByteBuffer record = ByteBuffer.allocate(7 + MessageRecordWriter.sizeOf(draft));
    MessageRecordWriter.encode(draft, 5, 12345, 99, record, 7);
    return record;
  }
}
