package io.sampo.wire.body;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sampo.wire.BadBodyException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.RemotingSerializable;
import org.apache.rocketmq.remoting.protocol.body.LockBatchRequestBody;
import org.apache.rocketmq.remoting.protocol.body.LockBatchResponseBody;
import org.apache.rocketmq.remoting.protocol.body.UnlockBatchRequestBody;
import org.apache.rocketmq.remoting.protocol.filter.FilterAPI;
import org.apache.rocketmq.remoting.protocol.header.GetConsumerListByGroupResponseBody;
import org.apache.rocketmq.remoting.protocol.heartbeat.ConsumeType;
import org.apache.rocketmq.remoting.protocol.heartbeat.MessageModel;
import org.apache.rocketmq.remoting.protocol.heartbeat.ProducerData;
import org.junit.jupiter.api.Test;

/** JSON bodies against the official classes: theirs read by us, ours read by them. */
class OfficialBodyTest {
  private static ByteBuf json(String text) {
    return Unpooled.copiedBuffer(text, UTF_8);
  }

  @Test
  void aRouteIsReadByTheOfficialClientAndByOurs() {
    TopicRouteData ours =
        new TopicRouteData(
            List.of(new TopicRouteData.QueueData("broker-0", 8, 4, 6, 0)),
            List.of(
                new TopicRouteData.BrokerData(
                    "C", "broker-0", new TreeMap<>(Map.of(0L, "h:1", 1L, "h:2")))));

    var official =
        RemotingSerializable.decode(
            ours.toJson(), org.apache.rocketmq.remoting.protocol.route.TopicRouteData.class);

    assertThat(official.getQueueDatas()).hasSize(1);
    assertThat(official.getQueueDatas().get(0).getReadQueueNums()).isEqualTo(8);
    assertThat(official.getQueueDatas().get(0).getWriteQueueNums()).isEqualTo(4);
    assertThat(official.getQueueDatas().get(0).getPerm()).isEqualTo(6);
    assertThat(official.getBrokerDatas().get(0).getBrokerName()).isEqualTo("broker-0");
    assertThat(official.getBrokerDatas().get(0).getCluster()).isEqualTo("C");
    assertThat(official.getBrokerDatas().get(0).getBrokerAddrs())
        .isEqualTo(Map.of(0L, "h:1", 1L, "h:2"));
    assertThat(official.getFilterServerTable()).isEmpty();
    assertThat(official.getTopicQueueMappingByBroker()).isNullOrEmpty();
    assertThat(TopicRouteData.fromJson(Unpooled.wrappedBuffer(official.encode()))).isEqualTo(ours);
    assertThat(TopicRouteData.fromJson(Unpooled.wrappedBuffer(ours.toJson()))).isEqualTo(ours);
  }

  @Test
  void unquotedBrokerIdsAreRead() {
    TopicRouteData route =
        TopicRouteData.fromJson(
            json(
                "{\"brokerDatas\":[{\"brokerAddrs\":{0:\"h:1\",1:\"h:2\"},\"brokerName\":\"b\"}],"
                    + "\"queueDatas\":[]}"));

    assertThat(route.brokers().get(0).addresses()).isEqualTo(Map.of(0L, "h:1", 1L, "h:2"));
  }

  @Test
  void anOfficialHeartbeatIsRead() throws Exception {
    var official = new org.apache.rocketmq.remoting.protocol.heartbeat.HeartbeatData();
    official.setClientID("ip@1");
    ProducerData producer = new ProducerData();
    producer.setGroupName("PG");
    official.setProducerDataSet(Set.of(producer));
    var consumer = new org.apache.rocketmq.remoting.protocol.heartbeat.ConsumerData();
    consumer.setGroupName("G");
    consumer.setConsumeType(ConsumeType.CONSUME_PASSIVELY);
    consumer.setMessageModel(MessageModel.BROADCASTING);
    consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
    var subscription = FilterAPI.buildSubscriptionData("T", "a || b");
    consumer.setSubscriptionDataSet(Set.of(subscription));
    official.setConsumerDataSet(Set.of(consumer));

    HeartbeatData ours = HeartbeatData.fromJson(Unpooled.wrappedBuffer(official.encode()));

    assertThat(ours)
        .isEqualTo(
            new HeartbeatData(
                "ip@1",
                List.of("PG"),
                List.of(
                    new ConsumerData(
                        "G",
                        ConsumerData.PUSH,
                        ConsumerData.BROADCASTING,
                        ConsumerData.FROM_FIRST_OFFSET,
                        false,
                        List.of(
                            new SubscriptionData(
                                "T",
                                "a || b",
                                Set.of("a", "b"),
                                Set.of(97, 98),
                                subscription.getSubVersion(),
                                "TAG"))))));
  }

