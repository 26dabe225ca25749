package io.sampo.wire.body;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.rocketmq.remoting.protocol.RemotingSerializable;
import org.apache.rocketmq.remoting.protocol.body.SubscriptionGroupWrapper;
import org.apache.rocketmq.remoting.protocol.body.TopicConfigSerializeWrapper;
import org.apache.rocketmq.remoting.protocol.subscription.GroupRetryPolicyType;
import org.apache.rocketmq.remoting.protocol.subscription.SimpleSubscriptionData;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;
import org.junit.jupiter.api.Test;

/** Bodies that tools read and write, against the official classes. */
class OfficialAdminBodyTest {
  private static final TopicConfigData TOPIC =
      new TopicConfigData("T", 4, 3, 6, "SINGLE_TAG", 1, true, Map.of("message.type", "FIFO"));
  private static final GroupConfigData GROUP =
      new GroupConfigData("G", false, true, 2, 3, false, List.of());

  @Test
  void aTopicIsReadByToolsAndByUs() {
    var official =
        RemotingSerializable.decode(TOPIC.toJson(), org.apache.rocketmq.common.TopicConfig.class);

    assertSame(official);
    assertThat(TopicConfigData.fromJson(Unpooled.wrappedBuffer(TOPIC.toJson()))).isEqualTo(TOPIC);
    assertThat(
            TopicConfigData.fromJson(Unpooled.wrappedBuffer(RemotingSerializable.encode(official))))
        .isEqualTo(TOPIC);
  }

  private static void assertSame(org.apache.rocketmq.common.TopicConfig official) {
    assertThat(official.getTopicName()).isEqualTo("T");
    assertThat(official.getReadQueueNums()).isEqualTo(4);
    assertThat(official.getWriteQueueNums()).isEqualTo(3);
    assertThat(official.getPerm()).isEqualTo(6);
    assertThat(official.getTopicSysFlag()).isEqualTo(1);
    assertThat(official.isOrder()).isTrue();
    assertThat(official.getAttributes()).containsExactly(Map.entry("message.type", "FIFO"));
  }

  @Test
  void aTableOfTopicsIsReadByToolsAndByUs() {
    TopicConfigTable table = new TopicConfigTable(9, List.of(TOPIC));
    var official = RemotingSerializable.decode(table.toJson(), TopicConfigSerializeWrapper.class);

    assertThat(official.getTopicConfigTable()).containsOnlyKeys("T");
    assertThat(official.getTopicConfigTable())
        .hasEntrySatisfying("T", OfficialAdminBodyTest::assertSame);
    assertThat(official.getDataVersion().getCounter().get()).isEqualTo(9);
    assertThat(TopicConfigTable.fromJson(Unpooled.wrappedBuffer(official.encode())))
        .isEqualTo(table);
  }

  @Test
  void aGroupIsReadByToolsAndByUs() {
    var official = RemotingSerializable.decode(GROUP.toJson(), SubscriptionGroupConfig.class);

    assertThat(official.getGroupName()).isEqualTo("G");
    assertThat(official.isConsumeEnable()).isFalse();
    assertThat(official.isConsumeBroadcastEnable()).isTrue();
    assertThat(official.getRetryQueueNums()).isEqualTo(2);
    assertThat(official.getRetryMaxTimes()).isEqualTo(3);
    assertThat(official.isNotifyConsumerIdsChangedEnable()).isFalse();
    assertThat(read(official)).isEqualTo(GROUP);
    assertThat(read(new SubscriptionGroupConfig(), "new"))
        .as("what was never configured")
        .isEqualTo(new GroupConfigData("new", true, true, 1, 16, true, List.of()));
  }

  @Test
  void wishesOfAToolThatAreNotHereAreNamed() {
    SubscriptionGroupConfig official = new SubscriptionGroupConfig();
    official.setConsumeFromMinEnable(false);
    official.setBrokerId(3);
    official.setWhichBrokerWhenConsumeSlowly(2);
    assertThat(read(official, "G").others()).as("nothing depends on these").isEmpty();

    official.setConsumeMessageOrderly(true);
    official.setGroupSysFlag(1);
    official.setConsumeTimeoutMinute(1);
    official.getGroupRetryPolicy().setType(GroupRetryPolicyType.EXPONENTIAL);
    official.setSubscriptionDataSet(Set.of(new SimpleSubscriptionData("T", "TAG", "*", 1)));
    official.setAttributes(Map.of("a", "b"));
    assertThat(read(official, "G").others())
        .containsExactlyInAnyOrder(
            "consumeMessageOrderly",
            "groupSysFlag",
            "consumeTimeoutMinute",
            "groupRetryPolicy",
            "subscriptionDataSet",
            "attributes");
  }

  private static GroupConfigData read(SubscriptionGroupConfig official, String name) {
    official.setGroupName(name);
    return read(official);
  }

  private static GroupConfigData read(SubscriptionGroupConfig official) {
    return GroupConfigData.fromJson(Unpooled.wrappedBuffer(RemotingSerializable.encode(official)));
  }

  @Test
  void aTableOfGroupsIsReadByToolsAndByUs() {
    GroupConfigTable table = new GroupConfigTable(9, List.of(GROUP));
    var official = RemotingSerializable.decode(table.toJson(), SubscriptionGroupWrapper.class);

    assertThat(official.getSubscriptionGroupTable()).containsOnlyKeys("G");
    assertThat(official.getSubscriptionGroupTable())
        .hasEntrySatisfying("G", group -> assertThat(group.getRetryMaxTimes()).isEqualTo(3));
    assertThat(official.getDataVersion().getCounter().get()).isEqualTo(9);
    assertThat(GroupConfigTable.fromJson(Unpooled.wrappedBuffer(official.encode())))
        .isEqualTo(table);
  }

  @Test
  void aListOfTopicsIsReadByToolsAndByUs() {
    TopicList list = new TopicList(List.of("T"), "h:1");
    var official =
        RemotingSerializable.decode(
            list.toJson(), org.apache.rocketmq.remoting.protocol.body.TopicList.class);

    assertThat(official.getTopicList()).containsExactly("T");
    assertThat(official.getBrokerAddr()).isEqualTo("h:1");
    assertThat(TopicList.fromJson(Unpooled.wrappedBuffer(official.encode()))).isEqualTo(list);
    TopicList withoutBroker = new TopicList(List.of(), null);
    assertThat(TopicList.fromJson(Unpooled.wrappedBuffer(withoutBroker.toJson())))
        .isEqualTo(withoutBroker);
  }

  @Test
  void theClustersBrokersAreReadByToolsAndByUs() {
    ClusterData info =
        new ClusterData(
            List.of(
                new TopicRouteData.BrokerData("C", "b-0", new TreeMap<>(Map.of(0L, "h:1"))),
                new TopicRouteData.BrokerData("C", "b-1", new TreeMap<>(Map.of(0L, "h:2")))));
    var official =
        RemotingSerializable.decode(
            info.toJson(), org.apache.rocketmq.remoting.protocol.body.ClusterInfo.class);

    assertThat(official.getClusterAddrTable()).containsEntry("C", Set.of("b-0", "b-1"));
    assertThat(official.getBrokerAddrTable())
        .hasEntrySatisfying(
            "b-1", broker -> assertThat(broker.getBrokerAddrs()).isEqualTo(Map.of(0L, "h:2")));
    assertThat(ClusterData.fromJson(Unpooled.wrappedBuffer(official.encode())).brokers())
        .containsExactlyInAnyOrderElementsOf(info.brokers());
    assertThat(new String(info.toJson(), UTF_8)).doesNotContain("null");
  }
}
