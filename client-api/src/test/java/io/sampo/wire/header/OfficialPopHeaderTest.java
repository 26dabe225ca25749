package io.sampo.wire.header;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.sampo.wire.BadBodyException;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.OfficialCommands;
import io.sampo.wire.body.AssignmentQuery;
import io.sampo.wire.body.BatchAckData;
import io.sampo.wire.body.BatchAckData.PoppedTogether;
import io.sampo.wire.body.QueueAssignments;
import io.sampo.wire.body.QueueName;
import io.sampo.wire.body.RequestModeData;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.message.MessageQueueAssignment;
import org.apache.rocketmq.common.message.MessageRequestMode;
import org.apache.rocketmq.remoting.protocol.RemotingSerializable;
import org.apache.rocketmq.remoting.protocol.body.BatchAck;
import org.apache.rocketmq.remoting.protocol.body.BatchAckMessageRequestBody;
import org.apache.rocketmq.remoting.protocol.body.QueryAssignmentRequestBody;
import org.apache.rocketmq.remoting.protocol.body.QueryAssignmentResponseBody;
import org.apache.rocketmq.remoting.protocol.body.SetMessageRequestModeRequestBody;
import org.apache.rocketmq.remoting.protocol.header.AckMessageRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.ChangeInvisibleTimeRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.ChangeInvisibleTimeResponseHeader;
import org.apache.rocketmq.remoting.protocol.header.ExtraInfoUtil;
import org.apache.rocketmq.remoting.protocol.header.PopMessageRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.PopMessageResponseHeader;
import org.apache.rocketmq.remoting.protocol.heartbeat.MessageModel;
import org.junit.jupiter.api.Test;

/**
 * Headers and bodies about pops against their official classes. With the JSON codec alone: the
 * codes don't fit the other.
 */
class OfficialPopHeaderTest {
  private static final HeaderCodec JSON = HeaderCodec.JSON;

  @Test
  void aPop() {
    PopRequestHeader ours =
        new PopRequestHeader("G", "T", -1, 32, 60_000, 15_000, 99, 1, "TAG", "a", true, "x-1");

    var official = OfficialCommands.toOfficial(ours, JSON, PopMessageRequestHeader.class);

    assertThat(official.getConsumerGroup()).isEqualTo("G");
    assertThat(official.getTopic()).isEqualTo("T");
    assertThat(official.getQueueId()).isEqualTo(-1);
    assertThat(official.getMaxMsgNums()).isEqualTo(32);
    assertThat(official.getInvisibleTime()).isEqualTo(60_000);
    assertThat(official.getPollTime()).isEqualTo(15_000);
    assertThat(official.getBornTime()).isEqualTo(99);
    assertThat(official.getInitMode()).isEqualTo(1);
    assertThat(official.getExpType()).isEqualTo("TAG");
    assertThat(official.getExp()).isEqualTo("a");
    assertThat(official.isOrder()).isTrue();
    assertThat(official.getAttemptId()).isEqualTo("x-1");
    assertThat(PopRequestHeader.read(OfficialCommands.fieldsOf(official, JSON))).isEqualTo(ours);
  }

  @Test
  void theResponseOfAPopAndTheHandlesThatClientsMakeOfIt() {
    PopResponseHeader ours =
        new PopResponseHeader(
            1_700_000_000_000L, 60_000, 999, 7, "0 3 40", "0 3 40,42", "0 qo3%42 2");

    var official = OfficialCommands.toOfficial(ours, JSON, PopMessageResponseHeader.class);

    assertThat(official.getPopTime()).isEqualTo(1_700_000_000_000L);
    assertThat(official.getInvisibleTime()).isEqualTo(60_000);
    assertThat(official.getReviveQid()).isEqualTo(999);
    assertThat(official.getRestNum()).isEqualTo(7);
    assertThat(ExtraInfoUtil.parseStartOffsetInfo(official.getStartOffsetInfo()))
        .containsValue(40L)
        .hasSize(1);
    assertThat(ExtraInfoUtil.parseMsgOffsetInfo(official.getMsgOffsetInfo()))
        .containsValue(List.of(40L, 42L))
        .hasSize(1);
    assertThat(ExtraInfoUtil.parseOrderCountInfo(official.getOrderCountInfo()))
        .containsEntry(ExtraInfoUtil.getQueueOffsetMapKey("T", 3, 42), 2);
    assertThat(PopResponseHeader.read(OfficialCommands.fieldsOf(official, JSON))).isEqualTo(ours);

    String text =
        ExtraInfoUtil.buildExtraInfo(40, 1_700_000_000_000L, 60_000, 999, "T", "broker-0", 3, 42);
    PopHandle handle = PopHandle.parse(text);
    assertThat(handle)
        .isEqualTo(new PopHandle(40, 1_700_000_000_000L, 60_000, 999, "0", "broker-0", 3, 42));
    assertThat(new PopHandle(40, 1_700_000_000_000L, 60_000, 999, "0", "broker-0", 3, 42).format())
        .isEqualTo(text);
    for (String wrong :
        List.of("", "1 2 3", "a 1 2 3 0 b 4 5", "1 2 3 4 0 b 5 ", text + "9".repeat(20))) {
      assertThat(PopHandle.parse(wrong)).as(wrong).isNull();
    }
  }