  @Test
  void ourHeartbeatIsReadByTheOfficialClasses() {
    HeartbeatData ours =
        new HeartbeatData(
            "ip@1",
            List.of("PG"),
            List.of(
                new ConsumerData(
                    "G",
                    ConsumerData.PUSH,
                    ConsumerData.CLUSTERING,
                    ConsumerData.FROM_LAST_OFFSET,
                    false,
                    List.of(SubscriptionData.ofTags("T", "a||b", 5)))));

    var official =
        RemotingSerializable.decode(
            ours.toJson(), org.apache.rocketmq.remoting.protocol.heartbeat.HeartbeatData.class);

    assertThat(official.getClientID()).isEqualTo("ip@1");
    assertThat(official.getProducerDataSet().iterator().next().getGroupName()).isEqualTo("PG");
    var consumer = official.getConsumerDataSet().iterator().next();
    assertThat(consumer.getGroupName()).isEqualTo("G");
    assertThat(consumer.getConsumeType()).isEqualTo(ConsumeType.CONSUME_PASSIVELY);
    assertThat(consumer.getMessageModel()).isEqualTo(MessageModel.CLUSTERING);
    assertThat(consumer.getConsumeFromWhere()).isEqualTo(ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET);
    var subscription = consumer.getSubscriptionDataSet().iterator().next();
    assertThat(subscription.getTopic()).isEqualTo("T");
    assertThat(subscription.getSubString()).isEqualTo("a||b");
    assertThat(subscription.getTagsSet()).isEqualTo(Set.of("a", "b"));
    assertThat(subscription.getCodeSet()).isEqualTo(Set.of(97, 98));
    assertThat(subscription.getSubVersion()).isEqualTo(5);
    assertThat(HeartbeatData.fromJson(Unpooled.wrappedBuffer(ours.toJson()))).isEqualTo(ours);
  }

