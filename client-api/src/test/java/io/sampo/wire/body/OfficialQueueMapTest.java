package io.sampo.wire.body;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.wire.HeaderCodec;
import io.sampo.wire.OfficialCommands;
import io.sampo.wire.header.ResetOffsetRequestHeader;
import java.util.Map;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.RemotingSerializable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Resets, and maps keyed by queues, against the official classes. */
class OfficialQueueMapTest {
  @Test
  void whereOffsetsWereResetToIsReadByTheOfficialClasses() {
    ResetOffsetBody ours =
        new ResetOffsetBody(
            Map.of(new QueueName("b", "t", 0), 5L, new QueueName("b", "%RETRY%g", 1), 1L << 40));
    var official =
        RemotingSerializable.decode(
            ours.toJson(), org.apache.rocketmq.remoting.protocol.body.ResetOffsetBody.class);
    assertThat(official.getOffsetTable())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                new MessageQueue("t", "b", 0), 5L, new MessageQueue("%RETRY%g", "b", 1), 1L << 40));
  }

  @ParameterizedTest
  @EnumSource
  void resets(HeaderCodec codec) {
    ResetOffsetRequestHeader reset = new ResetOffsetRequestHeader("T", "G", -1, 2, 17);
    var official =
        OfficialCommands.toOfficial(
            reset,
            codec,
            org.apache.rocketmq.remoting.protocol.header.ResetOffsetRequestHeader.class);
    assertThat(official.getTopic()).isEqualTo("T");
    assertThat(official.getGroup()).isEqualTo("G");
    assertThat(official.getTimestamp()).isEqualTo(-1);
    assertThat(official.getQueueId()).isEqualTo(2);
    assertThat(official.getOffset()).isEqualTo(17);
    assertThat(ResetOffsetRequestHeader.read(OfficialCommands.fieldsOf(official, codec)))
        .isEqualTo(reset);

    var byTime = new org.apache.rocketmq.remoting.protocol.header.ResetOffsetRequestHeader();
    byTime.setTopic("T");
    byTime.setGroup("G");
    byTime.setTimestamp(123);
    byTime.setForce(true);
    assertThat(ResetOffsetRequestHeader.read(OfficialCommands.fieldsOf(byTime, codec)))
        .isEqualTo(
            new ResetOffsetRequestHeader(
                "T",
                "G",
                123,
                ResetOffsetRequestHeader.ALL_QUEUES,
                ResetOffsetRequestHeader.NO_OFFSET));
  }
}
