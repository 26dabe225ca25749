package io.sampo.wire.header;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.wire.BadHeaderException;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.HeaderFields;
import io.sampo.wire.OfficialCommands;
import org.apache.rocketmq.common.BoundaryType;
import org.apache.rocketmq.remoting.CommandCustomHeader;
import org.apache.rocketmq.remoting.protocol.header.CheckTransactionStateRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.GetConsumerListByGroupRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.GetEarliestMsgStoretimeRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.GetEarliestMsgStoretimeResponseHeader;
import org.apache.rocketmq.remoting.protocol.header.GetMaxOffsetRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.GetMaxOffsetResponseHeader;
import org.apache.rocketmq.remoting.protocol.header.GetMinOffsetRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.GetMinOffsetResponseHeader;
import org.apache.rocketmq.remoting.protocol.header.NotifyConsumerIdsChangedRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.PullMessageRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.PullMessageResponseHeader;
import org.apache.rocketmq.remoting.protocol.header.QueryConsumerOffsetRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.QueryConsumerOffsetResponseHeader;
import org.apache.rocketmq.remoting.protocol.header.ResumeCheckHalfMessageRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.SearchOffsetResponseHeader;
import org.apache.rocketmq.remoting.protocol.header.SendMessageRequestHeaderV2;
import org.apache.rocketmq.remoting.protocol.header.SendMessageResponseHeader;
import org.apache.rocketmq.remoting.protocol.header.UpdateConsumerOffsetRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.namesrv.GetRouteInfoRequestHeader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each header against its official class: theirs read by us, ours read by them. */
class OfficialHeaderTest {
  private static final SendRequestHeader SEND =
      new SendRequestHeader(
          "PG",
          "T",
          "TBW102",
          4,
          -1,
          1,
          1_700_000_000_000L,
          9,
          "a\1b\2".getBytes(UTF_8),
          2,
          true,
          16,
          true,
          "broker-0");

  private static void assertSameSend(
      SendRequestHeader ours,
      org.apache.rocketmq.remoting.protocol.header.SendMessageRequestHeader official) {
    assertThat(ours.producerGroup()).isEqualTo(official.getProducerGroup());
    assertThat(ours.topic()).isEqualTo(official.getTopic());
    assertThat(ours.defaultTopic()).isEqualTo(official.getDefaultTopic());
    assertThat(ours.defaultTopicQueues()).isEqualTo(official.getDefaultTopicQueueNums());
    assertThat(ours.queueId()).isEqualTo(official.getQueueId());
    assertThat(ours.sysFlag()).isEqualTo(official.getSysFlag());
    assertThat(ours.bornTimestampMs()).isEqualTo(official.getBornTimestamp());
    assertThat(ours.flag()).isEqualTo(official.getFlag());
    assertThat(ours.properties()).asString(UTF_8).isEqualTo(official.getProperties());
    assertThat(ours.reconsumeTimes()).isEqualTo(official.getReconsumeTimes());
    assertThat(ours.unitMode()).isEqualTo(official.isUnitMode());
    assertThat(ours.maxReconsumeTimes()).isEqualTo(official.getMaxReconsumeTimes());
    assertThat(ours.batch()).isEqualTo(official.isBatch());
    assertThat(ours.brokerName()).isEqualTo(official.getBrokerName());
  }

  private static <T extends CommandCustomHeader> T official(
      CommandHeader header, HeaderCodec codec, Class<T> type) {
    return OfficialCommands.toOfficial(header, codec, type);
  }

  @ParameterizedTest
  @EnumSource
  void aSendWithShortNames(HeaderCodec codec) {
    var v2 = official(SEND, codec, SendMessageRequestHeaderV2.class);
    var official = SendMessageRequestHeaderV2.createSendMessageRequestHeaderV1(v2);

    assertSameSend(SEND, official);
    assertSameSend(SendRequestHeader.read(OfficialCommands.fieldsOf(v2, codec)), official);
  }

  @ParameterizedTest
  @EnumSource
  void aSendWithLongNames(HeaderCodec codec) {
    var official =
        official(
            SEND.withLongNames(),
            codec,
            org.apache.rocketmq.remoting.protocol.header.SendMessageRequestHeader.class);

    assertSameSend(SEND, official);
    assertSameSend(
        SendRequestHeader.readLongNames(OfficialCommands.fieldsOf(official, codec)), official);
  }

