package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.QueueLocking.LockQueues;
import io.sampo.actors.consumer.QueueLocking.QueuesLocked;
import io.sampo.actors.consumer.QueueLocking.QueuesUnlocked;
import io.sampo.actors.consumer.QueueLocking.UnlockQueues;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.LockedQueues;
import io.sampo.wire.body.QueueLockData;
import io.sampo.wire.body.QueueName;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LockHandlerTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final GroupQueue ZERO = queue(0);
  private static final GroupQueue ONE = queue(1);

  private final FakeNode node = new FakeNode(KIT);
  private final TestClient client = node.connect();

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

  private void send(int code, QueueName... queues) {
    client.send(code, CommandHeader.NONE, body(queues));
  }

  private static byte[] body(QueueName... queues) {
    return new QueueLockData("G", "me", List.of(queues)).toJson();
  }

  private LockQueues asked() {
    return node.groups.expectMessageClass(LockQueues.class);
  }

  private void groupAndTopic() {
    node.topic("T", 2);
    node.group("G");
  }

  @Test
  void whatTheGroupLocksIsToldInTheClientsOwnWords() {
    groupAndTopic();
    QueueName zero = new QueueName("some-broker", "T", 0);
    QueueName one = new QueueName("some-broker", "T", 1);
    send(RequestCode.LOCK_BATCH_MQ, zero, one);
    LockQueues question = asked();
    assertThat(question.clientId()).isEqualTo("me");
    assertThat(question.queues()).as("the port says the log group").containsExactly(ZERO, ONE);
    assertThat(client.answers()).as("before the group has answered").isEmpty();

    question.replyTo().tell(new QueuesLocked(List.of(ONE)));
    Answer answer = client.answer();

    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(LockedQueues.fromJson(Unpooled.wrappedBuffer(answer.body())).queues())
        .containsExactly(one);
  }

  @Test
  void queuesThatDoNotExistAreNotLocked() {
    groupAndTopic();
    QueueName there = new QueueName("b", "T", 1);
    send(
        RequestCode.LOCK_BATCH_MQ,
        new QueueName("b", "T", 2),
        new QueueName("b", "T", -1),
        new QueueName("b", "Other", 0),
        new QueueName("b", "", 0),
        there);
    LockQueues question = asked();
    assertThat(question.queues()).containsExactly(ONE);
    question.replyTo().tell(new QueuesLocked(List.of(ONE)));

    assertThat(LockedQueues.fromJson(Unpooled.wrappedBuffer(client.answer().body())).queues())
        .containsExactly(there);
  }

  @Test
  void anUnknownGroupHasNoMembersAndIsNotMade() {
    node.topic("T", 2);
    send(RequestCode.LOCK_BATCH_MQ, new QueueName("b", "T", 0));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.CONSUMER_NOT_ONLINE);
    send(RequestCode.UNLOCK_BATCH_MQ, new QueueName("b", "T", 0));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(node.catalog.asked).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(GroupRefused.class)
  void everyRefusalOfAGroupIsAnError(GroupRefused refused) {
    groupAndTopic();
    send(RequestCode.LOCK_BATCH_MQ, new QueueName("b", "T", 0));
    asked().replyTo().tell(refused);
    Answer answer = client.answer();

    assertThat(answer.code()).isEqualTo(Refusals.of(refused).code());
    assertThat(answer.remark()).isNotEmpty();
  }

  @Test
  void aGroupThatMovedIsLookedForAgain() {
    groupAndTopic();
    send(RequestCode.LOCK_BATCH_MQ, new QueueName("b", "T", 0));
    asked().replyTo().tell(GroupRefused.NOT_LEADING);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);

    send(RequestCode.LOCK_BATCH_MQ, new QueueName("b", "T", 0));
    node.resolveNextGroup();
    asked().replyTo().tell(new QueuesLocked(List.of(ZERO)));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void locksAreGivenBackAlsoOfATopicThatIsGone() {
    node.group("G");
    send(
        RequestCode.UNLOCK_BATCH_MQ,
        new QueueName("b", "T", 0),
        new QueueName("b", "T", -1),
        new QueueName("b", "", 0));
    UnlockQueues order = node.groups.expectMessageClass(UnlockQueues.class);
    assertThat(order.clientId()).isEqualTo("me");
    assertThat(order.queues()).containsExactly(ZERO);
    assertThat(client.answers()).isEmpty();
    order.replyTo().tell(QueuesUnlocked.INSTANCE);

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void givingBackOneWayIsDoneAndNotAnswered() {
    groupAndTopic();
    client.sendOneway(
        RequestCode.UNLOCK_BATCH_MQ, CommandHeader.NONE, body(new QueueName("b", "T", 0)));
    node.groups.expectMessageClass(UnlockQueues.class).replyTo().tell(QueuesUnlocked.INSTANCE);

    assertThat(client.answers()).isEmpty();
  }

  @Test
  void aBodyThatIsNoRequestIsAnError() {
    client.send(RequestCode.LOCK_BATCH_MQ, CommandHeader.NONE, "{}".getBytes(UTF_8));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    client.send(RequestCode.UNLOCK_BATCH_MQ, CommandHeader.NONE, new byte[0]);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
  }
}
