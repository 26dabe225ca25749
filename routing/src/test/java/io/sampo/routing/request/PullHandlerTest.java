package io.sampo.routing.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.catalog.SubscriptionGroupConfig;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.Heartbeat;
import io.sampo.actors.consumer.ConsumerGroup.Joined;
import io.sampo.actors.consumer.OffsetKeeping.AdvanceOffset;
import io.sampo.actors.group.Queue;
import io.sampo.actors.group.Queue.Found;
import io.sampo.actors.group.Queue.NothingMatched;
import io.sampo.actors.group.Queue.NothingNew;
import io.sampo.actors.group.Queue.OffsetMoved;
import io.sampo.actors.group.Queue.PullReply;
import io.sampo.actors.group.Queue.ReadRefused;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.NetSettings;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.routing.net.TestSettings;
import io.sampo.routing.net.TestSlice;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.ConsumerData;
import io.sampo.wire.body.HeartbeatData;
import io.sampo.wire.body.SubscriptionData;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PullHandlerTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  private FakeNode node = new FakeNode(KIT);
  private TestClient client = node.connect();

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

  private Queue.Pull pulled(SamplePull pull) {
    client.send(RequestCode.PULL_MESSAGE, pull.header());
    return node.queues.expectMessageClass(Queue.Pull.class);
  }

  private Answer refusal(SamplePull pull) {
    client.send(RequestCode.PULL_MESSAGE, pull.header());
    Answer answer = client.answer();
    node.queues.expectNoMessage();
    return answer;
  }

  private static void nothing(Queue.Pull pull) {
    pull.replyTo().tell(new NothingNew(100, 0, 100));
  }

  @ParameterizedTest
  @ValueSource(ints = {RequestCode.PULL_MESSAGE, RequestCode.LITE_PULL_MESSAGE})
  void recordsAreSentAsTheyLieAndAreClosedAfterwards(int code) {
    client.send(code, new SamplePull().header());
    TestSlice first = new TestSlice("first");
    TestSlice second = new TestSlice("second");
    node.queues
        .expectMessageClass(Queue.Pull.class)
        .replyTo()
        .tell(new Found(List.of(first, second), 2, 102, 5, 200));
    Answer answer = client.answer();

    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(answer.text()).isEqualTo("firstsecond");
    assertFields(answer, 102, 5, 200);
    assertThat(first.timesClosed()).isEqualTo(1);
    assertThat(second.timesClosed()).isEqualTo(1);
  }

  @Test
  void everyOtherOutcomeHasItsCodeAndAllFourFields() {
    record Case(PullReply reply, int code, long next) {}

    for (Case expected :
        List.of(
            new Case(new NothingNew(100, 5, 100), ResponseCode.PULL_NOT_FOUND, 100),
            new Case(new NothingMatched(150, 5, 200), ResponseCode.PULL_RETRY_IMMEDIATELY, 150),
            new Case(new OffsetMoved(5, 5, 200), ResponseCode.PULL_OFFSET_MOVED, 5))) {
      pulled(new SamplePull()).replyTo().tell(expected.reply());
      Answer answer = client.answer();

      assertThat(answer.code()).isEqualTo(expected.code());
      assertThat(answer.fields().int64("nextBeginOffset")).isEqualTo(expected.next());
      assertThat(answer.fields().int64("minOffset")).isEqualTo(5);
      assertThat(answer.fields().int64("maxOffset")).isPositive();
      assertThat(answer.fields().int64("suggestWhichBrokerId")).isZero();
    }
  }

  private static void assertFields(Answer answer, long next, long min, long max) {
    assertThat(answer.fields().int64("nextBeginOffset")).isEqualTo(next);
    assertThat(answer.fields().int64("minOffset")).isEqualTo(min);
    assertThat(answer.fields().int64("maxOffset")).isEqualTo(max);
    assertThat(answer.fields().int64("suggestWhichBrokerId")).isZero();
  }

  @Test
  void theQueueIsAskedForWhatTheClientWantsWithinTheLimits() {
    SamplePull modest = new SamplePull().suspends(15_000);
    modest.bytes = 1000;
    Queue.Pull first = pulled(modest);
    assertThat(first.offset()).isEqualTo(100);
    assertThat(first.limits()).isEqualTo(new Queue.PullLimits(32, 1000));
    assertThat(first.waitMillis()).isEqualTo(15_000);
    nothing(first);

    SamplePull greedy = new SamplePull().suspends(Long.MAX_VALUE);
    greedy.messages = Integer.MAX_VALUE;
    Queue.Pull second = pulled(greedy);
    assertThat(second.limits()).isEqualTo(new Queue.PullLimits(100, 1 << 18));
    assertThat(second.waitMillis()).isEqualTo(30_000);
    nothing(second);

    SamplePull senseless = new SamplePull().suspends(-1);
    senseless.messages = -5;
    senseless.bytes = 0;
    Queue.Pull third = pulled(senseless);
    assertThat(third.limits()).isEqualTo(new Queue.PullLimits(1, 1));
    assertThat(third.waitMillis()).isZero();
    nothing(third);

    SamplePull impatient = new SamplePull();
    impatient.suspendMs = 15_000;
    Queue.Pull fourth = pulled(impatient);
    assertThat(fourth.waitMillis()).as("the flag is not set").isZero();
    nothing(fourth);
  }

  @Test
  void theOffsetThatComesAlongIsTakenOverWhenItIsNews() {
    pulled(new SamplePull().commits(90));
    assertThat(node.groups.expectMessageClass(AdvanceOffset.class))
        .isEqualTo(new AdvanceOffset(new GroupQueue(FakeNode.LOG_GROUP, new QueueKey("T", 1)), 90));

    pulled(new SamplePull().commits(90));
    node.groups.expectNoMessage();
    SamplePull otherQueue = new SamplePull().commits(90);
    otherQueue.queueId = 0;
    pulled(otherQueue);
    node.groups.expectMessageClass(AdvanceOffset.class);
    pulled(new SamplePull().commits(91));
    node.groups.expectMessageClass(AdvanceOffset.class);

    SamplePull unset = new SamplePull();
    unset.commitOffset = 95;
    pulled(unset);
    pulled(new SamplePull().commits(-1));
    SamplePull stranger = new SamplePull().commits(5);
    stranger.group = "Nobody";
    pulled(stranger);
    node.groups.expectNoMessage();
  }

  @ParameterizedTest
  @EnumSource(ReadRefused.class)
  void everyRefusalOfTheQueueHasItsCode(ReadRefused refused) {
    Queue.Pull pull = pulled(new SamplePull());
    pull.replyTo().tell(refused);
    if (refused == ReadRefused.NOT_LEADING) {
      node.resolveNextQueue();
      node.queues.expectMessageClass(Queue.Pull.class).replyTo().tell(refused);
    }
    Answer answer = client.answer();

    assertThat(answer.code())
        .isEqualTo(
            switch (refused) {
              case TOO_MANY_WAITING, NOT_LEADING -> ResponseCode.SERVICE_NOT_AVAILABLE;
              case READ_FAILED -> ResponseCode.SYSTEM_ERROR;
            });
    assertThat(answer.remark()).isNotEmpty();
  }

  @Test
  void aPullWhoseQueueMovedGoesToItsSuccessor() {
    pulled(new SamplePull()).undelivered();
    node.resolveNextQueue();
    Queue.Pull again = node.queues.expectMessageClass(Queue.Pull.class);
    again.replyTo().tell(new NothingNew(100, 0, 100));

    assertThat(client.answer().code()).isEqualTo(ResponseCode.PULL_NOT_FOUND);
  }

  @Test
  void theTopicAndTheQueueAreChecked() {
    SamplePull unknown = new SamplePull();
    unknown.topic = "Nothing";
    assertThat(refusal(unknown).code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
    SamplePull illegal = new SamplePull();
    illegal.topic = "no topic";
    assertThat(refusal(illegal).code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
    illegal.topic = "";
    assertThat(refusal(illegal).code()).isNotEqualTo(ResponseCode.SUCCESS);

    for (int queueId : new int[] {-1, 2, Integer.MAX_VALUE}) {
      SamplePull outside = new SamplePull();
      outside.queueId = queueId;
      assertThat(refusal(outside).code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
    }

    node.catalog.put(TopicConfig.of("W", 2, TopicConfig.PERM_WRITE));
    SamplePull unreadable = new SamplePull();
    unreadable.topic = "W";
    assertThat(refusal(unreadable).code()).isEqualTo(ResponseCode.NO_PERMISSION);
  }

  @Test
  void aGroupThatMustNotConsumeByBroadcastIsRefusedOnlyThat() {
    heartbeat(ConsumerData.BROADCASTING);
    node.catalog.groups.put("G", new SubscriptionGroupConfig("G", true, false, 1, 16, true));
    assertThat(refusal(new SamplePull()).code()).isEqualTo(ResponseCode.NO_PERMISSION);

    heartbeat(ConsumerData.CLUSTERING);
    pulled(new SamplePull());
  }

  private void heartbeat(String messageModel) {
    ConsumerData consumer =
        new ConsumerData(
            "G",
            ConsumerData.PUSH,
            messageModel,
            ConsumerData.FROM_LAST_OFFSET,
            false,
            List.of(SubscriptionData.ofTags("T", "*", 1)));
    client.send(
        RequestCode.HEART_BEAT,
        CommandHeader.NONE,
        new HeartbeatData("me", List.of(), List.of(consumer)).toJson());
    node.groups.expectMessageClass(Heartbeat.class).replyTo().tell(Joined.INSTANCE);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void aGroupThatMustNotConsumeIsRefused() {
    node.catalog.groups.put("G", new SubscriptionGroupConfig("G", false, true, 1, 16, true));

    assertThat(refusal(new SamplePull()).code()).isEqualTo(ResponseCode.NO_PERMISSION);
  }

  @Test
  void aTopicThatThisNodeDoesNotKnowIsLookedUp() {
    TopicConfig late = TopicConfig.of("Late", 2, 6);
    node.catalog.slow = true;
    SamplePull pull = new SamplePull();
    pull.topic = "Late";
    client.send(RequestCode.PULL_MESSAGE, pull.header());
    node.catalog.put(late);
    node.catalog.answerAll();
    client.runTasks();
    node.resolveNextQueue();
    nothing(node.queues.expectMessageClass(Queue.Pull.class));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.PULL_NOT_FOUND);

    node.catalog.slow = false;
    node.catalog.failure = new IllegalStateException("nobody there");
    pull.topic = "Later";
    assertThat(refusal(pull).code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
  }

  @Test
  void oneConnectionHasSoManyWaitingPullsAndNoMore() {
    NetSettings.Limits few =
        new NetSettings.Limits(1 << 20, 100, 3, 1 << 20, 1 << 16, 1 << 20, 1 << 20, 1 << 22);
    FakeNode small = new FakeNode(KIT, FakeNode.settings(true, TestSettings.with(few)));
    small.topic("T", 2);
    TestClient waiting = small.connect();
    for (int i = 0; i < 3; i++) {
      waiting.send(RequestCode.PULL_MESSAGE, new SamplePull().suspends(1000).header());
    }
    Queue.Pull first = small.queues.expectMessageClass(Queue.Pull.class);
    assertThat(waiting.answers()).isEmpty();

    waiting.send(RequestCode.PULL_MESSAGE, new SamplePull().suspends(1000).header());
    assertThat(waiting.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);

    nothing(first);
    waiting.answer();
    waiting.send(RequestCode.PULL_MESSAGE, new SamplePull().suspends(1000).header());
    assertThat(waiting.answers()).isEmpty();
    small.close();
  }

  @Test
  void recordsFoundForAConnectionThatClosedAreGivenBack() {
    Queue.Pull pull = pulled(new SamplePull().suspends(15_000));
    client.close();
    TestSlice late = new TestSlice("late");

    pull.replyTo().tell(new Found(List.of(late), 1, 101, 0, 101));

    assertThat(late.timesClosed()).isEqualTo(1);
  }
}
