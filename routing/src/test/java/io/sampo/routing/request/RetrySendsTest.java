package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.QueueLocking.AskLocksHeld;
import io.sampo.actors.consumer.QueueLocking.LocksHeld;
import io.sampo.actors.group.Queue;
import io.sampo.actors.schedule.ScheduledMessage;
import io.sampo.actors.schedule.Scheduler;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.TestClient;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.SendRequestHeader;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sends to retry topics, as consumers make them when they give up or can't send back. */
class RetrySendsTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final byte[] BODY = "failed".getBytes(UTF_8);

  private final FakeNode node = new FakeNode(KIT);
  private final TestClient client = node.connect();

  @BeforeEach
  void aGroup() {
    node.group("G");
    node.catalog.put(TopicConfig.of("%RETRY%G", 1, 6));
  }

  @AfterEach
  void nothingLeaks() {
    node.close();
  }

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  private void send(int times, int timesMax, boolean batch) {
    send(times, timesMax, batch, Map.of());
  }

  private void send(int times, int timesMax, boolean batch, Map<String, String> more) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("RETRY_TOPIC", "T");
    properties.put("ORIGIN_MESSAGE_ID", "first");
    properties.put("TAGS", "red");
    properties.put("DELAY", "4");
    properties.putAll(more);
    client.send(
        RequestCode.SEND_MESSAGE_V2,
        new SendRequestHeader(
            "CLIENT_INNER_PRODUCER",
            "%RETRY%G",
            "TBW102",
            4,
            0,
            0,
            1234,
            7,
            MessageProperties.encode(properties),
            times,
            false,
            timesMax,
            batch,
            null),
        BODY);
  }

  private AskLocksHeld asked() {
    return node.groups.expectMessageClass(AskLocksHeld.class);
  }

  private void expectDeadLetter(int times) {
    node.resolveNextQueue();
    Queue.Append append = node.queues.expectMessageClass(Queue.Append.class);
    MessageDraft letter = append.messages().get(0);
    letter.release();
    append.replyTo().tell(new Appended(9, new long[] {8192}));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);

    assertThat(letter.queue()).isEqualTo(new QueueKey("%DLQ%G", 0));
    assertThat(letter.reconsumeTimes()).isEqualTo(times);
    assertThat(letter.tagHash()).isEqualTo("red".hashCode());
    assertThat(MessageProperties.parse(letter.properties()))
        .containsOnly(
            Map.entry("RETRY_TOPIC", "T"),
            Map.entry("ORIGIN_MESSAGE_ID", "first"),
            Map.entry("TAGS", "red"),
            Map.entry("DLQ_ORIGIN_TOPIC", "T"),
            Map.entry("DLQ_ORIGIN_MESSAGE_ID", "first"),
            Map.entry("MSG_REGION", "DefaultRegion"));
    assertThat(node.catalog.topics).containsEntry("%DLQ%G", TopicConfig.of("%DLQ%G", 1, 6));
  }

  @Test
  void aMessageThatCouldNotBeSentBackWaitsForItsNextTry() {
    send(2, 16, false);
    asked().replyTo().tell(new LocksHeld(false));
    node.resolveNextPart();
    Scheduler.Schedule schedule = node.parts.expectMessageClass(Scheduler.Schedule.class);
    MessageDraft draft = schedule.messages().get(0);
    ByteBuffer waiting = ByteBuffer.allocate(MessageRecordWriter.sizeOf(draft));
    MessageRecordWriter.encode(draft, 0, 0, 0, waiting, 0);
    draft.release();
    schedule.replyTo().tell(new Scheduler.Scheduled(new Appended(5, new long[] {8192})));

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(draft.reconsumeTimes()).isEqualTo(2);
    assertThat(ScheduledMessage.target(waiting, 0)).isEqualTo(new QueueKey("%RETRY%G", 0));
    assertThat(ScheduledMessage.deliverAtMs(waiting, 0))
        .isEqualTo(FakeNode.NOW.toEpochMilli() + 30_000);
  }

  @Test
  void whatAConsumerOfOrderedMessagesGivesUpIsADeadLetter() {
    send(1, 1, false);
    asked().replyTo().tell(new LocksHeld(true));
    expectDeadLetter(1);
  }

  @Test
  void whatWasTriedTooOftenIsADeadLetter() {
    send(17, -1, false);
    expectDeadLetter(17);
  }

  /** Its properties are those of the dead letter that it was in a former life. */
  @Test
  void aDeadLetterThatWasSentAgainHasAnotherOrigin() {
    send(17, -1, false, Map.of("DLQ_ORIGIN_MESSAGE_ID", "first", "UNIQ_KEY", "key"));
    node.resolveNextQueue();
    Queue.Append append = node.queues.expectMessageClass(Queue.Append.class);
    append.messages().forEach(MessageDraft::release);

    assertThat(MessageProperties.parse(append.messages().get(0).properties()))
        .doesNotContainKey("ORIGIN_MESSAGE_ID")
        .containsEntry("DLQ_ORIGIN_TOPIC", "T")
        .containsEntry("DLQ_ORIGIN_MESSAGE_ID", "key");
  }

  @Test
  void aGroupThatDoesNotExistOrDoesNotAnswerTakesNothing() {
    send(1, 1, false);
    asked().replyTo().tell(GroupRefused.NOT_LEADING);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);

    node.catalog.groups.clear();
    send(1, 1, false);
    client.runTasks();
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
    assertThat(node.catalog.asked).doesNotContain("ensure %RETRY%G");
  }

  @Test
  void batchesAndTopicsThatAreNotWritableAreRefused() {
    send(1, 1, true);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);

    node.catalog.put(TopicConfig.of("%RETRY%G", 1, TopicConfig.PERM_READ));
    send(1, 1, false);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.NO_PERMISSION);

    node.catalog.put(TopicConfig.of("%DLQ%G", 1, TopicConfig.PERM_READ));
    node.catalog.put(TopicConfig.of("%RETRY%G", 1, 6));
    send(17, 1, false);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.NO_PERMISSION);
  }
}
