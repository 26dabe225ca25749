package io.sampo.routing.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.Heartbeat;
import io.sampo.actors.consumer.ConsumerGroup.Joined;
import io.sampo.actors.consumer.OffsetKeeping.CheckPull;
import io.sampo.actors.consumer.OffsetKeeping.OffsetsReset;
import io.sampo.actors.consumer.OffsetKeeping.PullGoesOn;
import io.sampo.actors.consumer.OffsetKeeping.PullMoved;
import io.sampo.actors.consumer.OffsetKeeping.ResetOffsets;
import io.sampo.actors.group.Queue;
import io.sampo.actors.group.Queue.Bounds;
import io.sampo.actors.group.Queue.NothingNew;
import io.sampo.actors.group.Queue.ReadRefused;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.PullRequestHeader;
import io.sampo.wire.header.PullResponseHeader;
import io.sampo.wire.header.ResetOffsetRequestHeader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Resets, and how the pulls of a group that was reset are answered. */
class ResetHandlerTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final int ALL = ResetOffsetRequestHeader.ALL_QUEUES;
  private static final long NO_OFFSET = ResetOffsetRequestHeader.NO_OFFSET;

  private final FakeNode node = new FakeNode(KIT);
  private final TestClient client = node.connect();

  @BeforeEach
  void aTopicAndAGroup() {
    node.topic("T", 2);
    node.group("G");
  }

  @AfterEach
  void nothingLeaks() {
    node.close();
  }

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  private static GroupQueue queue(int queueId) {
    return new GroupQueue(FakeNode.LOG_GROUP, new QueueKey("T", queueId));
  }

  private void reset(String topic, String group, long timeMs, int queueId, long offset) {
    client.send(
        RequestCode.INVOKE_BROKER_TO_RESET_OFFSET,
        new ResetOffsetRequestHeader(topic, group, timeMs, queueId, offset));
  }

  private void assertRefused(int code) {
    assertThat(client.answer().code()).isEqualTo(code);
    node.groups.expectNoMessage();
  }

  @Test
  void allQueuesAreResetToATimeAndWhoWaitsIsTold() {
    reset("T", "G", 123, ALL, NO_OFFSET);
    for (int i = 0; i < 2; i++) {
      Queue.SearchOffset search = node.queues.expectMessageClass(Queue.SearchOffset.class);
      assertThat(search.timestampMs()).isEqualTo(123);
      assertThat(search.upper()).isFalse();
      search.replyTo().tell(new Queue.OffsetFound(40 + i));
    }
    ResetOffsets reset = node.groups.expectMessageClass(ResetOffsets.class);
    assertThat(reset.targets()).isEqualTo(Map.of(queue(0), 40L, queue(1), 41L));
    node.queues.expectNoMessage();
    reset.replyTo().tell(OffsetsReset.INSTANCE);
    node.queues.expectMessage(Queue.EndWaits.INSTANCE);
    node.queues.expectMessage(Queue.EndWaits.INSTANCE);
    Answer answer = client.answer();

    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(answer.text())
        .startsWith("{\"offsetTable\":{{")
        .contains("{\"brokerName\":\"broker-0\",\"queueId\":1,\"topic\":\"T\"}:41");
  }

  @Test
  void aNegativeTimeIsBehindTheLastMessage() {
    reset("T", "G", -1, 1, NO_OFFSET);
    node.queues
        .expectMessageClass(Queue.GetBounds.class)
        .replyTo()
        .tell(new Bounds(5, 90, FakeNode.NOW.toEpochMilli()));

    assertThat(node.groups.expectMessageClass(ResetOffsets.class).targets())
        .isEqualTo(Map.of(queue(1), 90L));
  }

  @Test
  void oneQueueIsResetToAnOffsetThatItHas() {
    reset("T", "G", -1, 1, 5);
    node.queues.expectMessageClass(Queue.GetBounds.class).replyTo().tell(new Bounds(5, 90, 0));
    assertThat(node.groups.expectMessageClass(ResetOffsets.class).targets())
        .isEqualTo(Map.of(queue(1), 5L));

    for (long outside : new long[] {4, 91}) {
      reset("T", "G", -1, 1, outside);
      node.queues.expectMessageClass(Queue.GetBounds.class).replyTo().tell(new Bounds(5, 90, 0));
      assertRefused(ResponseCode.SYSTEM_ERROR);
    }
  }

  @Test
  void whatIsNotThereIsNotReset() {
    reset("T", "unknown", 0, ALL, NO_OFFSET);
    assertRefused(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
    reset("unknown", "G", 0, ALL, NO_OFFSET);
    assertRefused(ResponseCode.TOPIC_NOT_EXIST);
    reset("$sampo/journal", "G", 0, ALL, NO_OFFSET);
    assertRefused(ResponseCode.TOPIC_NOT_EXIST);
    reset("T", "G", 0, 2, NO_OFFSET);
    assertRefused(ResponseCode.INVALID_PARAMETER);
    reset("T", "G", 0, -2, NO_OFFSET);
    assertRefused(ResponseCode.INVALID_PARAMETER);
    reset("T", "G", 0, ALL, 7);
    assertRefused(ResponseCode.INVALID_PARAMETER);
    node.queues.expectNoMessage();
  }

  @Test
  void aRefusalIsTheAnswer() {
    reset("T", "G", 0, 0, NO_OFFSET);
    node.queues
        .expectMessageClass(Queue.SearchOffset.class)
        .replyTo()
        .tell(ReadRefused.READ_FAILED);
    assertRefused(ResponseCode.SYSTEM_ERROR);

    reset("T", "G", 0, 0, NO_OFFSET);
    node.queues
        .expectMessageClass(Queue.SearchOffset.class)
        .replyTo()
        .tell(new Queue.OffsetFound(1));
    node.groups
        .expectMessageClass(ResetOffsets.class)
        .replyTo()
        .tell(GroupRefused.TOO_MANY_WAITING);
    assertRefused(ResponseCode.SERVICE_NOT_AVAILABLE);
  }

  private Heartbeat heartbeat() {
    byte[] body =
        ("{\"clientID\":\"me\",\"consumerDataSet\":[{\"groupName\":\"G\",\"consumeType\":"
                + "\"CONSUME_PASSIVELY\",\"messageModel\":\"CLUSTERING\",\"consumeFromWhere\":"
                + "\"CONSUME_FROM_LAST_OFFSET\",\"subscriptionDataSet\":[]}]}")
            .getBytes(StandardCharsets.UTF_8);
    client.send(RequestCode.HEART_BEAT, CommandHeader.NONE, body);
    Heartbeat heartbeat = node.groups.expectMessageClass(Heartbeat.class);
    heartbeat.replyTo().tell(Joined.INSTANCE);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
    return heartbeat;
  }

  private void pull(long offset) {
    client.send(
        RequestCode.PULL_MESSAGE,
        new PullRequestHeader(
            "G",
            "T",
            1,
            offset,
            32,
            PullRequestHeader.HAS_SUBSCRIPTION,
            0,
            0,
            "*",
            0,
            null,
            1 << 20));
  }

  private void assertPulled() {
    Queue.Pull pull = node.queues.expectMessageClass(Queue.Pull.class);
    pull.replyTo().tell(new NothingNew(pull.offset(), 0, 100));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.PULL_NOT_FOUND);
  }

  private CheckPull check() {
    return node.groups.expectMessageClass(CheckPull.class);
  }

  @Test
  void pullsOfAGroupThatWasResetAskItUntilNobodyHasToFollowAnyMore() {
    Heartbeat joined = heartbeat();
    pull(50);
    assertPulled();
    node.groups.expectNoMessage();

    joined.link().offsetsReset("G");
    client.runTasks();
    pull(50);
    CheckPull check = check();
    assertThat(check.queue()).isEqualTo(queue(1));
    assertThat(check.offset()).isEqualTo(50);
    check.replyTo().tell(new PullMoved(7));
    client.runTasks();
    node.queues.expectMessageClass(Queue.GetBounds.class).replyTo().tell(new Bounds(3, 100, 0));
    Answer answer = client.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.PULL_OFFSET_MOVED);
    PullResponseHeader moved = PullResponseHeader.read(answer.fields());
    assertThat(moved.nextOffset()).isEqualTo(7);
    assertThat(moved.minOffset()).isEqualTo(3);
    assertThat(moved.maxOffset()).isEqualTo(100);

    pull(7);
    check().replyTo().tell(new PullGoesOn(true));
    client.runTasks();
    assertPulled();
    pull(8);
    check().replyTo().tell(new PullGoesOn(false));
    client.runTasks();
    assertPulled();
    pull(9);
    assertPulled();
    node.groups.expectNoMessage();
  }

  @Test
  void aPullThatCannotAskIsRefused() {
    heartbeat().link().offsetsReset("G");
    client.runTasks();
    pull(50);
    check().undelivered();
    client.runTasks();

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
    node.queues.expectNoMessage();
  }

  @Test
  void onlyGroupsThatWereResetAsk() {
    node.catalog.put(TopicConfig.of("other", 1, 6));
    heartbeat().link().offsetsReset("another group");
    client.runTasks();
    pull(50);
    assertPulled();
    node.groups.expectNoMessage();
  }
}