  @Test
  void acknowledgementsAndInvisibleTimes() {
    AckRequestHeader ack = new AckRequestHeader("G", "T", 3, "handle", 42);
    var officialAck = OfficialCommands.toOfficial(ack, JSON, AckMessageRequestHeader.class);
    assertThat(officialAck.getExtraInfo()).isEqualTo("handle");
    assertThat(officialAck.getOffset()).isEqualTo(42);
    assertThat(AckRequestHeader.read(OfficialCommands.fieldsOf(officialAck, JSON))).isEqualTo(ack);

    ChangeInvisibleRequestHeader change =
        new ChangeInvisibleRequestHeader("G", "T", 3, "handle", 42, 10_000);
    var officialChange =
        OfficialCommands.toOfficial(change, JSON, ChangeInvisibleTimeRequestHeader.class);
    assertThat(officialChange.getInvisibleTime()).isEqualTo(10_000);
    assertThat(ChangeInvisibleRequestHeader.read(OfficialCommands.fieldsOf(officialChange, JSON)))
        .isEqualTo(change);

    ChangeInvisibleResponseHeader changed = new ChangeInvisibleResponseHeader(99, 10_000, 999);
    var officialChanged =
        OfficialCommands.toOfficial(changed, JSON, ChangeInvisibleTimeResponseHeader.class);
    assertThat(officialChanged.getPopTime()).isEqualTo(99);
    assertThat(officialChanged.getInvisibleTime()).isEqualTo(10_000);
    assertThat(officialChanged.getReviveQid()).isEqualTo(999);
    assertThat(ChangeInvisibleResponseHeader.read(OfficialCommands.fieldsOf(officialChanged, JSON)))
        .isEqualTo(changed);
  }

  @Test
  void theQuestionForMessages() {
    NotificationRequestHeader ours =
        new NotificationRequestHeader("G", "T", 3, 15_000, 99, true, "x-1", "TAG", "a");
    var official =
        OfficialCommands.toOfficial(
            ours,
            JSON,
            org.apache.rocketmq.remoting.protocol.header.NotificationRequestHeader.class);
    assertThat(official.getPollTime()).isEqualTo(15_000);
    assertThat(official.getOrder()).isTrue();
    assertThat(NotificationRequestHeader.read(OfficialCommands.fieldsOf(official, JSON)))
        .isEqualTo(ours);

    var answer =
        OfficialCommands.toOfficial(
            new NotificationResponseHeader(true, false),
            JSON,
            org.apache.rocketmq.remoting.protocol.header.NotificationResponseHeader.class);
    assertThat(answer.isHasMsg()).isTrue();
    assertThat(answer.isPollingFull()).isFalse();
  }

  @Test
  void whatIsFarTooLongIsNoHandle() {
    String handle = new PopHandle(1, 2, 3, 0, "0", "b", 0, 7).format();
    assertThat(PopHandle.parse(handle)).isNotNull();
    assertThat(PopHandle.parse(handle + " x".repeat(1000))).isNull();
  }

  @Test
  void aBatchOfAcknowledgements() {
    BatchAck ack = new BatchAck();
    ack.setConsumerGroup("G");
    ack.setTopic("T");
    ack.setRetry("0");
    ack.setStartOffset(40);
    ack.setQueueId(3);
    ack.setReviveQueueId(0);
    ack.setPopTime(1_700_000_000_000L);
    ack.setInvisibleTime(60_000);
    BitSet bits = new BitSet();
    bits.set(0);
    bits.set(2);
    bits.set(17);
    ack.setBitSet(bits);
    BatchAckMessageRequestBody official = new BatchAckMessageRequestBody();
    official.setBrokerName("broker-0");
    official.setAcks(List.of(ack));

    assertThat(BatchAckData.fromJson(Unpooled.wrappedBuffer(official.encode())).acks())
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactly(
            new PoppedTogether("G", "T", 3, 1_700_000_000_000L, new long[] {40, 42, 57}));
  }

