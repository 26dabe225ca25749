package io.sampo.wire.header;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.wire.HeaderCodec;
import io.sampo.wire.OfficialCommands;
import org.apache.rocketmq.remoting.protocol.header.ConsumerSendMsgBackRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.DeleteSubscriptionGroupRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.DeleteTopicRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.GetSubscriptionGroupConfigRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.GetTopicsByClusterRequestHeader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Headers of tools' requests and of messages sent back, against the official classes. */
class OfficialAdminHeaderTest {
  @ParameterizedTest
  @EnumSource
  void theCreationOfATopic(HeaderCodec codec) {
    CreateTopicRequestHeader ours =
        new CreateTopicRequestHeader("T", 4, 3, 6, "SINGLE_TAG", 1, true, "+message.type=FIFO");
    var official =
        OfficialCommands.toOfficial(
            ours,
            codec,
            org.apache.rocketmq.remoting.protocol.header.CreateTopicRequestHeader.class);

    assertThat(official.getTopic()).isEqualTo("T");
    assertThat(official.getReadQueueNums()).isEqualTo(4);
    assertThat(official.getWriteQueueNums()).isEqualTo(3);
    assertThat(official.getPerm()).isEqualTo(6);
    assertThat(official.getTopicSysFlag()).isEqualTo(1);
    assertThat(official.getOrder()).isTrue();
    assertThat(official.getAttributes()).isEqualTo("+message.type=FIFO");
    assertThat(CreateTopicRequestHeader.read(OfficialCommands.fieldsOf(official, codec)))
        .isEqualTo(ours);
  }

  @ParameterizedTest
  @EnumSource
  void namesOfTopicsGroupsAndClusters(HeaderCodec codec) {
    var topic =
        OfficialCommands.toOfficial(new TopicHeader("T"), codec, DeleteTopicRequestHeader.class);
    assertThat(TopicHeader.read(OfficialCommands.fieldsOf(topic, codec)).topic()).isEqualTo("T");
    var group =
        OfficialCommands.toOfficial(
            new GroupHeader("G"), codec, GetSubscriptionGroupConfigRequestHeader.class);
    assertThat(GroupHeader.read(OfficialCommands.fieldsOf(group, codec)).group()).isEqualTo("G");
    var cluster =
        OfficialCommands.toOfficial(
            new ClusterHeader("C"), codec, GetTopicsByClusterRequestHeader.class);
    assertThat(ClusterHeader.read(OfficialCommands.fieldsOf(cluster, codec)).cluster())
        .isEqualTo("C");
  }

  @ParameterizedTest
  @EnumSource
  void theDeletionOfAGroup(HeaderCodec codec) {
    DeleteGroupRequestHeader ours = new DeleteGroupRequestHeader("G", true);
    var official =
        OfficialCommands.toOfficial(ours, codec, DeleteSubscriptionGroupRequestHeader.class);

    assertThat(official.getGroupName()).isEqualTo("G");
    assertThat(official.isCleanOffset()).isTrue();
    assertThat(DeleteGroupRequestHeader.read(OfficialCommands.fieldsOf(official, codec)))
        .isEqualTo(ours);
  }

  @ParameterizedTest
  @EnumSource
  void aMessageSentBack(HeaderCodec codec) {
    SendBackRequestHeader ours = new SendBackRequestHeader(1L << 40, "G", -1, 3);
    var official = OfficialCommands.toOfficial(ours, codec, ConsumerSendMsgBackRequestHeader.class);

    assertThat(official.getOffset()).isEqualTo(1L << 40);
    assertThat(official.getGroup()).isEqualTo("G");
    assertThat(official.getDelayLevel()).isEqualTo(-1);
    assertThat(official.getMaxReconsumeTimes()).isEqualTo(3);
    assertThat(SendBackRequestHeader.read(OfficialCommands.fieldsOf(official, codec)))
        .isEqualTo(ours);
    official.setMaxReconsumeTimes(null);
    assertThat(
            SendBackRequestHeader.read(OfficialCommands.fieldsOf(official, codec))
                .maxReconsumeTimes())
        .isNegative();
  }
}
