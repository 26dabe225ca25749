package io.sampo.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.rocketmq.common.UtilAll;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageClientIDSetter;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The official client's decoder is the judge of what we store, and we read what it writes. */
class OfficialRecordTest {
  private static final HostAddress V4 = new HostAddress(new byte[] {127, 0, 0, 1}, 10911);
  private static final HostAddress V6 =
      new HostAddress(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 65535);

  private static ByteBuffer encoded(MessageDraft draft) {
    ByteBuffer record = ByteBuffer.allocateDirect(MessageRecordWriter.sizeOf(draft));
    int written = MessageRecordWriter.encode(draft, 77, 1L << 50, 1_700_000_000_123L, record, 0);
    assertThat(written).isEqualTo(record.capacity());
    return record;
  }

  private static MessageDraft draft(
      String topic, byte[] body, Map<String, String> properties, HostAddress born, HostAddress at) {
    ByteBuffer buffer = ByteBuffer.wrap(body);
    byte[] encoded = MessageProperties.encode(properties);
    return MessageDraft.to(new QueueKey(topic, 3))
        .flags(42, SysFlag.BORN_IPV6)
        .born(1_700_000_000_000L, born)
        .storeHost(at)
        .reconsumeTimes(5)
        .preparedTransactionOffset(99)
        .body(buffer, BodyCrc.of(buffer))
        .properties(encoded, MessageProperties.tagHash(encoded))
        .build();
  }

  @Test
  void theOfficialDecoderReadsEveryFieldThatWeWrite() {
    for (HostAddress born : List.of(V4, V6)) {
      for (HostAddress store : List.of(V4, V6)) {
        byte[] body = {1, 2, 3};
        ByteBuffer record = encoded(draft("TopicA", body, Map.of("TAGS", "a"), born, store));

        MessageExt read = MessageDecoder.decode(record.duplicate(), true, false, true);

        assertThat(read.getTopic()).isEqualTo("TopicA");
        assertThat(read.getQueueId()).isEqualTo(3);
        assertThat(read.getQueueOffset()).isEqualTo(77);
        assertThat(read.getCommitLogOffset()).isEqualTo(1L << 50);
        assertThat(read.getFlag()).isEqualTo(42);
        assertThat(read.getBornTimestamp()).isEqualTo(1_700_000_000_000L);
        assertThat(read.getBornHost()).isEqualTo(born.toSocketAddress());
        assertThat(read.getStoreTimestamp()).isEqualTo(1_700_000_000_123L);
        assertThat(read.getStoreHost()).isEqualTo(store.toSocketAddress());
        assertThat(read.getReconsumeTimes()).isEqualTo(5);
        assertThat(read.getPreparedTransactionOffset()).isEqualTo(99);
        assertThat(read.getBody()).isEqualTo(body);
        assertThat(read.getTags()).isEqualTo("a");
        assertThat(read.getBodyCRC()).isEqualTo(UtilAll.crc32(body));
        assertThat(read.getStoreSize()).isEqualTo(record.capacity());
        assertThat(read.getMsgId()).isEqualTo(MessageIds.encode(store, 1L << 50));
      }
    }
  }

  @Test
  void aTopicBeyondTheSignedByteIsWrittenInTheSecondVersion() {
    for (String topic : List.of("t".repeat(127), "t".repeat(128), "ü".repeat(64), "é€😀")) {
      ByteBuffer record = encoded(draft(topic, new byte[0], Map.of("a", "b"), V4, V4));

      assertThat(MessageDecoder.decode(record.duplicate()).getTopic()).isEqualTo(topic);
      assertThat(MessageRecord.topic(record, 0)).isEqualTo(topic);
      assertThat(MessageRecord.isWhole(record, 0, record.capacity())).isTrue();
    }
  }

