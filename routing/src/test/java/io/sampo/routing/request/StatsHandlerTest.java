package io.sampo.routing.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.GroupInsight.GetOffsets;
import io.sampo.actors.consumer.GroupInsight.GetTopics;
import io.sampo.actors.consumer.GroupInsight.Offsets;
import io.sampo.actors.group.Queue.Bounds;
import io.sampo.actors.group.Queue.GetBounds;
import io.sampo.actors.group.Queue.ReadAt;
import io.sampo.actors.group.Queue.ReadAtFound;
import io.sampo.actors.group.Queue.ReadRefused;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.TestClient;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.ConsumeStatsRequestHeader;
import io.sampo.wire.header.TopicHeader;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What topics hold, how far groups are, and which groups consume a topic. */
class StatsHandlerTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final QueueKey QUEUE = new QueueKey("T", 0);

  private final FakeNode node = new FakeNode(KIT);
  private final TestClient tool = node.connect();

  @AfterEach
  void nothingLeaks() {
    node.close();
  }

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  @Test
  void aTopicIsToldByItsQueues() {
    node.topic("T", 2);
    tool.send(RequestCode.GET_TOPIC_STATS_INFO, new TopicHeader("T"));
    node.queues.expectMessageClass(GetBounds.class).replyTo().tell(new Bounds(0, 0, -1));
    assertThat(tool.answers()).isEmpty();
    node.queues.expectMessageClass(GetBounds.class).replyTo().tell(new Bounds(0, 0, -1));

    assertThat(tool.answer().text())
        .contains("{\"brokerName\":\"broker-0\",\"queueId\":0,\"topic\":\"T\"}:")
        .contains("{\"brokerName\":\"broker-0\",\"queueId\":1,\"topic\":\"T\"}:");
    tool.send(RequestCode.GET_TOPIC_STATS_INFO, new TopicHeader("none"));
    assertThat(tool.answer().code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
  }

  @Test
  void aGroupIsToldByItsOffsetsInThePortsLogGroup() {
    node.topic("T", 1);
    node.group("G");
    tool.send(RequestCode.GET_CONSUME_STATS, new ConsumeStatsRequestHeader("G", ""));
    node.groups
        .expectMessageClass(GetOffsets.class)
        .replyTo()
        .tell(
            new Offsets(
                Map.of(
                    new GroupQueue(FakeNode.LOG_GROUP, QUEUE),
                    5L,
                    new GroupQueue("broker-1", QUEUE),
                    8L)));
    node.queues.expectMessageClass(GetBounds.class).replyTo().tell(new Bounds(0, 9, 1));
    ReadAt read = node.queues.expectMessageClass(ReadAt.class);
    assertThat(read.offsets()).containsExactly(4); // the last that the group has consumed
    read.replyTo().tell(new ReadAtFound(List.of(), new long[0], 1)); // it is gone meanwhile

    assertThat(tool.answer().text())
        .isEqualTo(
            "{\"offsetTable\":{{\"brokerName\":\"broker-0\",\"queueId\":0,\"topic\":\"T\"}:"
                + "{\"brokerOffset\":9,\"consumerOffset\":5,\"lastTimestamp\":0,\"pullOffset\":5}}}");
  }

  @Test
  void aQueueThatCantAnswerIsToldOf() {
    node.topic("T", 1);
    tool.send(RequestCode.GET_TOPIC_STATS_INFO, new TopicHeader("T"));
    node.queues.expectMessageClass(GetBounds.class).replyTo().tell(ReadRefused.READ_FAILED);

    assertThat(tool.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
  }

  @Test
  void theGroupsOfATopicAreThoseThatSaySo() {
    node.group("G1");
    node.group("G2");
    tool.send(RequestCode.QUERY_TOPIC_CONSUME_BY_WHO, new TopicHeader("T"));
    answerTopics(Set.of("T", "other"));
    assertThat(tool.answers()).isEmpty();
    answerTopics(Set.of("other"));

    assertThat(tool.answer().text()).isEqualTo("{\"groupList\":[\"G1\"]}");
  }

  @Test
  void aListThatLacksAGroupIsNotGiven() {
    node.group("G1");
    node.group("G2");
    tool.send(RequestCode.QUERY_TOPIC_CONSUME_BY_WHO, new TopicHeader("T"));
    answerTopics(Set.of("T"));
    node.groups.expectMessageClass(GetTopics.class).replyTo().tell(GroupRefused.TOO_MANY_WAITING);

    assertThat(tool.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
  }

  private void answerTopics(Set<String> names) {
    node.groups
        .expectMessageClass(GetTopics.class)
        .replyTo()
        .tell(new io.sampo.actors.consumer.GroupInsight.Topics(names));
  }
}
