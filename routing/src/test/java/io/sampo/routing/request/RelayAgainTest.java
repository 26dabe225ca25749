package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.replication.AppendRefused;
import io.sampo.record.SysFlag;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.SendRequestHeader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Requests that were relayed to a leader which is lost before it answers, or loses its leadership:
 * what the node does that relayed them. Clients are connected to one node, the other one leads.
 */
@Timeout(120)
class RelayAgainTest {
  private static final String SETTINGS = "sampo.relay.leader-wait = 2 s";
  private static final String KEY = "UNIQ_KEY\u00010A0B0C0D0E0F00010203040506070809\u0002";
  private static final String HALF = "TRAN_MSG\u0001true\u0002PGROUP\u0001P\u0002";

  private final RelayNode here = new RelayNode("here", SETTINGS);
  private final RelayNode there = new RelayNode("there", SETTINGS);
  private final TestProbe<Object> clock = here.kit.createTestProbe();
  private final List<SocketClient> clients = new ArrayList<>();

  @BeforeEach
  void leadThere() {
    here.meet(there);
    there.meet(here);
    here.serve();
    there.serve();
    here.hears("broker-1", 1, here);
    there.hears("broker-1", 1, there);
    here.hears("broker-0", 1, there);
    there.hears("broker-0", 1, there);
  }

  @AfterEach
  void stop() throws IOException {
    for (SocketClient client : clients) {
      client.close();
    }
    here.close();
    there.close();
  }

  private SocketClient connect() throws IOException {
    SocketClient client = new SocketClient(here.ports.brokerPort("broker-0"));
    clients.add(client);
    return client;
  }

  private static SendRequestHeader message(int sysFlag, String properties) {
    return new SendRequestHeader(
        "P",
        RelayNode.TOPIC,
        "TBW102",
        4,
        1,
        sysFlag,
        1,
        0,
        properties.getBytes(UTF_8),
        0,
        false,
        -1,
        false,
        "broker-0");
  }

  private static CommandHeader pop(String topic) {
    return out ->
        out.field("consumerGroup", RelayNode.POPPERS)
            .field("topic", topic)
            .field("queueId", 0)
            .field("maxMsgNums", 1)
            .field("invisibleTime", 60_000)
            .field("pollTime", 20_000)
            .field("bornTime", 1)
            .field("initMode", 0);
  }

  private void await(Runnable assertion) {
    clock.awaitAssert(
        Duration.ofSeconds(10),
        () -> {
          assertion.run();
          return null;
        });
  }

  private void loseLeader() {
    there.ports.stop(Duration.ZERO).toCompletableFuture().join();
  }

  @Test
  void aSendThatWouldBeRecognisedGoesToTheNextLeaderWhichIsToldOfTheFirst() throws IOException {
    there.silent = true;
    SocketClient client = connect();
    client.send(1, RequestCode.SEND_MESSAGE_V2, false, message(0, KEY), "perhaps");
    await(() -> assertThat(there.stored).hasSize(1));
    loseLeader();
    here.hears("broker-0", 2, here);

    RemotingCommand answer = client.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(answer.opaque()).isEqualTo(1);
    assertThat(here.storedAgain).containsExactly("perhaps");
    assertThat(there.storedAgain).isEmpty();
    client.send(2, RequestCode.SEND_MESSAGE_V2, false, message(0, KEY), "another");
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(here.storedAgain).as("only the one that was lost").containsExactly("perhaps");
  }

  @Test
  void aHalfMessageDoesSoToo() throws IOException {
    there.silent = true;
    SocketClient client = connect();
    SendRequestHeader half = message(SysFlag.PREPARED, HALF + KEY);
    client.send(1, RequestCode.SEND_MESSAGE_V2, false, half, "perhaps");
    await(() -> assertThat(there.stored).containsExactly("StoreHalf"));
    loseLeader();
    here.hears("broker-0", 2, here);

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(here.storedAgain).containsExactly("StoreHalf");
  }

