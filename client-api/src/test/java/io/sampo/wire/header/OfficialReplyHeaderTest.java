package io.sampo.wire.header;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.wire.HeaderCodec;
import io.sampo.wire.OfficialCommands;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The push of a reply against its official class. */
class OfficialReplyHeaderTest {
  @ParameterizedTest
  @EnumSource
  void replies(HeaderCodec codec) {
    SendRequestHeader reply =
        new SendRequestHeader(
            "PG", "T", "TBW102", 4, 3, 1, 5, 9, "a\1b\2".getBytes(UTF_8), 2, true, 16, false, null);
    var official =
        OfficialCommands.toOfficial(
            new ReplyMessageRequestHeader(reply, "10.0.0.1:5", "10.0.0.2:6", 7),
            codec,
            org.apache.rocketmq.remoting.protocol.header.ReplyMessageRequestHeader.class);
    assertThat(official.getProducerGroup()).isEqualTo("PG");
    assertThat(official.getTopic()).isEqualTo("T");
    assertThat(official.getDefaultTopic()).isEqualTo("TBW102");
    assertThat(official.getDefaultTopicQueueNums()).isEqualTo(4);
    assertThat(official.getQueueId()).isEqualTo(3);
    assertThat(official.getSysFlag()).isEqualTo(1);
    assertThat(official.getBornTimestamp()).isEqualTo(5);
    assertThat(official.getFlag()).isEqualTo(9);
    assertThat(official.getProperties()).isEqualTo("a\1b\2");
    assertThat(official.getReconsumeTimes()).isEqualTo(2);
    assertThat(official.isUnitMode()).isTrue();
    assertThat(official.getBornHost()).isEqualTo("10.0.0.1:5");
    assertThat(official.getStoreHost()).isEqualTo("10.0.0.2:6");
    assertThat(official.getStoreTimestamp()).isEqualTo(7);
  }
}
