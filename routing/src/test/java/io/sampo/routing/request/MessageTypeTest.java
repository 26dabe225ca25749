package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.group.Queue;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.record.MessageDraft;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.SendRequestHeader;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which messages a topic takes when it says what it is for, and what the others are told. */
class MessageTypeTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final int PREPARED = 4;
  private static final byte[] BODY = "hello".getBytes(UTF_8);

  private final FakeNode node = new FakeNode(KIT, FakeNode.checkingTypes());
  private final TestClient client = node.connect();

  @AfterEach
  void nothingLeaks() {
    node.close();
  }

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  @ParameterizedTest
  @CsvSource({
    "TAGS=a, NORMAL",
    "__SHARDINGKEY=order-1, FIFO",
    "DELAY=3, DELAY",
    "TIMER_DELAY_MS=5, DELAY",
    "TIMER_DELAY_SEC=5, DELAY",
    "TIMER_DELIVER_MS=5, DELAY",
    "TRAN_MSG=true, TRANSACTION",
    "TRAN_MSG=true;DELAY=3;__SHARDINGKEY=a, TRANSACTION",
    "DELAY=3;__SHARDINGKEY=a, DELAY",
    "TRAN_MSG=false, NORMAL",
    "DELAY=0, NORMAL"
  })
  void theTypeIsReadFromTheProperties(String pairs, MessageType type) {
    assertThat(MessageType.of(SendProperties.scan(properties(pairs)))).isEqualTo(type);
  }

  @ParameterizedTest
  @EnumSource
  void aTopicTakesItsOwnTypeAndMixedTakesAll(MessageType expected) {
    TopicConfig topic = topic("T", expected.name());
    for (String pairs : new String[] {"TAGS=a", "__SHARDINGKEY=k", "DELAY=3", "TRAN_MSG=true"}) {
      long scanned = SendProperties.scan(properties(pairs));
      if (expected == MessageType.MIXED || expected == MessageType.of(scanned)) {
        assertThatCode(() -> MessageType.check(topic, scanned)).doesNotThrowAnyException();
      } else {
        assertThatThrownBy(() -> MessageType.check(topic, scanned))
            .isInstanceOf(IllegalMessageException.class);
      }
    }
  }

  @Test
  void aTopicThatSaysNothingIsForPlainMessages() {
    TopicConfig topic = TopicConfig.of("T", 1, 6);

    assertThat(MessageType.of(topic)).isEqualTo(MessageType.NORMAL);
  }

  @Test
  void retriesAndDeadLettersAreOfAnyType() {
    long delayed = SendProperties.scan(properties("DELAY=3"));

    assertThatCode(() -> MessageType.check(TopicConfig.of("%RETRY%g", 1, 6), delayed))
        .doesNotThrowAnyException();
    assertThatCode(() -> MessageType.check(TopicConfig.of("%DLQ%g", 1, 6), delayed))
        .doesNotThrowAnyException();
  }

  @Test
  void whatDoesNotFitIsRefusedInTheWordsOfRocketMq() {
    known("Ordered", "FIFO");

    send("Ordered", "TAGS=a", 0, BODY, RequestCode.SEND_MESSAGE_V2);

    Answer answer = client.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    assertThat(answer.remark())
        .isEqualTo(
            "TopicMessageType validate failed, the expected type is FIFO, but actual type is"
                + " NORMAL");
    node.queues.expectNoMessage();
  }

  @Test
  void halfMessagesAndThoseOfBatchesAreChecked() {
    known("Plain", "NORMAL");
    known("Ordered", "FIFO");

    send("Plain", "TRAN_MSG=true;PGROUP=P", PREPARED, BODY, RequestCode.SEND_MESSAGE_V2);
    assertThat(client.answer().remark()).endsWith("but actual type is TRANSACTION");
    send(
        "Ordered", "TAGS=a", 0, batch("__SHARDINGKEY=k", "TAGS=a"), RequestCode.SEND_BATCH_MESSAGE);
    assertThat(client.answer().remark()).endsWith("but actual type is NORMAL");
    node.queues.expectNoMessage();
  }

  @Test
  void whatFitsIsStored() {
    known("Ordered", "FIFO");

    send("Ordered", "__SHARDINGKEY=k", 0, BODY, RequestCode.SEND_MESSAGE_V2);

    Queue.Append append = node.queues.expectMessageClass(Queue.Append.class);
    append.messages().forEach(MessageDraft::release);
    append.replyTo().tell(new Appended(0, new long[] {0}));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  private void known(String name, String type) {
    node.topic(name, 1);
    node.catalog.put(topic(name, type));
  }

  private static TopicConfig topic(String name, String type) {
    return TopicConfig.of(name, 1, 6).withAttributes(Map.of(MessageType.ATTRIBUTE, type));
  }

  private void send(String topic, String pairs, int sysFlag, byte[] body, int code) {
    client.send(
        code,
        new SendRequestHeader(
            "P",
            topic,
            "TBW102",
            4,
            0,
            sysFlag,
            1234,
            7,
            properties(pairs),
            0,
            false,
            -1,
            false,
            null),
        body);
  }

  private static byte[] properties(String pairs) {
    return pairs.replace('=', '\u0001').replace(';', '\u0002').getBytes(UTF_8);
  }

  private static byte[] batch(String... pairs) {
    ByteBuffer batch = ByteBuffer.allocate(1000);
    for (String each : pairs) {
      byte[] encoded = properties(each);
      batch
          .putInt(22 + BODY.length + encoded.length)
          .putInt(0)
          .putInt(0)
          .putInt(0)
          .putInt(BODY.length)
          .put(BODY)
          .putShort((short) encoded.length)
          .put(encoded);
    }
    byte[] bytes = new byte[batch.position()];
    batch.flip().get(bytes);
    return bytes;
  }
}