  @Test
  void weReadWhatTheOfficialEncoderWrites() throws Exception {
    MessageExt message = new MessageExt();
    message.setTopic("TopicB");
    message.setBody(new byte[] {9, 8, 7});
    message.setQueueId(1);
    message.setQueueOffset(2);
    message.setCommitLogOffset(3);
    message.setFlag(4);
    message.setReconsumeTimes(6);
    message.setPreparedTransactionOffset(7);
    message.setBornTimestamp(8);
    message.setStoreTimestamp(9);
    message.setBornHost(V6.toSocketAddress());
    message.setBornHostV6Flag();
    message.setStoreHost(V4.toSocketAddress());
    message.setTags("x");
    message.setBodyCRC(UtilAll.crc32(message.getBody()));
    byte[] official = MessageDecoder.encode(message, false);
    ByteBuffer record = ByteBuffer.allocate(official.length + 7).put(7, official);

    assertThat(MessageRecord.isWhole(record, 7, record.capacity())).isTrue();
    assertThat(MessageRecord.isBodyIntact(record, 7)).isTrue();
    assertThat(MessageRecord.totalSize(record, 7)).isEqualTo(official.length);
    assertThat(MessageRecord.queueId(record, 7)).isEqualTo(1);
    assertThat(MessageRecord.queueOffset(record, 7)).isEqualTo(2);
    assertThat(MessageRecord.physicalOffset(record, 7)).isEqualTo(3);
    assertThat(MessageRecord.flag(record, 7)).isEqualTo(4);
    assertThat(MessageRecord.sysFlag(record, 7)).isEqualTo(SysFlag.BORN_IPV6);
    assertThat(MessageRecord.reconsumeTimes(record, 7)).isEqualTo(6);
    assertThat(MessageRecord.preparedTransactionOffset(record, 7)).isEqualTo(7);
    assertThat(MessageRecord.bornTimestamp(record, 7)).isEqualTo(8);
    assertThat(MessageRecord.storeTimestamp(record, 7)).isEqualTo(9);
    assertThat(MessageRecord.bornHost(record, 7)).isEqualTo(V6);
    assertThat(MessageRecord.storeHost(record, 7)).isEqualTo(V4);
    assertThat(MessageRecord.body(record, 7))
        .isEqualByComparingTo(ByteBuffer.wrap(message.getBody()));
    assertThat(MessageRecord.topic(record, 7)).isEqualTo("TopicB");
    assertThat(MessageRecord.property(record, 7, "TAGS")).isEqualTo("x");
    assertThat(MessageProperties.parse(MessageRecord.properties(record, 7)))
        .isEqualTo(message.getProperties());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\1b\2", "a\1b", "a\1\2\1b\2c\1d\2", "x\1y\1z\2\2\2", "a\1b\2a\1c"})
  void propertiesAreReadAsTheOfficialClientReadsThem(String properties) {
    byte[] bytes = properties.getBytes(StandardCharsets.UTF_8);

    assertThat(MessageProperties.parse(bytes))
        .isEqualTo(MessageDecoder.string2messageProperties(properties));
  }

  @Test
  void randomPropertiesAreReadAsTheOfficialClientReadsThem() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String alphabet = "ab\1\2Sü";
    for (int round = 0; round < 20_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(14); i > 0; i--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
      Map<String, String> official = MessageDecoder.string2messageProperties(text.toString());

      assertThat(MessageProperties.parse(bytes)).as("seed %d", seed).isEqualTo(official);
      for (String name : List.of("a", "b", "ab", "ü", "S")) {
        assertThat(MessageProperties.find(bytes, name))
            .as("seed %d, %s in %s", seed, name, text)
            .isEqualTo(official.get(name));
      }
    }
  }

  @Test
  void messageIdsAreTheOfficialOnes() throws Exception {
    for (HostAddress host : List.of(V4, V6)) {
      long offset = 0x0102_0304_f5f6_f7f8L;
      String id = MessageIds.encode(host, offset);

      MessageId official = MessageDecoder.decodeMessageId(id);

      assertThat(official.getAddress()).isEqualTo(host.toSocketAddress());
      assertThat(official.getOffset()).isEqualTo(offset);
      assertThat(MessageDecoder.createMessageId(host.toSocketAddress(), offset)).isEqualTo(id);
      assertThat(MessageIds.decode(id)).isEqualTo(new MessageIds.Place(host, offset));
    }
  }

  @Test
  void theOfficialToolsReadTheTimeOutOfOurUniqueKeys() {
    // Slow, because the official reader takes a time that isn't past for one of last month.
    Clock clock = Clock.offset(Clock.system(ZoneId.systemDefault()), Duration.ofSeconds(-2));
    UniqueKeys keys = new UniqueKeys(new byte[] {10, 1, 2, 3}, 4711, 1, clock);
    long before = clock.millis();
    String key = keys.next();
    long after = clock.millis();

    assertThat(MessageClientIDSetter.getNearlyTimeFromID(key).toInstant().toEpochMilli())
        .isBetween(before, after);
    assertThat(MessageClientIDSetter.getIPStrFromID(key)).isEqualTo("10.1.2.3");
    assertThat(MessageClientIDSetter.getPidFromID(key)).isEqualTo(4711);
  }

  @Test
  void anOfficialBatchIsWalkedMessageByMessage() {
    Message first = new Message("T", "a", new byte[] {1, 2});
    first.setFlag(5);
    Message second = new Message("T", new byte[0]);
    byte[] official = MessageDecoder.encodeMessages(List.of(first, second));
    ByteBuffer batch = ByteBuffer.allocate(official.length + 3).put(3, official).position(3);

    assertThat(BatchBody.countChecked(batch, 2)).isEqualTo(2);
    BatchBody walk = new BatchBody(batch);
    assertThat(walk.next()).isTrue();
    assertThat(walk.flag()).isEqualTo(5);
    assertThat(walk.body()).isEqualByComparingTo(ByteBuffer.wrap(first.getBody()));
    assertThat(MessageProperties.find(walk.properties(), "TAGS")).isEqualTo("a");
    assertThat(walk.next()).isTrue();
    assertThat(walk.body().remaining()).isZero();
    assertThat(walk.next()).isFalse();
  }
}