  private static byte[] batch(long startOffset, String... bits) {
    return Arrays.stream(bits)
        .map(
            base64 ->
                "{\"c\":\"G\",\"t\":\"T\",\"q\":0,\"pt\":1,\"so\":"
                    + startOffset
                    + ",\"b\":\""
                    + base64
                    + "\"}")
        .collect(Collectors.joining(",", "{\"acks\":[", "]}"))
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String bits(int bytes) {
    byte[] all = new byte[bytes];
    Arrays.fill(all, (byte) -1);
    return Base64.getEncoder().encodeToString(all);
  }

  @Test
  void aBatchOfAcknowledgementsIsCountedBeforeAnythingIsMadeOfIt() {
    assertThat(BatchAckData.fromJson(Unpooled.wrappedBuffer(batch(5, bits(1024)))).acks())
        .allMatch(acks -> acks.offsets().length == 8192);
    byte[][] refused = {
      batch(5, bits(1024), "AQ=="), // one too many, over both
      batch(5, bits(1_000_000)),
      batch(-1, "AQ=="),
      batch(Long.MAX_VALUE - 1, "gA==") // beyond the last number
    };
    for (byte[] body : refused) {
      assertThatThrownBy(() -> BatchAckData.fromJson(Unpooled.wrappedBuffer(body)))
          .isInstanceOf(BadBodyException.class);
    }
    // Far apart, as a filter leaves them.
    byte[] spread = new byte[8192];
    spread[8191] = 1;
    String base64 = Base64.getEncoder().encodeToString(spread);
    assertThat(BatchAckData.fromJson(Unpooled.wrappedBuffer(batch(5, base64))).acks().get(0))
        .extracting(PoppedTogether::offsets)
        .isEqualTo(new long[] {5 + 8191 * 8});
  }

  @Test
  void assignmentsAndModes() {
    QueryAssignmentRequestBody question = new QueryAssignmentRequestBody();
    question.setConsumerGroup("G");
    question.setTopic("T");
    question.setClientId("ip@1");
    question.setStrategyName("AVG");
    question.setMessageModel(MessageModel.CLUSTERING);
    AssignmentQuery ours = new AssignmentQuery("G", "T", "ip@1", "AVG", "CLUSTERING");
    assertThat(AssignmentQuery.fromJson(Unpooled.wrappedBuffer(question.encode()))).isEqualTo(ours);
    assertThat(AssignmentQuery.fromJson(Unpooled.wrappedBuffer(ours.toJson()))).isEqualTo(ours);

    for (boolean pop : new boolean[] {true, false}) {
      QueueAssignments assignments =
          new QueueAssignments(List.of(new QueueName("broker-0", "T", pop ? -1 : 3)), pop);
      var official =
          RemotingSerializable.decode(assignments.toJson(), QueryAssignmentResponseBody.class);
      assertThat(official.getMessageQueueAssignments()).hasSize(1);
      MessageQueueAssignment only = official.getMessageQueueAssignments().iterator().next();
      assertThat(only.getMessageQueue()).isEqualTo(new MessageQueue("T", "broker-0", pop ? -1 : 3));
      assertThat(only.getMode()).isEqualTo(pop ? MessageRequestMode.POP : MessageRequestMode.PULL);
      assertThat(QueueAssignments.fromJson(Unpooled.wrappedBuffer(official.encode())))
          .isEqualTo(assignments);
    }

    SetMessageRequestModeRequestBody mode = new SetMessageRequestModeRequestBody();
    mode.setConsumerGroup("G");
    mode.setTopic("T");
    mode.setMode(MessageRequestMode.POP);
    mode.setPopShareQueueNum(2);
    RequestModeData ourMode = new RequestModeData("G", "T", true, 2);
    assertThat(RequestModeData.fromJson(Unpooled.wrappedBuffer(mode.encode()))).isEqualTo(ourMode);
    assertThat(RequestModeData.fromJson(Unpooled.wrappedBuffer(ourMode.toJson())))
        .isEqualTo(ourMode);
  }
}