  @ParameterizedTest
  @EnumSource
  void aSendWithNothingButWhatIsRequired(HeaderCodec codec) {
    CommandHeader required =
        out ->
            out.field("a", "PG")
                .field("b", "T")
                .field("c", "TBW102")
                .field("d", 4)
                .field("e", 0)
                .field("f", 0)
                .field("g", 1)
                .field("h", 0);

    SendRequestHeader read = SendRequestHeader.read(OfficialCommands.ownFieldsOf(required, codec));

    assertThat(read)
        .isEqualTo(
            new SendRequestHeader(
                "PG", "T", "TBW102", 4, 0, 0, 1, 0, null, 0, false, -1, false, null));
    HeaderFields none = OfficialCommands.ownFieldsOf(CommandHeader.NONE, codec);
    assertThatThrownBy(() -> SendRequestHeader.read(none))
        .isInstanceOf(BadHeaderException.class)
        .hasMessageContaining("no field a");
  }

  @ParameterizedTest
  @EnumSource
  void theResponseOfASend(HeaderCodec codec) {
    SendResponseHeader ours = new SendResponseHeader("7F000001", 3, 1L << 40, "tx");

    var official = official(ours, codec, SendMessageResponseHeader.class);

    assertThat(official.getMsgId()).isEqualTo("7F000001");
    assertThat(official.getQueueId()).isEqualTo(3);
    assertThat(official.getQueueOffset()).isEqualTo(1L << 40);
    assertThat(official.getTransactionId()).isEqualTo("tx");
    assertThat(SendResponseHeader.read(OfficialCommands.fieldsOf(official, codec))).isEqualTo(ours);
  }

  @ParameterizedTest
  @EnumSource
  void aPull(HeaderCodec codec) {
    PullRequestHeader ours =
        new PullRequestHeader("G", "T", 1, 2, 32, 7, 3, 15_000, "a || b", 4, "TAG", 262_144);

    var official = official(ours, codec, PullMessageRequestHeader.class);

    assertThat(official.getConsumerGroup()).isEqualTo("G");
    assertThat(official.getTopic()).isEqualTo("T");
    assertThat(official.getQueueId()).isEqualTo(1);
    assertThat(official.getQueueOffset()).isEqualTo(2);
    assertThat(official.getMaxMsgNums()).isEqualTo(32);
    assertThat(official.getSysFlag()).isEqualTo(7);
    assertThat(official.getCommitOffset()).isEqualTo(3);
    assertThat(official.getSuspendTimeoutMillis()).isEqualTo(15_000);
    assertThat(official.getSubscription()).isEqualTo("a || b");
    assertThat(official.getSubVersion()).isEqualTo(4);
    assertThat(official.getExpressionType()).isEqualTo("TAG");
    assertThat(official.getMaxMsgBytes()).isEqualTo(262_144);
    assertThat(PullRequestHeader.read(OfficialCommands.fieldsOf(official, codec))).isEqualTo(ours);
    official.setSubscription(null);
    official.setExpressionType(null);
    official.setMaxMsgBytes(null);
    assertThat(PullRequestHeader.read(OfficialCommands.fieldsOf(official, codec)))
        .isEqualTo(
            new PullRequestHeader(
                "G", "T", 1, 2, 32, 7, 3, 15_000, null, 4, null, Integer.MAX_VALUE));
  }

  @ParameterizedTest
  @EnumSource
  void theResponseOfAPull(HeaderCodec codec) {
    PullResponseHeader ours = new PullResponseHeader(0, 1L << 40, 2, 3);

    var official = official(ours, codec, PullMessageResponseHeader.class);

    assertThat(official.getSuggestWhichBrokerId()).isZero();
    assertThat(official.getNextBeginOffset()).isEqualTo(1L << 40);
    assertThat(official.getMinOffset()).isEqualTo(2);
    assertThat(official.getMaxOffset()).isEqualTo(3);
    assertThat(PullResponseHeader.read(OfficialCommands.fieldsOf(official, codec))).isEqualTo(ours);
  }

