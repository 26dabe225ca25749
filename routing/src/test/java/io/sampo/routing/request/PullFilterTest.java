package io.sampo.routing.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.actors.consumer.ConsumerGroup.GetSubscription;
import io.sampo.actors.consumer.ConsumerGroup.NoSubscription;
import io.sampo.actors.consumer.ConsumerGroup.SubscriptionFound;
import io.sampo.actors.group.Queue;
import io.sampo.actors.group.Queue.EntryFilter;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a pull says what it wants: by an expression of its own, or by its group's subscription. */
class PullFilterTest {
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

  private static void subscribed(GetSubscription question, String expression, long version) {
    question
        .replyTo()
        .tell(
            new SubscriptionFound(
                new ConsumerGroup.Subscription(question.topic(), expression, "TAG", version)));
  }

  @Test
  void aPullCarriesItsFilterAlong() {
    EntryFilter filter = pulled(new SamplePull().tags("a || b")).filter();

    assertThat(filter.matches("a".hashCode())).isTrue();
    assertThat(filter.matches("b".hashCode())).isTrue();
    assertThat(filter.matches("c".hashCode())).isFalse();
  }

  @Test
  void aFilterIsCompiledOncePerExpression() {
    EntryFilter first = pulled(new SamplePull().tags("a||b")).filter();
    EntryFilter same = pulled(new SamplePull().tags("a||b")).filter();
    EntryFilter other = pulled(new SamplePull().tags("c||d")).filter();
    SamplePull sql = new SamplePull().tags("c||d");
    sql.expressionType = "SQL92";

    assertThat(same).isSameAs(first);
    assertThat(other.matches("c".hashCode())).isTrue();
    assertThat(refusal(sql).code())
        .as("the same text of another type is another filter")
        .isEqualTo(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
  }

  @Test
  void anSqlConditionIsCompiledAndReadsRecords() {
    SamplePull sql = new SamplePull().tags("a > 5");
    sql.expressionType = "SQL92";

    assertThat(pulled(sql).filter().readsRecords()).isTrue();
  }

  @Test
  void aGroupThatCannotBeIsRefusedBeforeItIsRemembered() {
    SamplePull pull = new SamplePull().tags("red");
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
    client.send(RequestCode.PULL_MESSAGE, new SamplePull().byHeartbeat(7).header());
    node.queues.expectNoMessage();
    subscribed(node.groups.expectMessageClass(GetSubscription.class), "red", 7);
    client.runTasks();
    Queue.Pull first = node.queues.expectMessageClass(Queue.Pull.class);
    assertThat(first.filter().matches("red".hashCode())).isTrue();
    assertThat(first.filter().matches("blue".hashCode())).isFalse();

    for (int i = 0; i < 3; i++) {
      assertThat(pulled(new SamplePull().byHeartbeat(7)).filter()).isSameAs(first.filter());
    }
    node.groups.expectNoMessage();

    client.send(RequestCode.PULL_MESSAGE, new SamplePull().byHeartbeat(8).header());
    subscribed(node.groups.expectMessageClass(GetSubscription.class), "blue", 8);
    client.runTasks();
    assertThat(node.queues.expectMessageClass(Queue.Pull.class).filter().matches("blue".hashCode()))
        .isTrue();
  }

  @Test
  void aSubscriptionThatIsMissingOrOldIsSaidToBe() {
    client.send(RequestCode.PULL_MESSAGE, new SamplePull().byHeartbeat(7).header());
    node.groups.expectMessageClass(GetSubscription.class).replyTo().tell(NoSubscription.INSTANCE);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUBSCRIPTION_NOT_EXIST);

    client.send(RequestCode.PULL_MESSAGE, new SamplePull().byHeartbeat(7).header());
    subscribed(node.groups.expectMessageClass(GetSubscription.class), "*", 6);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUBSCRIPTION_NOT_LATEST);

    SamplePull unknownGroup = new SamplePull().byHeartbeat(7);
    unknownGroup.group = "Nobody";
    assertThat(refusal(unknownGroup).code()).isEqualTo(ResponseCode.SUBSCRIPTION_NOT_EXIST);
  }

  @Test
  void aGroupWhoseActorIsGoneIsLookedForAgain() {
    client.send(RequestCode.PULL_MESSAGE, new SamplePull().byHeartbeat(7).header());
    node.groups.expectMessageClass(GetSubscription.class).undelivered();
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);

    client.send(RequestCode.PULL_MESSAGE, new SamplePull().byHeartbeat(7).header());
    node.resolveNextGroup();
    subscribed(node.groups.expectMessageClass(GetSubscription.class), "*", 7);
    client.runTasks();
    node.queues.expectMessageClass(Queue.Pull.class);
  }

  @Test
  void aFilterThatCannotBeUsedIsRefused() {
    assertThat(refusal(new SamplePull().tags("|| ||")).code())
        .isEqualTo(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
  }
}