  @Test
  void aTagExpressionIsTakenApartAsTheOfficialClientDoes() throws Exception {
    for (String expression : List.of("*", "", "a", "a||b", " a || b ", "a || ", "TagA||größe")) {
      var official = FilterAPI.buildSubscriptionData("T", expression);
      SubscriptionData ours = SubscriptionData.ofTags("T", expression, 1);
      assertThat(ours.tags()).as(expression).isEqualTo(official.getTagsSet());
      assertThat(ours.tagHashes()).as(expression).isEqualTo(official.getCodeSet());
      assertThat(ours.expression()).isEqualTo(official.getSubString());
      assertThat(ours.isAll()).isEqualTo(official.getTagsSet().isEmpty());
    }
    assertThatThrownBy(() -> SubscriptionData.ofTags("T", "||", 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void consumerIdListsPassInBothDirections() {
    GetConsumerListByGroupResponseBody official = new GetConsumerListByGroupResponseBody();
    official.setConsumerIdList(List.of("a@1", "b@2"));
    ConsumerIdList ours = ConsumerIdList.fromJson(Unpooled.wrappedBuffer(official.encode()));

    assertThat(ours.clientIds()).containsExactly("a@1", "b@2");
    assertThat(
            RemotingSerializable.decode(ours.toJson(), GetConsumerListByGroupResponseBody.class)
                .getConsumerIdList())
        .containsExactly("a@1", "b@2");
  }

  @Test
  void whatIsNotTheBodyIsRefusedWithTheReason() {
    for (String bad : List.of("", "x", "[]", "null", "{", "{}", "{\"clientID\":5}", "\u0000")) {
      assertThatThrownBy(() -> HeartbeatData.fromJson(json(bad)))
          .as(bad)
          .isInstanceOf(BadBodyException.class);
    }
    assertThatThrownBy(
            () ->
                HeartbeatData.fromJson(
                    json("{\"clientID\":\"c\",\"consumerDataSet\":[{\"groupName\":null}]}")))
        .isInstanceOf(BadBodyException.class)
        .hasMessageContaining("groupName");
    assertThatThrownBy(
            () ->
                TopicRouteData.fromJson(
                    json("{\"brokerDatas\":[{\"brokerName\":\"b\",\"brokerAddrs\":{\"x\":1}}]}")))
        .isInstanceOf(BadBodyException.class);
    assertThatThrownBy(() -> HeartbeatData.fromJson(json("{\"a\":".repeat(100_000))))
        .isInstanceOf(BadBodyException.class);
    assertThatThrownBy(() -> HeartbeatData.fromJson(json(" ".repeat(5_000_000))))
        .isInstanceOf(BadBodyException.class)
        .hasMessageContaining("at most");
  }

  @Test
  void anAbsentOrNullSetIsEmpty() {
    HeartbeatData heartbeat =
        HeartbeatData.fromJson(
            json("{\"clientID\":\"c\",\"consumerDataSet\":null,\"heartbeatFingerprint\":3}"));

    assertThat(heartbeat).isEqualTo(new HeartbeatData("c", List.of(), List.of()));
  }

  @Test
  void officialLockRequestsAndOurAnswersAreReadByTheOther() {
    MessageQueue first = new MessageQueue("T", "broker-0", 0);
    MessageQueue second = new MessageQueue("T", "broker-0", 1);
    LockBatchRequestBody lock = new LockBatchRequestBody();
    lock.setConsumerGroup("G");
    lock.setClientId("ip@1");
    lock.setMqSet(new LinkedHashSet<>(List.of(first, second)));
    UnlockBatchRequestBody unlock = new UnlockBatchRequestBody();
    unlock.setConsumerGroup("G");
    unlock.setClientId("ip@1");
    unlock.setMqSet(new LinkedHashSet<>(List.of(first, second)));
    QueueLockData ours =
        new QueueLockData(
            "G",
            "ip@1",
            List.of(new QueueName("broker-0", "T", 0), new QueueName("broker-0", "T", 1)));

    assertThat(QueueLockData.fromJson(Unpooled.wrappedBuffer(lock.encode()))).isEqualTo(ours);
    assertThat(QueueLockData.fromJson(Unpooled.wrappedBuffer(unlock.encode()))).isEqualTo(ours);
    assertThat(QueueLockData.fromJson(Unpooled.wrappedBuffer(ours.toJson()))).isEqualTo(ours);

    LockedQueues answer = new LockedQueues(ours.queues());
    LockBatchResponseBody official =
        RemotingSerializable.decode(answer.toJson(), LockBatchResponseBody.class);
    assertThat(official.getLockOKMQSet()).containsExactlyInAnyOrder(first, second);
    assertThat(LockedQueues.fromJson(Unpooled.wrappedBuffer(official.encode())).queues())
        .containsExactlyInAnyOrderElementsOf(ours.queues());
    assertThat(
            RemotingSerializable.decode(
                    new LockedQueues(List.of()).toJson(), LockBatchResponseBody.class)
                .getLockOKMQSet())
        .isEmpty();
  }

  @Test
  void aLockRequestWithoutGroupOrClientOrQueueIdIsRefused() {
    for (String bad :
        List.of(
            "{\"clientId\":\"c\",\"mqSet\":[]}",
            "{\"consumerGroup\":\"G\",\"mqSet\":[]}",
            "{\"consumerGroup\":\"G\",\"clientId\":\"c\",\"mqSet\":[{\"topic\":\"T\"}]}",
            "{\"consumerGroup\":\"G\",\"clientId\":\"c\",\"mqSet\":[7]}",
            "{\"consumerGroup\":\"G\",\"clientId\":\"c\","
                + "\"mqSet\":[{\"topic\":\"T\",\"queueId\":99999999999}]}")) {
      assertThatThrownBy(() -> QueueLockData.fromJson(json(bad)))
          .as(bad)
          .isInstanceOf(BadBodyException.class);
    }
  }
}