  @ParameterizedTest
  @EnumSource
  void committedOffsets(HeaderCodec codec) {
    QueryOffsetRequestHeader query = new QueryOffsetRequestHeader("G", "T", 1, false);
    var officialQuery = official(query, codec, QueryConsumerOffsetRequestHeader.class);
    assertThat(officialQuery.getConsumerGroup()).isEqualTo("G");
    assertThat(officialQuery.getSetZeroIfNotFound()).isFalse();
    assertThat(QueryOffsetRequestHeader.read(OfficialCommands.fieldsOf(officialQuery, codec)))
        .isEqualTo(query);
    officialQuery.setSetZeroIfNotFound(null);
    assertThat(QueryOffsetRequestHeader.read(OfficialCommands.fieldsOf(officialQuery, codec)))
        .isEqualTo(new QueryOffsetRequestHeader("G", "T", 1, true));

    UpdateOffsetRequestHeader update = new UpdateOffsetRequestHeader("G", "T", 1, 99);
    var officialUpdate = official(update, codec, UpdateConsumerOffsetRequestHeader.class);
    assertThat(officialUpdate.getCommitOffset()).isEqualTo(99);
    assertThat(officialUpdate.getTopic()).isEqualTo("T");
    assertThat(UpdateOffsetRequestHeader.read(OfficialCommands.fieldsOf(officialUpdate, codec)))
        .isEqualTo(update);
  }

  @ParameterizedTest
  @EnumSource
  void theEdgesOfAQueue(HeaderCodec codec) {
    QueueRequestHeader queue = new QueueRequestHeader("T", 2);
    for (var official :
        new org.apache.rocketmq.remoting.rpc.TopicQueueRequestHeader[] {
          official(queue, codec, GetMaxOffsetRequestHeader.class),
          official(queue, codec, GetMinOffsetRequestHeader.class),
          official(queue, codec, GetEarliestMsgStoretimeRequestHeader.class)
        }) {
      assertThat(official.getTopic()).isEqualTo("T");
      assertThat(official.getQueueId()).isEqualTo(2);
      assertThat(QueueRequestHeader.read(OfficialCommands.fieldsOf(official, codec)))
          .isEqualTo(queue);
    }
    for (boolean upper : new boolean[] {false, true}) {
      SearchOffsetRequestHeader search = new SearchOffsetRequestHeader("T", 2, 123, upper);
      var official =
          official(
              search,
              codec,
              org.apache.rocketmq.remoting.protocol.header.SearchOffsetRequestHeader.class);
      assertThat(official.getTimestamp()).isEqualTo(123);
      assertThat(official.getBoundaryType())
          .isEqualTo(upper ? BoundaryType.UPPER : BoundaryType.LOWER);
      assertThat(SearchOffsetRequestHeader.read(OfficialCommands.fieldsOf(official, codec)))
          .isEqualTo(search);
    }

    OffsetResponseHeader offset = new OffsetResponseHeader(1L << 60);
    assertThat(official(offset, codec, QueryConsumerOffsetResponseHeader.class).getOffset())
        .isEqualTo(1L << 60);
    assertThat(official(offset, codec, SearchOffsetResponseHeader.class).getOffset())
        .isEqualTo(1L << 60);
    assertThat(official(offset, codec, GetMaxOffsetResponseHeader.class).getOffset())
        .isEqualTo(1L << 60);
    assertThat(official(offset, codec, GetMinOffsetResponseHeader.class).getOffset())
        .isEqualTo(1L << 60);
    assertThat(OffsetResponseHeader.read(OfficialCommands.ownFieldsOf(offset, codec)))
        .isEqualTo(offset);

    StoreTimeResponseHeader time = new StoreTimeResponseHeader(-1);
    assertThat(official(time, codec, GetEarliestMsgStoretimeResponseHeader.class).getTimestamp())
        .isEqualTo(-1);
    assertThat(StoreTimeResponseHeader.read(OfficialCommands.ownFieldsOf(time, codec)))
        .isEqualTo(time);
  }

