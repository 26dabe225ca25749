package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.group.Queue;
import io.sampo.actors.schedule.ScheduledMessage;
import io.sampo.actors.schedule.Scheduler;
import io.sampo.actors.schedule.Scheduler.Recall;
import io.sampo.actors.schedule.Scheduler.RecallReply;
import io.sampo.actors.schedule.Scheduler.Schedule;
import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageIds;
import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import io.sampo.record.SendKey;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.SendRequestHeader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Objects;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sends that ask for a delay, and recalls. Between a client and a scheduler that is a probe. */
class DelayedSendTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final byte[] BODY = "later".getBytes(UTF_8);
  private static final long NOW_MS = FakeNode.NOW.toEpochMilli();
  private static final long YEAR_MS = Duration.ofDays(365).toMillis();

  private final FakeNode node = new FakeNode(KIT);
  private final TestClient client = node.connect();
  private boolean partKnown;

  @BeforeEach
  void aTopic() {
    node.topic("T", 4);
  }

  @AfterEach
  void nothingLeaks() {
    node.close();
  }

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  /** Properties as pairs, with the separators of the wire. */
  private static byte[] properties(String pairs) {
    return pairs.replace('=', '\u0001').replace(',', '\u0002').getBytes(UTF_8);
  }

  private void send(String pairs) {
    send(properties(pairs));
  }

  private void send(byte[] properties) {
    client.send(
        RequestCode.SEND_MESSAGE_V2,
        new SendRequestHeader(
            "P", "T", "TBW102", 4, 3, 0, 1234, 7, properties, 0, false, -1, false, null),
        BODY);
  }

  private Schedule scheduled() {
    resolve();
    return node.parts.expectMessageClass(Schedule.class);
  }

  private void resolve() {
    if (!partKnown) {
      partKnown = true;
      node.resolveNextPart();
    }
  }

  private static ByteBuffer record(MessageDraft draft) {
    ByteBuffer record = ByteBuffer.allocate(MessageRecordWriter.sizeOf(draft));
    MessageRecordWriter.encode(draft, 0, 0, NOW_MS, record, 0);
    return record;
  }

  /** What is stored for a send; it is answered, so that nothing is left over. */
  private ByteBuffer storedFor(String pairs) {
    send(pairs);
    Schedule schedule = scheduled();
    ByteBuffer record = record(schedule.messages().get(0));
    schedule.messages().forEach(MessageDraft::release);
    schedule.replyTo().tell(new Scheduler.Scheduled(new Appended(5, new long[] {4096})));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
    return record;
  }

  @Test
  void aDelayedMessageThatNotEveryCopyHasIsAResultWithThatStatus() {
    send("DELAY=3");
    Schedule schedule = scheduled();
    schedule.messages().forEach(MessageDraft::release);
    schedule
        .replyTo()
        .tell(
            new Scheduler.ScheduledNotOnAll(
                new Scheduler.Scheduled(new Appended(5, new long[] {4096})), true));

    assertThat(client.answer().code()).isEqualTo(ResponseCode.FLUSH_SLAVE_TIMEOUT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DELAY=3|10000",
        "DELAY=1,TAGS=red|1000",
        "DELAY=18|7200000",
        "DELAY=99|7200000",
        "DELAY=3,TIMER_DELAY_SEC=5,TIMER_DELIVER_MS=1900000000000|10000",
        "TIMER_DELAY_SEC=7|7000",
        "TIMER_DELAY_MS=1234|1234",
        "TIMER_DELAY_SEC=7,TIMER_DELAY_MS=1234|7000",
        "TIMER_DELAY_MS=1234,TIMER_DELIVER_MS=1900000000000|1234",
        "DELAY=0,TIMER_DELAY_MS=1234|1234",
        "DELAY=-1,TIMER_DELAY_MS=1234|1234",
        "TIMER_DELAY_SEC=31536000|31536000000"
      })
  void delayIsCountedAsRocketMqCountsIt(String pairs, long delayMs) {
    ByteBuffer record = storedFor(pairs);
    assertThat(ScheduledMessage.deliverAtMs(record, 0)).isEqualTo(NOW_MS + delayMs);
    assertThat(ScheduledMessage.target(record, 0)).isEqualTo(new QueueKey("T", 3));
  }

  @Test
  void pointInTimeIsTakenAsItIs() {
    ByteBuffer record = storedFor("TIMER_DELIVER_MS=" + (NOW_MS + YEAR_MS));
    assertThat(ScheduledMessage.deliverAtMs(record, 0)).isEqualTo(NOW_MS + YEAR_MS);
  }

  @Test
  void consumersSeeTheTimerAndNotTheLevel() {
    ByteBuffer timed = storedFor("TAGS=red,TIMER_DELAY_MS=1234,UNIQ_KEY=ABC");
    assertThat(MessageProperties.parse(ScheduledMessage.properties(timed, 0)))
        .containsOnlyKeys("TAGS", "TIMER_DELAY_MS", "UNIQ_KEY", "MSG_REGION");
    ByteBuffer levelled = storedFor("TAGS=red,TIMER_DELAY_MS=1234,DELAY=2,UNIQ_KEY=ABC");
    assertThat(MessageProperties.parse(ScheduledMessage.properties(levelled, 0)))
        .containsOnlyKeys("TAGS", "UNIQ_KEY", "MSG_REGION");
  }

  /** The separators may be part of a value: only the first one ends the name. */
  @ParameterizedTest
  @ValueSource(strings = {"DELAY=2", "TIMER_DELAY_MS=1234"})
  void whatElseIsInThePropertiesStaysAsItIs(String delay) {
    String others = "A=1=2=,NAMELESS,=x,UNIQ_KEY=ABC";
    ByteBuffer record = storedFor(delay + "," + others);

    byte[] kept = new byte[ScheduledMessage.properties(record, 0).remaining()];
    ScheduledMessage.properties(record, 0).get(kept);
    assertThat(new String(kept, UTF_8)).contains(new String(properties(others), UTF_8));
    assertThat(MessageProperties.find(kept, "A")).isEqualTo("1\u00012\u0001");
    assertThat(MessageProperties.find(kept, "DELAY")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELAY=-1",
        "TIMER_DELAY_SEC=0",
        "TIMER_DELAY_MS=-5",
        "TIMER_DELIVER_MS=1000",
        "TIMER_DELAY_SEC=-9223372036854775807"
      })
  void whatIsDueAlreadyGoesToItsQueue(String pairs) {
    send(pairs);
    var append = node.queues.expectMessageClass(Queue.Append.class);
    assertThat(append.messages().get(0).queue()).isEqualTo(new QueueKey("T", 3));
    assertThat(append.messages().get(0).properties())
        .isEqualTo(SendProperties.withRegion(properties(pairs)));
    append.messages().forEach(MessageDraft::release);
    append.replyTo().tell(new Appended(0, new long[] {0}));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELAY=x",
        "TIMER_DELAY_SEC=1.5",
        "TIMER_DELAY_MS=soon",
        "TIMER_DELIVER_MS=99999999999999999999",
        "TIMER_DELAY_SEC=31536001",
        "TIMER_DELAY_SEC=9223372036854775807",
        "TIMER_DELAY_MS=9223372036854775807",
        "TIMER_DELAY_MS=5000,TIMER_DEL_UNIQKEY=ABC"
      })
  void whatCanNotBeHadIsIllegal(String pairs) {
    send(pairs);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    node.queues.expectNoMessage();
  }

  @Test
  void answerNamesTheQueueThatWasAskedForAndHowToRecall() {
    send("TIMER_DELAY_MS=1234,UNIQ_KEY=ABC");
    Schedule schedule = scheduled();
    schedule.messages().forEach(MessageDraft::release);
    schedule.replyTo().tell(new Scheduler.Scheduled(new Appended(5, new long[] {4096})));

    Answer answer = client.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(answer.fields().text("msgId"))
        .isEqualTo(MessageIds.encode(FakeNode.STORE_HOST, 4096));
    assertThat(answer.fields().int32("queueId")).isEqualTo(3);
    assertThat(answer.fields().int64("queueOffset")).isEqualTo(5);
    String handle =
        new String(
            Base64.getUrlDecoder().decode(answer.fields().text("recallHandle")),
            StandardCharsets.UTF_8);
    assertThat(handle).isEqualTo("v1 T broker-0 " + (NOW_MS + 1234) + " ABC");
  }

  /** The first attempt is what waits: its time, its queue. */
  @Test
  void aRetryIsAnsweredAsTheFirstAttemptWas() {
    send("TIMER_DELAY_MS=1234,UNIQ_KEY=ABC");
    Schedule schedule = scheduled();
    assertThat(schedule.messages().get(0).sendKey()).isNotEqualTo(SendKey.NONE);
    schedule.messages().forEach(MessageDraft::release);
    schedule.replyTo().tell(new Scheduler.ScheduledBefore(5, 4096, NOW_MS + 1000, 1));

    Answer answer = client.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(answer.fields().text("msgId"))
        .isEqualTo(MessageIds.encode(FakeNode.STORE_HOST, 4096));
    assertThat(answer.fields().int32("queueId")).isEqualTo(1);
    assertThat(answer.fields().int64("queueOffset")).isEqualTo(5);
    String handle =
        new String(
            Base64.getUrlDecoder().decode(answer.fields().text("recallHandle")),
            StandardCharsets.UTF_8);
    assertThat(handle).isEqualTo("v1 T broker-0 " + (NOW_MS + 1000) + " ABC");
  }

  @Test
  void levelHasNoRecallHandle() {
    send("DELAY=3,UNIQ_KEY=ABC");
    Schedule schedule = scheduled();
    schedule.messages().forEach(MessageDraft::release);
    schedule.replyTo().tell(new Scheduler.Scheduled(new Appended(5, new long[] {4096})));
    assertThat(client.answer().fields().find("recallHandle")).isNull();
  }

  @Test
  void refusalsOfTheSchedulerAreTold() {
    send("DELAY=3");
    Schedule schedule = scheduled();
    schedule.messages().forEach(MessageDraft::release);
    schedule.replyTo().tell(new Scheduler.NotAppended(AppendRefused.DISK_FULL));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);

    send("DELAY=3");
    schedule = scheduled();
    schedule.messages().forEach(MessageDraft::release);
    schedule.replyTo().tell(new Scheduler.TooManyPending(10));
    Answer answer = client.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    assertThat(answer.remark()).contains("pending-max");
  }

  @Test
  void propertiesNeedRoomForTheTopic() {
    String longest =
        "DELAY=3,K=" + "v".repeat(ScheduledMessage.propertiesBytesMax("T") - "K=".length());
    storedFor(longest);
    send(longest + "v");
    Answer answer = client.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    assertThat(answer.remark()).contains("delayed message");
  }

  private static CommandHeader recall(String topic, String handle) {
    return out -> out.field("topic", topic).field("recallHandle", handle);
  }

  private static String handle(String text) {
    return Base64.getUrlEncoder().encodeToString(text.getBytes(UTF_8));
  }

  @Test
  void recallGoesToTheLogGroupThatTheHandleNames() {
    client.send(
        RequestCode.RECALL_MESSAGE, recall("T", handle("v1 T broker-1 1234 ABC")), new byte[0]);
    resolve();
    Recall recall = node.parts.expectMessageClass(Recall.class);
    assertThat(recall.topic()).isEqualTo("T");
    assertThat(recall.dueMs()).isEqualTo(1234);
    assertThat(recall.uniqueKey()).isEqualTo("ABC");
    recall.replyTo().tell(RecallReply.RECALLED);
    Answer answer = client.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(answer.fields().text("msgId")).isEqualTo("ABC");
  }

  @ParameterizedTest
  @EnumSource(RecallReply.class)
  void whatCameOfARecallIsTold(RecallReply reply) {
    client.send(
        RequestCode.RECALL_MESSAGE, recall("T", handle("v1 T broker-0 1234 ABC")), new byte[0]);
    resolve();
    node.parts.expectMessageClass(Recall.class).replyTo().tell(reply);
    assertThat(client.answer().code())
        .isEqualTo(
            switch (reply) {
              case RECALLED -> ResponseCode.SUCCESS;
              case NOT_PENDING -> ResponseCode.ILLEGAL_OPERATION;
              case BUSY, NOT_WRITTEN -> ResponseCode.SYSTEM_ERROR;
              case NOT_LEADING -> ResponseCode.SERVICE_NOT_AVAILABLE;
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "v1 T broker-0 1234",
        "v2 T broker-0 1234 ABC",
        "v1 T broker-0 soon ABC",
        "v1 other broker-0 1234 ABC",
        "v1 T broker-7 1234 ABC",
        ""
      })
  void handlesThatAreWrongAreAnIllegalOperation(String text) {
    client.send(RequestCode.RECALL_MESSAGE, recall("T", handle(text)), new byte[0]);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.ILLEGAL_OPERATION);
    client.send(RequestCode.RECALL_MESSAGE, recall("T", "%" + text), new byte[0]);
    Answer answer = client.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.ILLEGAL_OPERATION);
    assertThat(Objects.requireNonNull(answer.remark())).contains("can't be read");
  }
}
