package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.group.LogGroup;
import io.sampo.actors.transaction.HalfMessage;
import io.sampo.actors.transaction.ProducerLink;
import io.sampo.actors.transaction.ProducerLink.TransactionCheck;
import io.sampo.actors.transaction.TransactionRequests.EndHalf;
import io.sampo.actors.transaction.TransactionRequests.HalfStored;
import io.sampo.actors.transaction.TransactionRequests.NotStored;
import io.sampo.actors.transaction.TransactionRequests.Outcome;
import io.sampo.actors.transaction.TransactionRequests.ResumeChecks;
import io.sampo.actors.transaction.TransactionRequests.StoreHalf;
import io.sampo.actors.transaction.TransactionRequests.TransactionDone;
import io.sampo.actors.transaction.TransactionRequests.TransactionRefused;
import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.record.MessageIds;
import io.sampo.record.MessageProperties;
import io.sampo.routing.net.PortRole;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.HeartbeatData;
import io.sampo.wire.header.CheckTransactionRequestHeader;
import io.sampo.wire.header.EndTransactionRequestHeader;
import io.sampo.wire.header.ResumeCheckRequestHeader;
import io.sampo.wire.header.SendRequestHeader;
import io.sampo.wire.header.SendResponseHeader;
import io.sampo.wire.header.UnregisterClientRequestHeader;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Half messages, their ends, and questions to producers, on the wire's side of a node. */
class TransactionHandlerTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final String HALF = "TRAN_MSG\1true\2PGROUP\1PG\2UNIQ_KEY\1ID\2TAGS\1a\2";
  private static final int PREPARED = 4;
  private static final TransactionCheck CHECK =
      new TransactionCheck(
          new CheckTransactionRequestHeader("T", 77, 4096, "ID", "ID", "AB", FakeNode.LOG_GROUP),
          "record".getBytes(UTF_8));

  private final FakeNode node = new FakeNode(KIT);
  private final TestClient client = node.connect();
  private final TestProbe<LogGroup.PartCommand> checker = KIT.createTestProbe();

  @AfterEach
  void nothingLeaks() {
    node.close();
  }

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  private static SendRequestHeader send(String properties, int sysFlag, boolean batch) {
    return new SendRequestHeader(
        "PG",
        "T",
        "TBW102",
        4,
        1,
        sysFlag,
        1_700_000_000_000L,
        9,
        properties.getBytes(UTF_8),
        0,
        false,
        -1,
        batch,
        FakeNode.LOG_GROUP);
  }

  private <C extends LogGroup.PartCommand> C told(Class<C> type) {
    var slot = node.resolver.expectMessageClass(LeaderResolver.Resolve.class).slot();
    assertThat(slot.logGroup).isEqualTo(FakeNode.LOG_GROUP);
    ((LeaderCache.PartSlot) slot).resolved(checker.getRef());
    return checker.expectMessageClass(type);
  }

  private StoreHalf storing() {
    node.topic("T", 2);
    client.send(RequestCode.SEND_MESSAGE_V2, send(HALF, PREPARED, false), "body".getBytes(UTF_8));
    return told(StoreHalf.class);
  }

  @Test
  void halfMessageIsStoredOutOfSightAndAnsweredWithItsOwnPlace() {
    StoreHalf store = storing();
    assertThat(store.half().queue()).isEqualTo(HalfMessage.QUEUE);
    assertThat(store.half().sysFlag()).isZero();
    assertThat(MessageProperties.parse(store.half().properties()))
        .containsEntry("REAL_TOPIC", "T")
        .containsEntry("REAL_QID", "1")
        .containsEntry("PGROUP", "PG");
    assertThat(client.answers()).isEmpty();

    store.half().release();
    store.replyTo().tell(new HalfStored(77, 4096));
    Answer answer = client.answer();

    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(SendResponseHeader.read(answer.fields()))
        .isEqualTo(
            new SendResponseHeader(MessageIds.encode(FakeNode.STORE_HOST, 4096), 1, 77, "ID"));
    node.queues.expectNoMessage();
  }

  @Test
  void tooManyAreRefusedSoThatClientsTryAgain() {
    StoreHalf store = storing();
    store.half().release();
    store.replyTo().tell(TransactionRefused.TOO_MANY_PENDING);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
  }

  @Test
  void refusalOfTheLogIsToldAsForOtherSends() {
    StoreHalf store = storing();
    store.half().release();
    store.replyTo().tell(new NotStored(AppendRefused.DISK_FULL));
    assertThat(client.answer().code()).isEqualTo(Refusals.DISK_FULL.code());
  }

  @ParameterizedTest
  @CsvSource({
    "8, false, 'TRAN_MSG=true PGROUP=PG'",
    "12, false, 'TRAN_MSG=true PGROUP=PG'",
    "4, true, 'TRAN_MSG=true PGROUP=PG'",
    "4, false, 'PGROUP=PG'",
    "0, false, 'TRAN_MSG=true PGROUP=PG'",
    "4, false, 'TRAN_MSG=true'",
    "4, false, 'TRAN_MSG=true PGROUP=PG DELAY=3'",
    "4, false, 'TRAN_MSG=true PGROUP=PG TIMER_DELIVER_MS=5'",
  })
  void whatIsNoHalfMessageIsIllegal(int sysFlag, boolean batch, String properties) {
    node.topic("T", 2);
    String encoded = properties.replace('=', '\1').replace(' ', '\2') + '\2';
    client.send(RequestCode.SEND_MESSAGE_V2, send(encoded, sysFlag, batch), "body".getBytes(UTF_8));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    node.resolver.expectNoMessage();
    node.queues.expectNoMessage();
  }

  @Test
  void halfMessageWithoutRoomForItsQueuesNameIsIllegal() {
    node.topic("T", 2);
    String properties = HALF + "x\1" + "y".repeat(MessageProperties.BYTES_MAX - 60) + '\2';
    client.send(
        RequestCode.SEND_MESSAGE_V2, send(properties, PREPARED, false), "body".getBytes(UTF_8));
    Answer answer = client.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    assertThat(answer.remark()).contains("bytes together with its queue's name");
  }

  @Test
  void onewayHalfMessageIsNotStored() {
    node.topic("T", 2);
    client.sendOneway(
        RequestCode.SEND_MESSAGE_V2, send(HALF, PREPARED, false), "body".getBytes(UTF_8));
    node.resolver.expectNoMessage();
    assertThat(client.answers()).isEmpty();
  }

  private static EndTransactionRequestHeader end(int outcome, @Nullable String broker) {
    return new EndTransactionRequestHeader("PG", 77, 4096, outcome, false, "ID", "ID", "T", broker);
  }

  @Test
  void endGoesToTheLogGroupThatItNames() {
    TestClient other = node.connect(PortRole.logGroup("broker-1"));
    other.send(RequestCode.END_TRANSACTION, end(8, FakeNode.LOG_GROUP), new byte[0]);
    EndHalf commit = told(EndHalf.class);
    assertThat(commit.offset()).isEqualTo(77);
    assertThat(commit.position()).isEqualTo(4096);
    assertThat(commit.producerGroup()).isEqualTo("PG");
    assertThat(commit.outcome()).isEqualTo(Outcome.COMMIT);
    commit.replyTo().tell(TransactionDone.INSTANCE);
    assertThat(other.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void endWithoutANameGoesToTheLogGroupOfThePort() {
    client.send(RequestCode.END_TRANSACTION, end(12, null), new byte[0]);
    EndHalf rollback = told(EndHalf.class);
    assertThat(rollback.outcome()).isEqualTo(Outcome.ROLLBACK);
    rollback.replyTo().tell(new NotStored(AppendRefused.DISK_FULL));
    assertThat(client.answer().code()).isEqualTo(Refusals.DISK_FULL.code());
  }

  @ParameterizedTest
  @EnumSource(TransactionRefused.class)
  void everyRefusalIsAnError(TransactionRefused refused) {
    client.send(RequestCode.END_TRANSACTION, end(8, "unknown"), new byte[0]);
    told(EndHalf.class).replyTo().tell(refused);
    Answer answer = client.answer();
    assertThat(answer.code()).isNotEqualTo(ResponseCode.SUCCESS);
    assertThat(answer.remark()).isNotEmpty();
  }

  @Test
  void undecidedEndChangesNothingAndAnUnknownOneIsAnError() {
    client.send(RequestCode.END_TRANSACTION, end(0, null), new byte[0]);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
    client.send(RequestCode.END_TRANSACTION, end(4, null), new byte[0]);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
    client.send(RequestCode.END_TRANSACTION, CommandHeader.NONE, new byte[0]);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    node.resolver.expectNoMessage();
  }

  @Test
  void parkedOneIsResumedByItsMessageId() {
    client.send(
        RequestCode.RESUME_CHECK_HALF_MESSAGE,
        new ResumeCheckRequestHeader("T", MessageIds.encode(FakeNode.STORE_HOST, 4096)),
        new byte[0]);
    ResumeChecks resume = told(ResumeChecks.class);
    assertThat(resume.position()).isEqualTo(4096);
    resume.replyTo().tell(TransactionDone.INSTANCE);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);

    client.send(
        RequestCode.RESUME_CHECK_HALF_MESSAGE,
        new ResumeCheckRequestHeader("T", "no id"),
        new byte[0]);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
  }

  private void heartbeat(TestClient producer, String... groups) {
    HeartbeatData data = new HeartbeatData("me", List.of(groups), List.of());
    producer.send(RequestCode.HEART_BEAT, CommandHeader.NONE, data.toJson());
    assertThat(producer.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  private boolean ask(String group, ReplyTo<Boolean> written) {
    ProducerLink here = node.producers.here(group, FakeNode.LOG_GROUP);
    ProducerLink link = here != null ? here : node.producers.elsewhere(group, FakeNode.LOG_GROUP);
    if (link != null) {
      link.check(CHECK, written);
    }
    return link != null;
  }

  @Test
  void producersThatSaidSoAreAskedInTurnUntilTheyAreGone() {
    TestClient second = node.connect();
    heartbeat(client, "PG", "CLIENT_INNER_PRODUCER");
    heartbeat(second, "PG");
    heartbeat(second, "PG");
    List<Boolean> written = new ArrayList<>();

    assertThat(ask("PG", written::add)).isTrue();
    assertThat(ask("PG", written::add)).isTrue();
    for (TestClient producer : List.of(client, second)) {
      Answer question = producer.answer();
      assertThat(question.code()).isEqualTo(RequestCode.CHECK_TRANSACTION_STATE);
      assertThat(question.isOneway()).isTrue();
      assertThat(CheckTransactionRequestHeader.read(question.fields())).isEqualTo(CHECK.header());
      assertThat(question.body()).isEqualTo(CHECK.record());
    }
    assertThat(written).containsExactly(true, true);

    second.close();
    for (int i = 0; i < 2; i++) {
      assertThat(ask("PG", written::add)).isTrue();
      assertThat(client.answer().code()).isEqualTo(RequestCode.CHECK_TRANSACTION_STATE);
    }
    client.send(
        RequestCode.UNREGISTER_CLIENT,
        new UnregisterClientRequestHeader("me", "PG", null),
        new byte[0]);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(node.producers.here("PG", FakeNode.LOG_GROUP)).isNull();
    written.clear();
    assertThat(ask("PG", written::add)).as("there may be one on another node").isTrue();
    assertThat(written).containsExactly(false);
    assertThat(node.producers.here("CLIENT_INNER_PRODUCER", FakeNode.LOG_GROUP)).isNull();
  }
}