  @ParameterizedTest
  @EnumSource
  void groupsAndRoutes(HeaderCodec codec) {
    UnregisterClientRequestHeader leave = new UnregisterClientRequestHeader("c@1", null, "G");
    var officialLeave =
        official(
            leave,
            codec,
            org.apache.rocketmq.remoting.protocol.header.UnregisterClientRequestHeader.class);
    assertThat(officialLeave.getClientID()).isEqualTo("c@1");
    assertThat(officialLeave.getProducerGroup()).isNull();
    assertThat(officialLeave.getConsumerGroup()).isEqualTo("G");
    assertThat(UnregisterClientRequestHeader.read(OfficialCommands.fieldsOf(officialLeave, codec)))
        .isEqualTo(leave);

    ConsumerGroupHeader group = new ConsumerGroupHeader("G");
    var officialList = official(group, codec, GetConsumerListByGroupRequestHeader.class);
    assertThat(officialList.getConsumerGroup()).isEqualTo("G");
    assertThat(ConsumerGroupHeader.read(OfficialCommands.fieldsOf(officialList, codec)))
        .isEqualTo(group);
    assertThat(official(group, codec, NotifyConsumerIdsChangedRequestHeader.class))
        .returns("G", NotifyConsumerIdsChangedRequestHeader::getConsumerGroup);

    RouteRequestHeader route = new RouteRequestHeader("T");
    var officialRoute = official(route, codec, GetRouteInfoRequestHeader.class);
    assertThat(officialRoute.getTopic()).isEqualTo("T");
    officialRoute.setAcceptStandardJsonOnly(true);
    assertThat(RouteRequestHeader.read(OfficialCommands.fieldsOf(officialRoute, codec)))
        .isEqualTo(route);
  }

  @ParameterizedTest
  @EnumSource
  void theEndOfATransaction(HeaderCodec codec) {
    EndTransactionRequestHeader ours =
        new EndTransactionRequestHeader(
            "PG", 3, 1L << 40, 8, true, "7F000001", "7F000001", "T", "broker-0");

    var official =
        official(
            ours,
            codec,
            org.apache.rocketmq.remoting.protocol.header.EndTransactionRequestHeader.class);

    assertThat(official.getProducerGroup()).isEqualTo("PG");
    assertThat(official.getTranStateTableOffset()).isEqualTo(3);
    assertThat(official.getCommitLogOffset()).isEqualTo(1L << 40);
    assertThat(official.getCommitOrRollback()).isEqualTo(8);
    assertThat(official.getFromTransactionCheck()).isTrue();
    assertThat(official.getMsgId()).isEqualTo("7F000001");
    assertThat(official.getTransactionId()).isEqualTo("7F000001");
    assertThat(official.getTopic()).isEqualTo("T");
    assertThat(official.getBrokerName()).isEqualTo("broker-0");
    assertThat(EndTransactionRequestHeader.read(OfficialCommands.fieldsOf(official, codec)))
        .isEqualTo(ours);
  }

  @ParameterizedTest
  @EnumSource
  void theCheckOfATransaction(HeaderCodec codec) {
    CheckTransactionRequestHeader ours =
        new CheckTransactionRequestHeader(
            "T", 3, 1L << 40, "7F000001", "7F000001", "7F000001000", "broker-0");

    var official = official(ours, codec, CheckTransactionStateRequestHeader.class);

    assertThat(official.getTopic()).isEqualTo("T");
    assertThat(official.getTranStateTableOffset()).isEqualTo(3);
    assertThat(official.getCommitLogOffset()).isEqualTo(1L << 40);
    assertThat(official.getMsgId()).isEqualTo("7F000001");
    assertThat(official.getTransactionId()).isEqualTo("7F000001");
    assertThat(official.getOffsetMsgId()).isEqualTo("7F000001000");
    assertThat(official.getBrokerName()).isEqualTo("broker-0");
    assertThat(CheckTransactionRequestHeader.read(OfficialCommands.fieldsOf(official, codec)))
        .isEqualTo(ours);
  }

  @ParameterizedTest
  @EnumSource
  void aWishToAskAgain(HeaderCodec codec) {
    ResumeCheckRequestHeader ours = new ResumeCheckRequestHeader("T", "7F000001");

    var official = official(ours, codec, ResumeCheckHalfMessageRequestHeader.class);

    assertThat(official.getTopic()).isEqualTo("T");
    assertThat(official.getMsgId()).isEqualTo("7F000001");
    assertThat(ResumeCheckRequestHeader.read(OfficialCommands.fieldsOf(official, codec)))
        .isEqualTo(ours);
  }
}
