package io.sampo.routing.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.catalog.Catalog.CatalogRefused;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.OffsetKeeping.CommitOffset;
import io.sampo.actors.consumer.OffsetKeeping.GetOffset;
import io.sampo.actors.consumer.OffsetKeeping.OffsetCommitted;
import io.sampo.actors.consumer.OffsetKeeping.OffsetFound;
import io.sampo.actors.group.Queue;
import io.sampo.actors.group.Queue.Bounds;
import io.sampo.actors.group.Queue.GetBounds;
import io.sampo.actors.group.Queue.ReadRefused;
import io.sampo.actors.group.Queue.SearchOffset;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.QueryOffsetRequestHeader;
import io.sampo.wire.header.QueueRequestHeader;
import io.sampo.wire.header.SearchOffsetRequestHeader;
import io.sampo.wire.header.UpdateOffsetRequestHeader;
import java.time.Duration;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OffsetHandlerTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final GroupQueue QUEUE = new GroupQueue(FakeNode.LOG_GROUP, new QueueKey("T", 1));
  private static final long NOW_MS = FakeNode.NOW.toEpochMilli();

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

  private Answer ask(int code, CommandHeader header) {
    client.send(code, header);
    return client.answer();
  }

  private GetOffset asked(boolean zeroIfNotFound) {
    client.send(
        RequestCode.QUERY_CONSUMER_OFFSET,
        new QueryOffsetRequestHeader("G", "T", 1, zeroIfNotFound));
    return node.groups.expectMessageClass(GetOffset.class);
  }

  private Answer withoutOffset(Bounds bounds) {
    asked(true).replyTo().tell(new OffsetFound(-1));
    node.queues.expectMessageClass(GetBounds.class).replyTo().tell(bounds);
    return client.answer();
  }

  @Test
  void aCommittedOffsetIsTold() {
    GetOffset question = asked(true);
    assertThat(question.queue()).isEqualTo(QUEUE);
    question.replyTo().tell(new OffsetFound(17));
    Answer answer = client.answer();

    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(answer.fields().int64("offset")).isEqualTo(17);
  }

  @Test
  void aGroupWithoutAnOffsetStartsAtZeroWhileTheFirstMessageIsYoung() {
    long limit = Duration.ofDays(3).toMillis();
    for (Bounds young :
        new Bounds[] {
          new Bounds(0, 0, -1),
          new Bounds(0, 10, NOW_MS),
          new Bounds(0, 10, NOW_MS - limit),
          new Bounds(0, 10, NOW_MS + 5000) // stored by a clock that is ahead
        }) {
      Answer answer = withoutOffset(young);
      assertThat(answer.code()).as("%s", young).isEqualTo(ResponseCode.SUCCESS);
      assertThat(answer.fields().int64("offset")).isZero();
    }
    for (Bounds old :
        new Bounds[] {
          new Bounds(0, 10, NOW_MS - limit - 1), new Bounds(1, 10, NOW_MS), new Bounds(5, 5, -1)
        }) {
      assertThat(withoutOffset(old).code()).as("%s", old).isEqualTo(ResponseCode.QUERY_NOT_FOUND);
    }
  }

  @Test
  void aClientMayRefuseToStartAtZero() {
    asked(false).replyTo().tell(new OffsetFound(-1));

    assertThat(client.answer().code()).isEqualTo(ResponseCode.QUERY_NOT_FOUND);
    node.queues.expectNoMessage();
  }

  @ParameterizedTest
  @EnumSource(GroupRefused.class)
  void everyRefusalOfAGroupHasItsCode(GroupRefused refused) {
    asked(true).replyTo().tell(refused);
    Answer answer = client.answer();

    assertThat(answer.code())
        .isEqualTo(
            switch (refused) {
              case TOO_MANY_MEMBERS, TOO_MANY_TOPICS, TOO_MANY_QUEUES -> ResponseCode.SYSTEM_ERROR;
              case TOO_MANY_WAITING, NOT_LEADING -> ResponseCode.SERVICE_NOT_AVAILABLE;
              case NEGATIVE_OFFSET -> ResponseCode.INVALID_PARAMETER;
              case NOT_A_MEMBER -> ResponseCode.CONSUMER_NOT_ONLINE;
            });
    assertThat(answer.remark()).isNotEmpty();
  }

  @Test
  void aGroupThatThisNodeDoesNotKnowIsMadeFirst() {
    client.send(
        RequestCode.QUERY_CONSUMER_OFFSET, new QueryOffsetRequestHeader("New", "T", 1, true));
    node.resolveNextGroup();
    node.groups.expectMessageClass(GetOffset.class).replyTo().tell(new OffsetFound(3));

    assertThat(client.answer().fields().int64("offset")).isEqualTo(3);
    assertThat(node.catalog.asked).containsExactly("ensure group New");

    node.catalog.groupReply = new CatalogRefused("there are too many groups");
    Answer refused =
        ask(RequestCode.QUERY_CONSUMER_OFFSET, new QueryOffsetRequestHeader("Newer", "T", 1, true));
    assertThat(refused.code()).isEqualTo(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
    assertThat(refused.remark()).isEqualTo("there are too many groups");
    assertThat(
            ask(
                    RequestCode.QUERY_CONSUMER_OFFSET,
                    new QueryOffsetRequestHeader("no group", "T", 1, true))
                .code())
        .isEqualTo(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
    node.catalog.failure = new IllegalStateException("nobody there");
    assertThat(
            ask(
                    RequestCode.QUERY_CONSUMER_OFFSET,
                    new QueryOffsetRequestHeader("Newest", "T", 1, true))
                .code())
        .isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
  }

  @Test
  void aCommitIsAnsweredOnceItIsDurable() {
    client.send(RequestCode.UPDATE_CONSUMER_OFFSET, new UpdateOffsetRequestHeader("G", "T", 1, 42));
    CommitOffset commit = node.groups.expectMessageClass(CommitOffset.class);
    assertThat(commit.queue()).isEqualTo(QUEUE);
    assertThat(commit.offset()).isEqualTo(42);
    assertThat(client.answers()).isEmpty();
    commit.replyTo().tell(new OffsetCommitted(42));

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);

    client.send(RequestCode.UPDATE_CONSUMER_OFFSET, new UpdateOffsetRequestHeader("G", "T", 1, 43));
    node.groups.expectMessageClass(CommitOffset.class).replyTo().tell(GroupRefused.TOO_MANY_QUEUES);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
  }

  @Test
  void aOnewayCommitIsTakenOverWithoutAnAnswer() {
    client.sendOneway(
        RequestCode.UPDATE_CONSUMER_OFFSET,
        new UpdateOffsetRequestHeader("G", "T", 1, 42),
        new byte[0]);

    CommitOffset commit = node.groups.expectMessageClass(CommitOffset.class);
    assertThat(commit.queue()).isEqualTo(QUEUE);
    assertThat(commit.offset()).isEqualTo(42);
    commit.replyTo().tell(new OffsetCommitted(42));
    assertThat(client.answers()).isEmpty();
  }

  @Test
  void aCommitOfSomethingImpossibleIsRefused() {
    assertThat(
            ask(RequestCode.UPDATE_CONSUMER_OFFSET, new UpdateOffsetRequestHeader("G", "T", 1, -1))
                .code())
        .isEqualTo(ResponseCode.INVALID_PARAMETER);
    assertThat(
            ask(RequestCode.UPDATE_CONSUMER_OFFSET, new UpdateOffsetRequestHeader("G", "T", 2, 1))
                .code())
        .isEqualTo(ResponseCode.INVALID_PARAMETER);
    assertThat(
            ask(
                    RequestCode.UPDATE_CONSUMER_OFFSET,
                    new UpdateOffsetRequestHeader("G", "Nothing", 0, 1))
                .code())
        .isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
    node.groups.expectNoMessage();
  }

  @Test
  void theBoundsOfAQueueAreTold() {
    Bounds bounds = new Bounds(5, 90, 777);
    record Case(int code, String field, long value) {}

    for (Case expected :
        new Case[] {
          new Case(RequestCode.GET_MIN_OFFSET, "offset", 5),
          new Case(RequestCode.GET_MAX_OFFSET, "offset", 90),
          new Case(RequestCode.GET_EARLIEST_MSG_STORETIME, "timestamp", 777)
        }) {
      client.send(expected.code(), new QueueRequestHeader("T", 1));
      node.queues.expectMessageClass(GetBounds.class).replyTo().tell(bounds);
      Answer answer = client.answer();

      assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
      assertThat(answer.fields().int64(expected.field())).isEqualTo(expected.value());
    }
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        RequestCode.GET_MIN_OFFSET,
        RequestCode.GET_MAX_OFFSET,
        RequestCode.GET_EARLIEST_MSG_STORETIME
      })
  void whatHasNoQueueHasNoBounds(int code) {
    assertThat(ask(code, new QueueRequestHeader("T", 2)).code())
        .isEqualTo(ResponseCode.INVALID_PARAMETER);
    assertThat(ask(code, new QueueRequestHeader("T", -1)).code())
        .isEqualTo(ResponseCode.INVALID_PARAMETER);
    assertThat(ask(code, new QueueRequestHeader("Nothing", 0)).code())
        .isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
    assertThat(ask(code, new QueueRequestHeader("no topic", 0)).code())
        .isEqualTo(ResponseCode.TOPIC_NOT_EXIST);

    client.send(code, new QueueRequestHeader("T", 0));
    node.queues.expectMessageClass(GetBounds.class).replyTo().tell(ReadRefused.READ_FAILED);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
  }

  @Test
  void anOffsetIsSearchedByTime() {
    client.send(
        RequestCode.SEARCH_OFFSET_BY_TIMESTAMP, new SearchOffsetRequestHeader("T", 1, 123, true));
    SearchOffset search = node.queues.expectMessageClass(SearchOffset.class);
    assertThat(search.timestampMs()).isEqualTo(123);
    assertThat(search.upper()).isTrue();
    search.replyTo().tell(new Queue.OffsetFound(55));
    assertThat(client.answer().fields().int64("offset")).isEqualTo(55);

    client.send(
        RequestCode.SEARCH_OFFSET_BY_TIMESTAMP, new SearchOffsetRequestHeader("T", 1, 123, false));
    SearchOffset gone = node.queues.expectMessageClass(SearchOffset.class);
    assertThat(gone.upper()).isFalse();
    gone.undelivered();
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
  }
}