  @Test
  void whatTheNextLeaderCouldNotRecogniseIsNotStoredAndNotCalledRefused() throws IOException {
    there.silent = true;
    SocketClient client = connect();
    client.send(1, RequestCode.SEND_MESSAGE_V2, false, message(0, ""), "perhaps");
    await(() -> assertThat(there.stored).hasSize(1));
    SendRequestHeader half = message(SysFlag.PREPARED, HALF);
    client.send(2, RequestCode.SEND_MESSAGE_V2, false, half, "perhaps");
    await(() -> assertThat(there.stored).hasSize(2));
    loseLeader();
    here.hears("broker-0", 2, here);

    for (int i = 0; i < 2; i++) {
      RemotingCommand answer = client.answer();
      assertThat(answer.code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
      assertThat(answer.remark()).isEqualTo(Refusals.LEADER_LOST.remark());
    }
    assertThat(here.stored).isEmpty();
  }

  @Test
  void aSendThatFindsNoNextLeaderInTimeIsNotCalledRefused() throws IOException {
    there.silent = true;
    SocketClient client = connect();
    client.send(1, RequestCode.SEND_MESSAGE_V2, false, message(0, KEY), "perhaps");
    await(() -> assertThat(there.stored).hasSize(1));
    loseLeader();

    RemotingCommand answer = client.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    assertThat(answer.remark()).isEqualTo(Refusals.LEADER_LOST.remark());
  }

  @Test
  void sendsAreRepeatedInTheirOrder() throws IOException {
    there.silent = true;
    SocketClient client = connect();
    List<String> bodies = IntStream.range(0, 100).mapToObj(i -> "m" + i).toList();
    for (String body : bodies) {
      client.send(1, RequestCode.SEND_MESSAGE_V2, false, message(0, KEY), body);
    }
    await(() -> assertThat(there.stored).hasSize(bodies.size()));
    loseLeader();
    here.hears("broker-0", 2, here);

    await(() -> assertThat(here.storedAgain).containsExactlyElementsOf(bodies));
  }

  @Test
  void aLeadershipThatEndsElsewhereLeavesTheSendToTheNextToo() throws IOException {
    there.refusal = AppendRefused.LEADERSHIP_ENDED;
    SocketClient client = connect();
    client.send(1, RequestCode.SEND_MESSAGE_V2, false, message(0, KEY), "perhaps");
    await(() -> assertThat(there.refusals).hasValue(1));
    there.hearsOfTheEnd("broker-0", 1, there);
    there.hears("broker-0", 2, here);
    here.hears("broker-0", 2, here);

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(here.storedAgain).containsExactly("perhaps");
  }

  @Test
  void aPopGoesToTheNextLeader() throws IOException {
    SocketClient client = connect();
    client.send(1, RequestCode.POP_MESSAGE, false, pop(RelayNode.SILENT), "");
    await(() -> assertThat(there.reads).hasValue(1));
    loseLeader();
    here.hears("broker-0", 2, here);

    await(() -> assertThat(here.reads).hasValue(1));
  }

  @Test
  void aPopWhoseQueueIsLedElsewhereMeanwhileIsToldToPopAgainAtOnce() throws IOException {
    here.hears("broker-0", 2, here);
    here.readsNothing = true;
    SocketClient client = connect();
    client.send(1, RequestCode.POP_MESSAGE, false, pop(RelayNode.EMPTY), "");
    await(() -> assertThat(here.reads).hasPositiveValue());
    here.hearsOfTheEnd("broker-0", 2, here);
    there.hears("broker-0", 3, there);
    here.hears("broker-0", 3, there);

    assertThat(client.answer().code()).isEqualTo(ResponseCode.POLLING_TIMEOUT);
    client.send(2, RequestCode.POP_MESSAGE, false, pop(RelayNode.EMPTY), "");
    await(() -> assertThat(there.reads).hasValue(1));
    assertThat(client.answer().opaque()).isEqualTo(2);
  }
}
