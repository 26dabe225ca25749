package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.catalog.Catalog.CatalogRefused;
import io.sampo.actors.catalog.SubscriptionGroupConfig;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.group.Queue;
import io.sampo.actors.group.RecordReader.NoRecord;
import io.sampo.actors.group.RecordReader.ReadRecord;
import io.sampo.actors.group.RecordReader.RecordFound;
import io.sampo.actors.schedule.ScheduledMessage;
import io.sampo.actors.schedule.Scheduler;
import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.record.BodyCrc;
import io.sampo.record.HostAddress;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageIds;
import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.storage.log.LogSlice;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.SendBackRequestHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that come back, between a client and parts of the log group that are a probe. */
class SendBackHandlerTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final long POSITION = 4096;
  private static final HostAddress STORED_AT = new HostAddress(new byte[] {10, 0, 0, 9}, 10921);
  private static final String ID = MessageIds.encode(STORED_AT, POSITION);
  private static final QueueKey DEAD_LETTERS = new QueueKey("%DLQ%G", 0);

  private final FakeNode node = new FakeNode(KIT);
  private final TestClient client = node.connect();
  private final List<Slice> slices = new ArrayList<>();

  @BeforeEach
  void aGroup() {
    node.catalog.putGroup("G");
    node.catalog.put(TopicConfig.of("%RETRY%G", 1, 6));
  }

  @AfterEach
  void nothingLeaks() {
    node.close();
    assertThat(slices).allSatisfy(slice -> assertThat(slice.timesClosed).isEqualTo(1));
  }

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  private static final class Slice implements LogSlice {
    private final ByteBuffer record;
    private int timesClosed;

    private Slice(ByteBuffer record) {
      this.record = record;
    }

    @Override
    public ByteBuffer bytes() {
      return record.duplicate();
    }

    @Override
    public int sizeBytes() {
      return record.remaining();
    }

    @Override
    public void close() {
      timesClosed++;
    }
  }

  private Slice slice(String topic, int reconsumeTimes, Map<String, String> properties) {
    byte[] encoded = MessageProperties.encode(properties);
    ByteBuffer body = ByteBuffer.wrap("failed".getBytes(UTF_8));
    MessageDraft draft =
        MessageDraft.to(new QueueKey(topic, 3))
            .flags(7, 1)
            .born(1234, new HostAddress(new byte[] {10, 0, 0, 2}, 5000))
            .storeHost(STORED_AT)
            .reconsumeTimes(reconsumeTimes)
            .body(body, BodyCrc.of(body))
            .properties(encoded, MessageProperties.tagHash(encoded))
            .build();
    Slice slice = new Slice(record(draft, POSITION));
    slices.add(slice);
    return slice;
  }

  private static ByteBuffer record(MessageDraft draft, long position) {
    ByteBuffer record = ByteBuffer.allocate(MessageRecordWriter.sizeOf(draft));
    MessageRecordWriter.encode(draft, 5, position, 1300, record, 0);
    return record;
  }

  private void sendBack(int delayLevel, int timesMax) {
    client.send(
        RequestCode.CONSUMER_SEND_MSG_BACK,
        new SendBackRequestHeader(POSITION, "G", delayLevel, timesMax));
  }

  /** What is asked for the record; its part is told the resolver by the first request of a test. */
  private ReadRecord asked() {
    node.resolveNextPart();
    ReadRecord read = node.parts.expectMessageClass(ReadRecord.class);
    assertThat(read.position()).isEqualTo(POSITION);
    return read;
  }

  private Scheduler.Schedule scheduled() {
    node.resolveNextPart();
    return node.parts.expectMessageClass(Scheduler.Schedule.class);
  }

  @Test
  void aFailedMessageWaitsForItsNextTry() {
    sendBack(0, 16);
    asked()
        .replyTo()
        .tell(
            new RecordFound(
                slice("T", 0, Map.of("TAGS", "red", "DELAY", "2", "WAIT", "true", "own", "1"))));
    Scheduler.Schedule schedule = scheduled();
    ByteBuffer waiting = record(schedule.messages().get(0), 0);
    assertThat(client.answers()).as("before it is stored").isEmpty();
    assertThat(slices.get(0).timesClosed).isZero();
    schedule.messages().forEach(MessageDraft::release);
    schedule.replyTo().tell(new Scheduler.Scheduled(new Appended(5, new long[] {8192})));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);

    assertThat(ScheduledMessage.deliverAtMs(waiting, 0))
        .isEqualTo(FakeNode.NOW.toEpochMilli() + 10_000);
    QueueKey target = ScheduledMessage.target(waiting, 0);
    assertThat(target).isEqualTo(new QueueKey("%RETRY%G", 0));
    ByteBuffer again = record(ScheduledMessage.toOriginal(waiting, 0, target, () -> {}), 0);
    assertThat(MessageRecord.reconsumeTimes(again, 0)).isEqualTo(1);
    assertThat(MessageRecord.flag(again, 0)).isEqualTo(7);
    assertThat(MessageRecord.sysFlag(again, 0)).isEqualTo(1);
    assertThat(MessageRecord.bornTimestamp(again, 0)).isEqualTo(1234);
    assertThat(MessageRecord.storeHost(again, 0)).isEqualTo(FakeNode.STORE_HOST);
    assertThat(UTF_8.decode(MessageRecord.body(again, 0)).toString()).isEqualTo("failed");
    assertThat(MessageProperties.parse(MessageRecord.properties(again, 0)))
        .containsOnly(
            Map.entry("TAGS", "red"),
            Map.entry("own", "1"),
            Map.entry("WAIT", "false"),
            Map.entry("RETRY_TOPIC", "T"),
            Map.entry("ORIGIN_MESSAGE_ID", ID));
  }

  @Test
  void whereItCameFromFirstStaysWithIt() {
    assertThat(returned("%RETRY%G", Map.of("RETRY_TOPIC", "T", "ORIGIN_MESSAGE_ID", "first")))
        .containsOnly(
            Map.entry("WAIT", "false"),
            Map.entry("RETRY_TOPIC", "T"),
            Map.entry("ORIGIN_MESSAGE_ID", "first"));
  }

  /** A consumer that can't return a message sends it; 4.9 doesn't say then where it came from. */
  @Test
  void whatItsClientSentWithoutItsOriginIsNamedByItsKey() {
    assertThat(returned("%RETRY%G", Map.of("RETRY_TOPIC", "T", "UNIQ_KEY", "key")))
        .containsOnly(
            Map.entry("WAIT", "false"),
            Map.entry("RETRY_TOPIC", "T"),
            Map.entry("UNIQ_KEY", "key"),
            Map.entry("ORIGIN_MESSAGE_ID", "key"));
  }

  /** Sent again with all that the dead letter had, perhaps to another topic. */
  @Test
  void aDeadLetterThatWasSentAgainIsAMessageOfItsOwn() {
    assertThat(
            returned(
                "T2",
                Map.of(
                    "RETRY_TOPIC",
                    "T",
                    "ORIGIN_MESSAGE_ID",
                    "former",
                    "DLQ_ORIGIN_TOPIC",
                    "T",
                    "DLQ_ORIGIN_MESSAGE_ID",
                    "former")))
        .containsOnly(
            Map.entry("WAIT", "false"),
            Map.entry("RETRY_TOPIC", "T2"),
            Map.entry("ORIGIN_MESSAGE_ID", ID),
            Map.entry("DLQ_ORIGIN_TOPIC", "T"),
            Map.entry("DLQ_ORIGIN_MESSAGE_ID", "former"));
  }

  /** The properties with which a message waits that has these. */
  private Map<String, String> returned(String topic, Map<String, String> properties) {
    sendBack(0, 16);
    asked().replyTo().tell(new RecordFound(slice(topic, 1, properties)));
    Scheduler.Schedule schedule = scheduled();
    ByteBuffer waiting = record(schedule.messages().get(0), 0);
    schedule.messages().forEach(MessageDraft::release);
    return MessageProperties.parse(ScheduledMessage.properties(waiting, 0));
  }

  @ParameterizedTest
  @CsvSource({"0,0,10000", "0,1,30000", "0,15,7200000", "0,99,7200000", "1,5,1000", "5,0,60000"})
  void eachTryIsLaterThanTheLastUnlessTheConsumerSaysWhen(int level, int times, long delayMs) {
    sendBack(level, 1000);
    asked().replyTo().tell(new RecordFound(slice("T", times, Map.of())));
    Scheduler.Schedule schedule = scheduled();

    assertThat(ScheduledMessage.deliverAtMs(record(schedule.messages().get(0), 0), 0))
        .isEqualTo(FakeNode.NOW.toEpochMilli() + delayMs);
    schedule.messages().forEach(MessageDraft::release);
  }

  @ParameterizedTest
  @CsvSource({"0,1,1", "0,2,1", "-1,0,16", "0,3,-1", "0,0,0"})
  void aMessageThatWasTriedOftenEnoughIsADeadLetter(int level, int times, int timesMax) {
    node.catalog.groups.put("G", new SubscriptionGroupConfig("G", true, true, 1, 3, true));
    sendBack(level, timesMax);
    asked().replyTo().tell(new RecordFound(slice("%RETRY%G", times, Map.of("RETRY_TOPIC", "T"))));
    node.resolveNextQueue();
    Queue.Append append = node.queues.expectMessageClass(Queue.Append.class);
    MessageDraft letter = append.messages().get(0);
    letter.release();
    append.replyTo().tell(new Appended(0, new long[] {8192}));

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(node.catalog.topics).containsEntry("%DLQ%G", TopicConfig.of("%DLQ%G", 1, 6));
    assertThat(letter.queue()).isEqualTo(DEAD_LETTERS);
    assertThat(letter.reconsumeTimes()).isEqualTo(times + 1);
    assertThat(MessageProperties.parse(letter.properties()))
        .containsEntry("RETRY_TOPIC", "T")
        .containsEntry("DLQ_ORIGIN_TOPIC", "T")
        .containsEntry("DLQ_ORIGIN_MESSAGE_ID", ID);
  }

  @Test
  void aGroupThatDoesNotExistIsToldSo() {
    node.catalog.groups.clear();
    sendBack(0, 16);
    client.runTasks();

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
  }

  @Test
  void aRetryTopicThatIsNotWritableTakesNothing() {
    node.catalog.put(TopicConfig.of("%RETRY%G", 1, TopicConfig.PERM_READ));
    sendBack(0, 16);

    assertThat(client.answer().code()).isEqualTo(ResponseCode.NO_PERMISSION);
  }

  @ParameterizedTest
  @CsvSource({"NO_SUCH_RECORD,1", "READ_FAILED,1", "NOT_LEADING,14"})
  void aRecordThatIsNotFoundIsToldSo(NoRecord none, int code) {
    sendBack(0, 16);
    asked().replyTo().tell(none);

    assertThat(client.answer().code()).isEqualTo(code);
  }

  @ParameterizedTest
  @ValueSource(strings = {"SAMPO_SYS_SCHEDULE", "$sampo/journal/x", "rmq_sys_x"})
  void theBrokersOwnRecordsAreNotFound(String topic) {
    sendBack(0, 16);
    asked().replyTo().tell(new RecordFound(slice(topic, 0, Map.of())));

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
  }

  @Test
  void whatCanNotBeStoredIsRefusedSoThatTheConsumerKeepsIt() {
    sendBack(0, 16);
    asked().replyTo().tell(new RecordFound(slice("T", 0, Map.of())));
    scheduled().undelivered();
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);

    sendBack(-1, 16);
    node.parts
        .expectMessageClass(ReadRecord.class)
        .replyTo()
        .tell(new RecordFound(slice("T", 0, Map.of())));
    node.resolveNextQueue();
    Queue.Append append = node.queues.expectMessageClass(Queue.Append.class);
    append.messages().forEach(MessageDraft::release);
    append.replyTo().tell(AppendRefused.DISK_FULL);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);

    node.catalog.topics.remove("%DLQ%G");
    node.catalog.topicReply = new CatalogRefused("too many topics");
    sendBack(-1, 16);
    node.parts
        .expectMessageClass(ReadRecord.class)
        .replyTo()
        .tell(new RecordFound(slice("T", 0, Map.of())));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
  }

  @Test
  void propertiesThatLeaveNoRoomAreRefused() {
    for (int level : new int[] {0, -1}) {
      node.catalog.put(TopicConfig.of("%DLQ%G", 1, 6));
      sendBack(level, 16);
      ReadRecord read = level == 0 ? asked() : node.parts.expectMessageClass(ReadRecord.class);
      read.replyTo().tell(new RecordFound(slice("T", 0, Map.of("own", "x".repeat(32_760)))));
      Answer answer = client.answer();
      assertThat(answer.code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    }
  }
}
