package io.sampo.routing.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.catalog.SubscriptionGroupConfig;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.actors.consumer.ConsumerGroup.GetSubscription;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.Heartbeat;
import io.sampo.actors.consumer.ConsumerGroup.Joined;
import io.sampo.actors.consumer.ConsumerGroup.NoSubscription;
import io.sampo.actors.consumer.ConsumerGroup.SubscriptionFound;
import io.sampo.actors.consumer.OffsetKeeping.AdvanceOffset;
import io.sampo.actors.group.Queue;
import io.sampo.actors.group.Queue.EntryFilter;
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
import io.sampo.wire.header.PullRequestHeader;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.jspecify.annotations.Nullable;
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

  /** A pull with what a test wants to be different. */
  private static final class Pull {
    private String group = "G";
    private String topic = "T";
    private int queueId = 1;
    private int messages = 32;
    private int bytes = Integer.MAX_VALUE;
    private int sysFlag = PullRequestHeader.HAS_SUBSCRIPTION;
    private long commitOffset;
    private long suspendMs;
    private @Nullable String expression = "*";
    private @Nullable String expressionType;
    private long version;

    PullRequestHeader header() {
      return new PullRequestHeader(
          group,
          topic,
          queueId,
          100,
          messages,
          sysFlag,
          commitOffset,
          suspendMs,
          expression,
          version,
          expressionType,
          bytes);
    }

    Pull tags(String tags) {
      expression = tags;
      return this;
    }

    Pull commits(long offset) {
      sysFlag |= PullRequestHeader.COMMIT_OFFSET;
      commitOffset = offset;
      return this;
    }

    Pull suspends(long millis) {
      sysFlag |= PullRequestHeader.MAY_SUSPEND;
      suspendMs = millis;
      return this;
    }

    Pull byHeartbeat(long subscriptionVersion) {
      sysFlag &= ~PullRequestHeader.HAS_SUBSCRIPTION;
      expression = null;
      version = subscriptionVersion;
      return this;
    }
  }

  private Queue.Pull pulled(Pull pull) {
    client.send(RequestCode.PULL_MESSAGE, pull.header());
    return node.queues.expectMessageClass(Queue.Pull.class);
  }

  private Answer refusal(Pull pull) {
    client.send(RequestCode.PULL_MESSAGE, pull.header());
    Answer answer = client.answer();
    node.queues.expectNoMessage();
    return answer;
  }

  private static void subscribed(GetSubscription question, String expression, long version) {
    question
        .replyTo()
        .tell(
            new SubscriptionFound(
                new ConsumerGroup.Subscription(question.topic(), expression, "TAG", version)));
  }

  private static void nothing(Queue.Pull pull) {
    pull.replyTo().tell(new NothingNew(100, 0, 100));
  }

  @ParameterizedTest
  @ValueSource(ints = {RequestCode.PULL_MESSAGE, RequestCode.LITE_PULL_MESSAGE})
  void recordsAreSentAsTheyLieAndAreClosedAfterwards(int code) {
    client.send(code, new Pull().header());
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
      pulled(new Pull()).replyTo().tell(expected.reply());
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
    Pull modest = new Pull().suspends(15_000);
    modest.bytes = 1000;
    Queue.Pull first = pulled(modest);
    assertThat(first.offset()).isEqualTo(100);
    assertThat(first.limits()).isEqualTo(new Queue.PullLimits(32, 1000));
    assertThat(first.waitMillis()).isEqualTo(15_000);
    nothing(first);

    Pull greedy = new Pull().suspends(Long.MAX_VALUE);
    greedy.messages = Integer.MAX_VALUE;
    Queue.Pull second = pulled(greedy);
    assertThat(second.limits()).isEqualTo(new Queue.PullLimits(100, 1 << 18));
    assertThat(second.waitMillis()).isEqualTo(30_000);
    nothing(second);

    Pull senseless = new Pull().suspends(-1);
    senseless.messages = -5;
    senseless.bytes = 0;
    Queue.Pull third = pulled(senseless);
    assertThat(third.limits()).isEqualTo(new Queue.PullLimits(1, 1));
    assertThat(third.waitMillis()).isZero();
    nothing(third);

    Pull impatient = new Pull();
    impatient.suspendMs = 15_000;
    Queue.Pull fourth = pulled(impatient);
    assertThat(fourth.waitMillis()).as("the flag is not set").isZero();
    nothing(fourth);
  }

  @Test
  void aPullCarriesItsFilterAlong() {
    EntryFilter filter = pulled(new Pull().tags("a || b")).filter();

    assertThat(filter.matches("a".hashCode())).isTrue();
    assertThat(filter.matches("b".hashCode())).isTrue();
    assertThat(filter.matches("c".hashCode())).isFalse();
  }

  @Test
  void aFilterIsCompiledOncePerExpression() {
    EntryFilter first = pulled(new Pull().tags("a||b")).filter();
    EntryFilter same = pulled(new Pull().tags("a||b")).filter();
    EntryFilter other = pulled(new Pull().tags("c||d")).filter();
    Pull sql = new Pull().tags("c||d");
    sql.expressionType = "SQL92";

    assertThat(same).isSameAs(first);
    assertThat(other.matches("c".hashCode())).isTrue();
    assertThat(refusal(sql).code())
        .as("the same text of another type is another filter")
        .isEqualTo(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
  }

  @Test
  void anSqlConditionIsCompiledAndReadsRecords() {
    Pull sql = new Pull().tags("a > 5");
    sql.expressionType = "SQL92";

    assertThat(pulled(sql).filter().readsRecords()).isTrue();
  }

  @Test
  void aGroupThatCannotBeIsRefusedBeforeItIsRemembered() {
    Pull pull = new Pull().tags("red");
    pull.group = "x".repeat(256);

    assertThat(refusal(pull).code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
  }

  @Test
  void expressionsAreForgottenWhenTheyTakeTooMuchTogether() {
    PullSubscriptions subscriptions = new PullSubscriptions();
    String expression = "a".repeat(16 * 1024);
    for (int i = 0; i < 1000; i++) {
      subscriptions.remember("G" + i, "T", "TAG", expression, 0, EntryFilter.ALL);
    }
    assertThat(subscriptions.size()).isEqualTo(64);
    assertThat(subscriptions.carried("G999", "T", "TAG", expression)).isNotNull();
    assertThat(subscriptions.carried("G0", "T", "TAG", expression)).isNull();

    for (int i = 0; i < 5000; i++) {
      subscriptions.remember("H" + i, "T", "TAG", "a", 0, EntryFilter.ALL);
    }
    assertThat(subscriptions.size()).isEqualTo(4096);
  }

  @Test
  void withoutAFilterTheGroupsSubscriptionCountsAndIsAskedForOnce() {
    client.send(RequestCode.PULL_MESSAGE, new Pull().byHeartbeat(7).header());
    node.queues.expectNoMessage();
    subscribed(node.groups.expectMessageClass(GetSubscription.class), "red", 7);
    client.runTasks();
    Queue.Pull first = node.queues.expectMessageClass(Queue.Pull.class);
    assertThat(first.filter().matches("red".hashCode())).isTrue();
    assertThat(first.filter().matches("blue".hashCode())).isFalse();

    for (int i = 0; i < 3; i++) {
      assertThat(pulled(new Pull().byHeartbeat(7)).filter()).isSameAs(first.filter());
    }
    node.groups.expectNoMessage();

    client.send(RequestCode.PULL_MESSAGE, new Pull().byHeartbeat(8).header());
    subscribed(node.groups.expectMessageClass(GetSubscription.class), "blue", 8);
    client.runTasks();
    assertThat(node.queues.expectMessageClass(Queue.Pull.class).filter().matches("blue".hashCode()))
        .isTrue();
  }

  @Test
  void aSubscriptionThatIsMissingOrOldIsSaidToBe() {
    client.send(RequestCode.PULL_MESSAGE, new Pull().byHeartbeat(7).header());
    node.groups.expectMessageClass(GetSubscription.class).replyTo().tell(NoSubscription.INSTANCE);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUBSCRIPTION_NOT_EXIST);

    client.send(RequestCode.PULL_MESSAGE, new Pull().byHeartbeat(7).header());
    subscribed(node.groups.expectMessageClass(GetSubscription.class), "*", 6);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUBSCRIPTION_NOT_LATEST);

    Pull unknownGroup = new Pull().byHeartbeat(7);
    unknownGroup.group = "Nobody";
    assertThat(refusal(unknownGroup).code()).isEqualTo(ResponseCode.SUBSCRIPTION_NOT_EXIST);
  }

  @Test
  void aGroupWhoseActorIsGoneIsLookedForAgain() {
    client.send(RequestCode.PULL_MESSAGE, new Pull().byHeartbeat(7).header());
    node.groups.expectMessageClass(GetSubscription.class).undelivered();
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);

    client.send(RequestCode.PULL_MESSAGE, new Pull().byHeartbeat(7).header());
    node.resolveNextGroup();
    subscribed(node.groups.expectMessageClass(GetSubscription.class), "*", 7);
    client.runTasks();
    node.queues.expectMessageClass(Queue.Pull.class);
  }

  @Test
  void aFilterThatCannotBeUsedIsRefused() {
    assertThat(refusal(new Pull().tags("|| ||")).code())
        .isEqualTo(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
  }

  @Test
  void theOffsetThatComesAlongIsTakenOverWhenItIsNews() {
    pulled(new Pull().commits(90));
    assertThat(node.groups.expectMessageClass(AdvanceOffset.class))
        .isEqualTo(new AdvanceOffset(new GroupQueue(FakeNode.LOG_GROUP, new QueueKey("T", 1)), 90));

    pulled(new Pull().commits(90));
    node.groups.expectNoMessage();
    Pull otherQueue = new Pull().commits(90);
    otherQueue.queueId = 0;
    pulled(otherQueue);
    node.groups.expectMessageClass(AdvanceOffset.class);
    pulled(new Pull().commits(91));
    node.groups.expectMessageClass(AdvanceOffset.class);

    Pull unset = new Pull();
    unset.commitOffset = 95;
    pulled(unset);
    pulled(new Pull().commits(-1));
    Pull stranger = new Pull().commits(5);
    stranger.group = "Nobody";
    pulled(stranger);
    node.groups.expectNoMessage();
  }

  @ParameterizedTest
  @EnumSource(ReadRefused.class)
  void everyRefusalOfTheQueueHasItsCode(ReadRefused refused) {
    Queue.Pull pull = pulled(new Pull());
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
    pulled(new Pull()).undelivered();
    node.resolveNextQueue();
    Queue.Pull again = node.queues.expectMessageClass(Queue.Pull.class);
    again.replyTo().tell(new NothingNew(100, 0, 100));

    assertThat(client.answer().code()).isEqualTo(ResponseCode.PULL_NOT_FOUND);
  }

  @Test
  void theTopicAndTheQueueAreChecked() {
    Pull unknown = new Pull();
    unknown.topic = "Nothing";
    assertThat(refusal(unknown).code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
    Pull illegal = new Pull();
    illegal.topic = "no topic";
    assertThat(refusal(illegal).code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
    illegal.topic = "";
    assertThat(refusal(illegal).code()).isNotEqualTo(ResponseCode.SUCCESS);

    for (int queueId : new int[] {-1, 2, Integer.MAX_VALUE}) {
      Pull outside = new Pull();
      outside.queueId = queueId;
      assertThat(refusal(outside).code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
    }

    node.catalog.put(TopicConfig.of("W", 2, TopicConfig.PERM_WRITE));
    Pull unreadable = new Pull();
    unreadable.topic = "W";
    assertThat(refusal(unreadable).code()).isEqualTo(ResponseCode.NO_PERMISSION);
  }

  @Test
  void aGroupThatMustNotConsumeByBroadcastIsRefusedOnlyThat() {
    heartbeat(ConsumerData.BROADCASTING);
    node.catalog.groups.put("G", new SubscriptionGroupConfig("G", true, false, 1, 16, true));
    assertThat(refusal(new Pull()).code()).isEqualTo(ResponseCode.NO_PERMISSION);

    heartbeat(ConsumerData.CLUSTERING);
    pulled(new Pull());
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

    assertThat(refusal(new Pull()).code()).isEqualTo(ResponseCode.NO_PERMISSION);
  }

  @Test
  void aTopicThatThisNodeDoesNotKnowIsLookedUp() {
    TopicConfig late = TopicConfig.of("Late", 2, 6);
    node.catalog.slow = true;
    Pull pull = new Pull();
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
      waiting.send(RequestCode.PULL_MESSAGE, new Pull().suspends(1000).header());
    }
    Queue.Pull first = small.queues.expectMessageClass(Queue.Pull.class);
    assertThat(waiting.answers()).isEmpty();

    waiting.send(RequestCode.PULL_MESSAGE, new Pull().suspends(1000).header());
    assertThat(waiting.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);

    nothing(first);
    waiting.answer();
    waiting.send(RequestCode.PULL_MESSAGE, new Pull().suspends(1000).header());
    assertThat(waiting.answers()).isEmpty();
    small.close();
  }

  @Test
  void recordsFoundForAConnectionThatClosedAreGivenBack() {
    Queue.Pull pull = pulled(new Pull().suspends(15_000));
    client.close();
    TestSlice late = new TestSlice("late");

    pull.replyTo().tell(new Found(List.of(late), 1, 101, 0, 101));

    assertThat(late.timesClosed()).isEqualTo(1);
  }
}
