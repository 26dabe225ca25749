package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.actors.transaction.ProducerLink.TransactionCheck;
import io.sampo.record.MessageProperties;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.CheckTransactionRequestHeader;
import io.sampo.wire.header.RunningInfoRequestHeader;
import io.sampo.wire.header.SendRequestHeader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one node has for a client that is connected to another. */
@Timeout(120)
class ForClientTest {
  private static final String HEARTBEAT =
      "{\"clientID\":\"me\",\"producerDataSet\":[{\"groupName\":\"PG\"}]}";

  private final RelayNode here = new RelayNode("here", "");
  private final RelayNode there = new RelayNode("there", "");
  private final List<SocketClient> clients = new ArrayList<>();

  @BeforeEach
  void meet() {
    here.meet(there);
    there.meet(here);
    here.serve();
    there.serve();
    here.hears("broker-0", 1, here);
    here.hears("broker-1", 1, here);
  }

  @AfterEach
  void stop() throws IOException {
    for (SocketClient client : clients) {
      client.close();
    }
    here.close();
    there.close();
  }

  private SocketClient connect(RelayNode node) throws IOException {
    SocketClient client = new SocketClient(node.ports.brokerPort("broker-0"));
    clients.add(client);
    return client;
  }

  private SocketClient connectAndSayWho(RelayNode node) throws IOException {
    SocketClient client = connect(node);
    client.send(1, RequestCode.HEART_BEAT, false, CommandHeader.NONE, HEARTBEAT);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
    return client;
  }

  private static SendRequestHeader reply() {
    return new SendRequestHeader(
        "P",
        "C_REPLY_TOPIC",
        "TBW102",
        4,
        0,
        0,
        1,
        0,
        MessageProperties.encode(Map.of("REPLY_TO_CLIENT", "me", "CORRELATION_ID", "7")),
        0,
        false,
        -1,
        false,
        null);
  }

  private static String text(RemotingCommand command) {
    return command.body().toString(UTF_8);
  }

  @Test
  void aReplyReachesWhoWaitsForItThere() throws IOException {
    SocketClient waiting = connectAndSayWho(there);
    SocketClient replier = connect(here);
    replier.send(5, RequestCode.SEND_REPLY_MESSAGE_V2, false, reply(), "pong");

    RemotingCommand pushed = waiting.answer();
    assertThat(pushed.code()).isEqualTo(RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT);
    assertThat(pushed.isOneway()).isTrue();
    assertThat(pushed.fields().text("topic")).isEqualTo("C_REPLY_TOPIC");
    assertThat(pushed.fields().text("properties")).contains("CORRELATION_ID");
    assertThat(text(pushed)).isEqualTo("pong");
    assertThat(replier.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void aReplyForNobodyIsToldSo() throws IOException {
    SocketClient replier = connect(here);
    replier.send(5, RequestCode.SEND_REPLY_MESSAGE_V2, false, reply(), "pong");

    assertThat(replier.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
  }

  @Test
  void aNodeThatSaysNothingHoldsNothingUp() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      here.meet("pekko://silent@127.0.0.1:1", silent.getLocalPort());
      SocketClient waiting = connectAndSayWho(there);
      SocketClient replier = connect(here);
      long beforeNanos = System.nanoTime();
      replier.send(5, RequestCode.SEND_REPLY_MESSAGE_V2, false, reply(), "pong");
      assertThat(waiting.answer().code()).isEqualTo(RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT);
      assertThat(replier.answer().code()).isEqualTo(ResponseCode.SUCCESS);
      assertThat(System.nanoTime() - beforeNanos).isLessThan(Duration.ofSeconds(1).toNanos());
      waiting.close();
      there.kit.createTestProbe().awaitAssert(() -> assertConnections(there, 1));

      replier.send(6, RequestCode.SEND_REPLY_MESSAGE_V2, false, reply(), "pong");
      assertThat(replier.answer().code()).as("in time").isEqualTo(ResponseCode.SYSTEM_ERROR);
    }
  }

  private static Void assertConnections(RelayNode node, int count) {
    assertThat(node.ports.connectionCount()).isEqualTo(count);
    return null;
  }

  @Test
  void aProducerThereIsAskedAboutATransaction() throws IOException, InterruptedException {
    SocketClient producer = connectAndSayWho(there);
    TransactionCheck check =
        new TransactionCheck(
            new CheckTransactionRequestHeader("T", 77, 4096, "ID", "ID", "AB", "broker-0"),
            "record".getBytes(UTF_8));
    BlockingQueue<Boolean> written = new LinkedBlockingQueue<>();
    here.check("PG", check, written::add);

    RemotingCommand asked = producer.answer();
    assertThat(asked.code()).isEqualTo(RequestCode.CHECK_TRANSACTION_STATE);
    assertThat(asked.fields().int64("tranStateTableOffset")).isEqualTo(77);
    assertThat(asked.fields().int64("commitLogOffset")).isEqualTo(4096);
    assertThat(text(asked)).isEqualTo("record");
    assertThat(written.poll(10, TimeUnit.SECONDS)).isTrue();

    here.check("others", check, written::add);
    assertThat(written.poll(10, TimeUnit.SECONDS)).as("nobody produces for it").isFalse();
  }

  @Test
  void aConsumerThereIsAskedAndItsAnswerComesBack() throws IOException {
    SocketClient consumer = connectAndSayWho(there);
    SocketClient tool = connect(here);
    tool.send(
        3,
        RequestCode.GET_CONSUMER_RUNNING_INFO,
        false,
        new RunningInfoRequestHeader(RelayNode.GROUP, "me", true),
        "");
    RemotingCommand asked = consumer.answer();
    assertThat(asked.code()).isEqualTo(RequestCode.GET_CONSUMER_RUNNING_INFO);
    assertThat(asked.fields().bool("jstackEnable", false)).isTrue();
    consumer.answer(asked, ResponseCode.SUCCESS, "{\"running\":1}");

    RemotingCommand answer = tool.answer();
    assertThat(answer.opaque()).isEqualTo(3);
    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(text(answer)).isEqualTo("{\"running\":1}");
  }

  @Test
  void clientsCantAskForIt() throws IOException {
    connectAndSayWho(here);
    SocketClient client = connect(here);
    client.send(1, ForClient.CODE, false, ForClient.Whom.client("me"), "");

    assertThat(client.answer().code()).isEqualTo(ResponseCode.REQUEST_CODE_NOT_SUPPORTED);
  }

  @Test
  void whatIsCutOffIsNoRequest() {
    byte[] whole =
        ForClient.question(307, ForClient.Whom.client("me"), "body".getBytes(UTF_8)).encode();
    int headBytes = whole.length - "body".length();
    ForClient read = ForClient.decode(whole);
    assertThat(read.code()).isEqualTo(307);
    assertThat(read.wantsAnswer()).isTrue();
    assertThat(read.fields()).containsOnlyKeys("c");
    assertThat(read.body()).asString(UTF_8).isEqualTo("body");

    for (int length = 0; length < headBytes; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> ForClient.decode(cut)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
