package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.group.Queue;
import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.AppendReply.AlreadyAppended;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.AppendReply.NotOnAll;
import io.sampo.record.BodyCrc;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageIds;
import io.sampo.record.MessageProperties;
import io.sampo.record.QueueKey;
import io.sampo.record.SendKey;
import io.sampo.record.SysFlag;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.SendRequestHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SendHandlerTest extends SendHarness {
  @BeforeEach
  void aTopic() {
    node.topic("T", 4);
  }

  @Test
  void aHeadThatNoMessageNeedsIsRefusedAndTheConnectionLives() {
    Answer refused = refusal(new SampleSend().properties("x".repeat(300_000)).header(), BODY);
    assertThat(refused.code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    assertThat(refused.remark()).contains("header");
    client.send(RequestCode.GET_MAX_OFFSET, out -> out.field("x", "x".repeat(300_000)));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.INVALID_PARAMETER);

    String longest = "k\u0001" + "\u0003".repeat(32_765); // in JSON, six characters each
    client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().properties(longest).header(), BODY);
    store(appended(), 3, 99);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void aMessagesHeadCountsAsHeldMemory() {
    SendRequestHeader header = new SampleSend().properties("k\u0001" + "x".repeat(32_000)).header();
    List<Queue.Append> appends = new ArrayList<>();
    for (int i = 0; i < 9; i++) { // a connection may hold a quarter of 1 MiB
      assertThat(client.channel().config().isAutoRead()).isTrue();
      client.send(RequestCode.SEND_MESSAGE_V2, header, BODY);
      appends.add(appended());
    }

    assertThat(client.channel().config().isAutoRead()).isFalse();
    appends.forEach(append -> store(append, 3, 99));
    assertThat(client.answers()).hasSize(9);
    assertThat(client.channel().config().isAutoRead()).isTrue();
  }

  @Test
  void aMessageBecomesADraftWithAllOfItsParts() {
    client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().header(), BODY);
    Queue.Append append = appended();
    MessageDraft draft = append.messages().get(0);

    assertThat(append.messages()).hasSize(1);
    assertThat(draft.queue()).isEqualTo(new QueueKey("T", 1));
    assertThat(draft.body()).isEqualTo(ByteBuffer.wrap(BODY));
    assertThat(draft.bodyCrc()).isEqualTo(BodyCrc.of(ByteBuffer.wrap(BODY)));
    assertThat(draft.flag()).isEqualTo(7);
    assertThat(draft.sysFlag()).isZero();
    assertThat(draft.bornTimestampMs()).isEqualTo(1234);
    assertThat(draft.storeHost()).isEqualTo(FakeNode.STORE_HOST);
    assertThat(draft.reconsumeTimes()).isEqualTo(2);
    assertThat(draft.tagHash()).isEqualTo("red".hashCode());
    assertThat(new String(draft.properties(), UTF_8))
        .isEqualTo("TAGS\u0001red\u0002UNIQ_KEY\u0001ABC\u0002MSG_REGION\u0001DefaultRegion\u0002");
    store(append, 0, 0);
  }

  @Test
  void theAnswerSaysWhereTheMessageIs() {
    int opaque = client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().header(), BODY);
    store(appended(), 42, 4096);
    Answer answer = client.answer();

    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(answer.opaque()).isEqualTo(opaque);
    assertThat(answer.fields().int32("queueId")).isEqualTo(1);
    assertThat(answer.fields().int64("queueOffset")).isEqualTo(42);
    assertThat(answer.fields().text("msgId"))
        .isEqualTo(MessageIds.encode(FakeNode.STORE_HOST, 4096))
        .isEqualTo("0A00000100002A9F0000000000001000");
    assertThat(answer.fields().text("MSG_REGION")).isEqualTo("DefaultRegion");
    assertThat(answer.fields().text("TRACE_ON")).isEqualTo("true");
    assertThat(answer.fields().find("transactionId")).isNull();
  }

  @Test
  void aSendWithLongNamesIsTheSame() {
    client.send(RequestCode.SEND_MESSAGE, new SampleSend().header().withLongNames(), BODY);
    Queue.Append append = appended();

    assertThat(append.messages().get(0).queue()).isEqualTo(new QueueKey("T", 1));
    store(append, 0, 0);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void aMessageMayHaveNoPropertiesAndNoBody() {
    SampleSend send = new SampleSend();
    send.properties = null;
    client.send(RequestCode.SEND_MESSAGE_V2, send.header(), new byte[0]);
    Queue.Append append = appended();

    assertThat(MessageProperties.parse(append.messages().get(0).properties()))
        .containsOnlyKeys("MSG_REGION");
    assertThat(append.messages().get(0).tagHash()).isZero();
    assertThat(append.messages().get(0).body().remaining()).isZero();
    store(append, 0, 0);
  }

  @Test
  void aOnewaySendIsStoredAndNeverAnswered() {
    client.sendOneway(RequestCode.SEND_MESSAGE_V2, new SampleSend().header(), BODY);
    store(appended(), 0, 0);
    assertThat(client.answers()).isEmpty();

    client.sendOneway(
        RequestCode.SEND_MESSAGE_V2, new SampleSend().topic("bad name").header(), BODY);
    assertThat(client.answers()).isEmpty();
  }

  @Test
  void theBodyStaysInItsBufferUntilTheLogReleasesIt() {
    ByteBuf frame =
        TestClient.frame(
            HeaderCodec.JSON,
            1,
            RequestCode.SEND_MESSAGE_V2,
            false,
            new SampleSend().header(),
            BODY);
    client.write(frame);
    Queue.Append append = appended();

    assertThat(frame.refCnt()).isPositive();
    append.messages().get(0).release();

    assertThat(frame.refCnt()).isZero();
    append.replyTo().tell(new Appended(0, new long[] {0}));
  }

  @Test
  void aNegativeQueueIdMeansAnyQueue() {
    for (int i = 0; i < 50; i++) {
      client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().queue(-1).header(), BODY);
      Queue.Append append = appended();
      int chosen = append.messages().get(0).queue().queueId();
      store(append, 0, 0);

      assertThat(chosen).isBetween(0, 3);
      assertThat(client.answer().fields().int32("queueId")).isEqualTo(chosen);
    }
  }

  @Test
  void aQueueIdThatTheTopicDoesNotHaveGoesToOneThatItHas() {
    for (int i = 0; i < 2; i++) {
      client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().queue(6).header(), BODY);
      Queue.Append append = appended();
      assertThat(append.messages().get(0).queue().queueId()).isEqualTo(2);
      store(append, 0, 0);
      assertThat(client.answer().fields().int32("queueId")).isEqualTo(2);
    }
  }

  @Test
  void aBodyThatIsTooLongIsIllegal() {
    assertThat(refusal(new SampleSend().header(), new byte[64 * 1024 + 1]).code())
        .isEqualTo(ResponseCode.MESSAGE_ILLEGAL);

    client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().header(), new byte[64 * 1024]);
    store(appended(), 0, 0);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void propertiesThatAreTooLongAreIllegal() {
    String longest = "K\u0001" + "v".repeat(32767 - 2);

    Answer tooLong = refusal(new SampleSend().properties(longest + "v").header(), BODY);
    assertThat(tooLong.code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    assertThat(tooLong.remark()).contains("32768 bytes");

    client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().properties(longest).header(), BODY);
    store(appended(), 0, 0);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"DELAY\u00013\u0002TRAN_MSG\u0001true", "TRAN_MSG\u0001true\u0002PGROUP\u0001P"})
  void whatAPlainMessageWouldDeliverWronglyIsIllegal(String properties) {
    Answer answer = refusal(new SampleSend().properties(properties).header(), BODY);

    assertThat(answer.code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    assertThat(answer.remark()).contains("half message");
  }

  @Test
  void halfMessagesAndRetryTopicsAreIllegal() {
    SampleSend half = new SampleSend();
    half.sysFlag = SysFlag.PREPARED;
    assertThat(refusal(half.header(), BODY).code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    assertThat(refusal(new SampleSend().topic("SCHEDULE_TOPIC_XXXX").header(), BODY).code())
        .isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
  }

  @ParameterizedTest
  @EnumSource(AppendRefused.class)
  void everyRefusalOfTheLogHasItsCodeAndGivesTheBodyBack(AppendRefused refused) {
    client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().header(), BODY);
    Queue.Append append = appended();
    append.messages().forEach(MessageDraft::release);
    append.replyTo().tell(refused);
    Answer answer = client.answer();

    int expected =
        switch (refused) {
          case WINDOW_FULL, DISK_FULL, NOT_LEADING -> ResponseCode.SERVICE_NOT_AVAILABLE;
          case TOO_LARGE -> ResponseCode.MESSAGE_ILLEGAL;
          case LOG_FAILED, REPLICAS_MISSING, LEADERSHIP_ENDED -> ResponseCode.SYSTEM_ERROR;
        };
    assertThat(answer.code()).isEqualTo(expected);
    assertThat(answer.remark()).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({"true, 12", "false, 11"})
  void whatNotEveryCopyHasIsAResultWithItsPlace(boolean waited, int code) {
    client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().header(), BODY);
    Queue.Append append = appended();
    append.messages().forEach(MessageDraft::release);
    append.replyTo().tell(new NotOnAll(new Appended(42, new long[] {4096}), waited));
    Answer answer = client.answer();

    assertThat(answer.code()).isEqualTo(code);
    assertThat(answer.fields().int64("queueOffset")).isEqualTo(42);
    assertThat(answer.fields().text("msgId"))
        .isEqualTo(MessageIds.encode(FakeNode.STORE_HOST, 4096));
  }

  @Test
  void aQueueWhoseActorIsGoneIsLookedForAgain() {
    client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().header(), BODY);
    appended().undelivered();
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);

    client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().header(), BODY);
    node.resolveNextQueue();
    store(appended(), 0, 0);

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void aSendThatNobodyAnswersHasAnUnknownOutcome() {
    client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().header(), BODY);
    Queue.Append lost = appended();
    client.timePasses(12);
    Answer answer = client.answer();

    assertThat(answer.code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    assertThat(answer.remark()).contains("not known");
    store(lost, 0, 0);
    assertThat(client.answers()).isEmpty();
  }

  @Test
  void aSendWhoseConnectionClosesGivesItsBodyBackOnceTheLogHasIt() {
    client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().header(), BODY);
    Queue.Append append = appended();
    client.close();

    store(append, 0, 0);

    client.assertNothingLeaked();
  }

  @Test
  void aMissingFieldIsAnErrorOfThatRequestOnly() {
    client.send(RequestCode.SEND_MESSAGE_V2, CommandHeader.NONE, BODY);
    Answer answer = client.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    assertThat(answer.remark()).contains("has no field");

    client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().header(), BODY);
    store(appended(), 0, 0);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  private static byte[] batch(String... properties) {
    ByteBuf batch = Unpooled.buffer();
    for (int i = 0; i < properties.length; i++) {
      byte[] body = ("body" + i).getBytes(UTF_8);
      byte[] encoded = properties[i].getBytes(UTF_8);
      batch.writeInt(22 + body.length + encoded.length).writeInt(0).writeInt(0).writeInt(i);
      batch.writeInt(body.length).writeBytes(body);
      batch.writeShort(encoded.length).writeBytes(encoded);
    }
    return Arrays.copyOf(batch.array(), batch.readableBytes());
  }

  @ParameterizedTest
  @ValueSource(ints = {RequestCode.SEND_BATCH_MESSAGE, RequestCode.SEND_MESSAGE_V2})
  void aBatchIsOneAppendOfAllItsMessages(int code) {
    SampleSend send = new SampleSend();
    send.batch = code == RequestCode.SEND_MESSAGE_V2;
    client.send(code, send.header(), batch("TAGS\u0001a", "", "TAGS\u0001c\u0002"));
    Queue.Append append = appended();
    List<MessageDraft> drafts = append.messages();

    assertThat(drafts).hasSize(3);
    for (int i = 0; i < 3; i++) {
      assertThat(UTF_8.decode(drafts.get(i).body().duplicate()).toString()).isEqualTo("body" + i);
      assertThat(drafts.get(i).flag()).isEqualTo(i);
      assertThat(drafts.get(i).queue()).isEqualTo(new QueueKey("T", 1));
    }
    assertThat(drafts.stream().map(MessageDraft::tagHash))
        .containsExactly("a".hashCode(), 0, "c".hashCode());
    store(append, 10, 100, 200, 300);
    Answer answer = client.answer();
    assertThat(answer.fields().int64("queueOffset")).isEqualTo(10);
    assertThat(answer.fields().text("msgId").split(","))
        .containsExactly(
            IntStream.of(100, 200, 300)
                .mapToObj(position -> MessageIds.encode(FakeNode.STORE_HOST, position))
                .toArray(String[]::new));
  }

  @Test
  void aBatchIsTakenWholeOrNotAtAll() {
    byte[] good = batch("", "", "");
    for (byte[] bad :
        List.of(
            Arrays.copyOf(good, good.length - 1),
            new byte[0],
            batch("", "DELAY\u00013", ""),
            batch("", "", "", "", "", "", "", "", ""))) {
      client.send(RequestCode.SEND_BATCH_MESSAGE, new SampleSend().header(), bad);
      assertThat(client.answer().code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    }
    node.queues.expectNoMessage();
  }

  @Test
  void attemptsAtOneSendHaveOneKey() {
    client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().queue(1).header(), BODY);
    client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().queue(2).header(), BODY);
    client.send(
        RequestCode.SEND_MESSAGE_V2,
        new SampleSend().properties("UNIQ_KEY\u0001ABD").header(),
        BODY);
    long first = keyOfNext();

    assertThat(first).isNotEqualTo(SendKey.NONE);
    assertThat(keyOfNext()).isEqualTo(first);
    assertThat(keyOfNext()).isNotEqualTo(first).isNotEqualTo(SendKey.NONE);
  }

  @Test
  void sendsWhoseRetriesNobodyWantsRecognisedHaveNoKey() {
    TopicConfig off =
        TopicConfig.of("Off", 1, 6).withAttributes(Map.of("sampo.deduplication", "OFF"));
    node.topic("Off", 1);
    node.catalog.put(off);
    client.send(
        RequestCode.SEND_MESSAGE_V2, new SampleSend().properties("A\u0001b").header(), BODY);
    client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().topic("Off").queue(0).header(), BODY);

    assertThat(keyOfNext()).isEqualTo(SendKey.NONE);
    assertThat(keyOfNext()).isEqualTo(SendKey.NONE);
  }

  private long keyOfNext() {
    Queue.Append append = appended();
    long key = append.messages().get(0).sendKey();
    store(append, 0, 0);
    return key;
  }

  @Test
  void aRetryIsAnsweredWithTheQueueOfTheFirstAttempt() {
    client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().queue(1).header(), BODY);
    Queue.Append append = appended();
    append.messages().forEach(MessageDraft::release);
    append.replyTo().tell(new AlreadyAppended(3, 17, new long[] {4096}));

    Answer answer = client.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(answer.fields().int32("queueId")).isEqualTo(3);
    assertThat(answer.fields().int64("queueOffset")).isEqualTo(17);
    assertThat(answer.fields().text("msgId"))
        .isEqualTo(MessageIds.encode(FakeNode.STORE_HOST, 4096));
  }
}
