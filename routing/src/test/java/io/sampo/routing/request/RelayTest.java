package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.replication.AppendRefused;
import io.sampo.record.SysFlag;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.TopicRouteData;
import io.sampo.wire.header.EndTransactionRequestHeader;
import io.sampo.wire.header.PullRequestHeader;
import io.sampo.wire.header.RouteRequestHeader;
import io.sampo.wire.header.SendRequestHeader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Two nodes with real ports: clients connect to one, the log groups are led on the other. */
@Timeout(120)
class RelayTest {
  private static final String SETTINGS =
      "sampo.relay { leader-wait = 1500 ms, waiting-max = 3, requests-max = 64 }";

  private final RelayNode here = new RelayNode("here", SETTINGS);
  private final RelayNode there = new RelayNode("there", SETTINGS);
  private final TestProbe<Object> clock = here.kit.createTestProbe();
  private final List<SocketClient> clients = new ArrayList<>();

  @BeforeEach
  void meet() {
    here.meet(there);
    there.meet(here);
    here.serve();
    there.serve();
  }

  @AfterEach
  void stop() throws IOException {
    for (SocketClient client : clients) {
      client.close();
    }
    here.close();
    there.close();
  }

  private SocketClient connect(RelayNode node, String logGroup) throws IOException {
    SocketClient client = new SocketClient(node.ports.brokerPort(logGroup));
    clients.add(client);
    return client;
  }

  private static SendRequestHeader message(String topic) {
    return message(topic, 0, null);
  }

  private static SendRequestHeader message(String topic, int sysFlag, @Nullable String properties) {
    return new SendRequestHeader(
        "P",
        topic,
        "TBW102",
        4,
        1,
        sysFlag,
        1,
        0,
        properties == null ? null : properties.getBytes(UTF_8),
        0,
        false,
        -1,
        false,
        "broker-0");
  }

  private static PullRequestHeader pull(String topic) {
    return new PullRequestHeader("G", topic, 0, 0, 32, 4, 0, 0, "*", 0, "TAG", 1 << 20);
  }

  private static PullRequestHeader longPull(String topic) {
    return new PullRequestHeader("G", topic, 0, 0, 32, 6, 0, 20_000, "*", 0, "TAG", 1 << 20);
  }

  private void ledThere() {
    here.hears("broker-0", 1, there);
    there.hears("broker-0", 1, there);
  }

  private void awaitRefusal() {
    clock.awaitAssert(
        () -> {
          assertThat(here.refusals).hasValue(1);
          return null;
        });
  }

  private void awaitStored(RelayNode node, int count) {
    clock.awaitAssert(
        Duration.ofSeconds(10),
        () -> {
          assertThat(node.stored).hasSize(count);
          return null;
        });
  }

  @Test
  void aSendIsStoredByTheLeaderAndNamesTheClient() throws IOException {
    ledThere();
    SocketClient client = connect(here, "broker-0");
    client.send(77, RequestCode.SEND_MESSAGE_V2, false, message("T"), "hello");
    RemotingCommand answer = client.answer();

    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(answer.opaque()).isEqualTo(77);
    assertThat(there.stored).containsExactly("hello of " + client.address());
    assertThat(here.stored).isEmpty();
  }

  @Test
  void anAnswerComesBackByteForByte() throws IOException {
    ledThere();
    SocketClient relayed = connect(here, "broker-0");
    SocketClient direct = connect(there, "broker-0");
    for (int code : new int[] {RequestCode.PULL_MESSAGE, RequestCode.GET_MIN_OFFSET}) {
      relayed.send(5, code, false, pull("T"), "");
      direct.send(5, code, false, pull("T"), "");
      if (code == RequestCode.PULL_MESSAGE) {
        byte[] expected = direct.frame();
        assertThat(expected.length).isGreaterThan(20_000);
        assertThat(relayed.frame()).isEqualTo(expected);
      }
    }
  }

  @Test
  void aBodyOfAnySizeArrives() throws IOException {
    ledThere();
    SocketClient client = connect(here, "broker-0");
    int[] sizes = {0, 1, 4096, 4097, 1 << 20};
    for (int size : sizes) {
      client.send(size, RequestCode.SEND_MESSAGE_V2, false, message("T"), "y".repeat(size));
      assertThat(client.answer().opaque()).isEqualTo(size);
    }

    assertThat(there.stored)
        .extracting(text -> text.indexOf(" of "))
        .containsExactlyElementsOf(IntStream.of(sizes).boxed().toList());
  }

  @Test
  void onewayRequestsArePassedOnInOrder() throws IOException {
    ledThere();
    SocketClient client = connect(here, "broker-0");
    for (int i = 0; i < 50; i++) {
      client.send(i, RequestCode.SEND_MESSAGE_V2, true, message("T"), "m" + i);
    }
    awaitStored(there, 50);

    assertThat(there.stored)
        .containsExactlyElementsOf(
            IntStream.range(0, 50).mapToObj(i -> "m" + i + " of " + client.address()).toList());
  }

  @Test
  void whoWaitsForMessagesHoldsNobodyUpAndOneConnectionIsEnough() throws IOException {
    ledThere();
    for (int i = 0; i < 3; i++) {
      connect(here, "broker-0").send(1, RequestCode.PULL_MESSAGE, false, longPull("S"), "");
    }
    SocketClient other = connect(here, "broker-0");
    other.send(9, RequestCode.SEND_MESSAGE_V2, false, message("T"), "now");

    assertThat(other.answer().opaque()).isEqualTo(9);
    assertThat(there.ports.connectionCount()).isEqualTo(1);
  }

  @Test
  void moreThanMayBeOnTheirWayAreToldToTryAgain() throws IOException {
    ledThere();
    SocketClient client = connect(here, "broker-0");
    for (int i = 0; i < 65; i++) {
      client.send(i, RequestCode.SEND_MESSAGE_V2, false, message("S"), "m" + i);
    }
    RemotingCommand refused = client.answer();

    assertThat(refused.code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
    assertThat(refused.opaque()).isEqualTo(64);
    awaitStored(there, 64);
  }

  @Test
  void withoutALeaderRequestsWaitInOrderForOneElsewhere() throws IOException {
    SocketClient client = connect(here, "broker-0");
    for (int i = 0; i < 3; i++) {
      client.send(i, RequestCode.SEND_MESSAGE_V2, false, message("T"), "m" + i);
    }
    client.send(9, RequestCode.SEND_MESSAGE_V2, false, message("T"), "too many");
    assertThat(client.answer().opaque()).as("the one that may not wait").isEqualTo(9);
    ledThere();

    for (int i = 0; i < 3; i++) {
      RemotingCommand answer = client.answer();
      assertThat(answer.opaque()).isEqualTo(i);
      assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    }
    assertThat(there.stored)
        .extracting(text -> text.substring(0, 2))
        .containsExactly("m0", "m1", "m2");
  }

  @Test
  void withoutALeaderRequestsWaitForOneHere() throws IOException {
    SocketClient client = connect(here, "broker-0");
    client.send(1, RequestCode.SEND_MESSAGE_V2, false, message("T"), "first");
    client.send(2, RequestCode.SEND_MESSAGE_V2, false, message("T"), "second");
    client.send(3, RequestCode.GET_ROUTEINFO_BY_TOPIC, false, new RouteRequestHeader("T"), "");
    assertThat(client.answer().opaque()).as("what needs no leader").isEqualTo(3);
    here.hears("broker-0", 1, here);

    assertThat(client.answer().opaque()).isEqualTo(1);
    assertThat(client.answer().opaque()).isEqualTo(2);
    assertThat(here.stored)
        .containsExactly("first of " + client.address(), "second of " + client.address());
  }

  @Test
  void aSendThatALeaderOnItsWayOutRefusesGoesToTheNext() throws IOException {
    here.hears("broker-0", 1, here);
    here.refusal = AppendRefused.NOT_LEADING;
    SocketClient client = connect(here, "broker-0");
    client.send(1, RequestCode.SEND_MESSAGE_V2, false, message("T"), "hold on");
    awaitRefusal();
    here.hearsOfTheEnd("broker-0", 1, here);
    here.hears("broker-0", 2, there);
    there.hears("broker-0", 2, there);

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(there.stored).containsExactly("hold on of " + client.address());
  }

  /**
   * A request for a part of a log group.
   *
   * @param stored what the part gets
   */
  private record ForPart(String stored, int code, CommandHeader header) {
    @Override
    public String toString() {
      return stored;
    }
  }

  private static List<ForPart> toBeStored() {
    SendRequestHeader half =
        message("T", SysFlag.PREPARED, "TRAN_MSG\u0001true\u0002PGROUP\u0001P\u0002");
    CommandHeader end =
        new EndTransactionRequestHeader(
            "P", 7, 700, SysFlag.COMMIT, false, "ID", null, null, "broker-0");
    SendRequestHeader delayed = message("T", 0, "DELAY\u00013\u0002");
    return List.of(
        new ForPart("StoreHalf", RequestCode.SEND_MESSAGE_V2, half),
        new ForPart("EndHalf", RequestCode.END_TRANSACTION, end),
        new ForPart("Schedule", RequestCode.SEND_MESSAGE_V2, delayed));
  }

  private static List<ForPart> forParts() {
    List<ForPart> all = new ArrayList<>(toBeStored());
    CommandHeader view = out -> out.field("offset", 700);
    all.add(new ForPart("ReadRecord", RequestCode.VIEW_MESSAGE_BY_ID, view));
    return all;
  }

  @ParameterizedTest
  @MethodSource("forParts")
  void whatAPartOnItsWayOutRefusesGoesToTheNextLeader(ForPart request) throws IOException {
    here.hears("broker-0", 1, here);
    here.refusal = AppendRefused.NOT_LEADING;
    SocketClient client = connect(here, "broker-0");
    client.send(1, request.code, false, request.header, "hold on");
    awaitRefusal();
    here.hearsOfTheEnd("broker-0", 1, here);
    here.hears("broker-0", 2, there);
    there.hears("broker-0", 2, there);

    assertThat(client.answer().remark()).isNotEqualTo(Refusals.NOT_LEADING.remark());
    assertThat(there.stored).containsExactly(request.stored);
    assertThat(here.stored).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("toBeStored")
  void whatMayBeStoredAlreadyIsUpToTheClient(ForPart request) throws IOException {
    here.hears("broker-0", 1, here);
    here.refusal = AppendRefused.LEADERSHIP_ENDED;
    SocketClient client = connect(here, "broker-0");
    client.send(1, request.code, false, request.header, "perhaps");
    awaitRefusal();
    here.hears("broker-0", 2, there);
    there.hears("broker-0", 2, there);

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    assertThat(there.stored).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"'',false", "UNIQ_KEY\u00010A0B0C0D0E0F00010203040506070809\u0002,true"})
  void aSendThatMayBeStoredGoesToTheNextLeaderIfThatWouldNotice(String properties, boolean goesOn)
      throws IOException {
    here.hears("broker-0", 1, here);
    here.refusal = AppendRefused.LEADERSHIP_ENDED;
    SocketClient client = connect(here, "broker-0");
    client.send(1, RequestCode.SEND_MESSAGE_V2, false, message("T", 0, properties), "perhaps");
    awaitRefusal();
    here.hears("broker-0", 2, there);
    there.hears("broker-0", 2, there);

    assertThat(client.answer().code())
        .isEqualTo(goesOn ? ResponseCode.SUCCESS : ResponseCode.SYSTEM_ERROR);
    assertThat(there.stored).hasSize(goesOn ? 1 : 0);
  }

  @Test
  void aSendThatIsRefusedTwiceIsToldSo() throws IOException {
    here.hears("broker-0", 1, here);
    here.refusesForAMoment = true;
    here.refusal = AppendRefused.NOT_LEADING;
    SocketClient client = connect(here, "broker-0");
    client.send(1, RequestCode.SEND_MESSAGE_V2, false, message("T"), "no way");

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
    assertThat(here.refusals).hasValue(2);
  }

  @Test
  void aLeaderThatDoesNotComeInTimeIsNotWaitedFor() throws IOException {
    SocketClient client = connect(here, "broker-0");
    client.send(1, RequestCode.SEND_MESSAGE_V2, false, message("T"), "first");

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
  }

  @Test
  void nodesThatTakeEachOtherForTheLeaderEndInARefusal() throws IOException {
    here.hears("broker-0", 1, there);
    there.hears("broker-0", 2, here);
    SocketClient client = connect(here, "broker-0");
    client.send(1, RequestCode.SEND_MESSAGE_V2, false, message("T"), "round and round");

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
    assertThat(here.ports.connectionCount()).as("nothing came back").isEqualTo(1);
    here.hears("broker-0", 3, here);
    client.send(2, RequestCode.SEND_MESSAGE_V2, false, message("T"), "here");
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void aPeersDeathAnswersWhoeverWaitsForIt() throws IOException {
    ledThere();
    SocketClient sender = connect(here, "broker-0");
    sender.send(1, RequestCode.SEND_MESSAGE_V2, false, message("S"), "lost?");
    SocketClient puller = connect(here, "broker-0");
    puller.send(2, RequestCode.PULL_MESSAGE, false, longPull("S"), "");
    awaitStored(there, 1);
    long beforeNanos = System.nanoTime();
    there.ports.stop(Duration.ZERO).toCompletableFuture().join();

    assertThat(sender.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    assertThat(System.nanoTime() - beforeNanos).isLessThan(Duration.ofSeconds(5).toNanos());
    here.hears("broker-0", 2, here);
    sender.send(3, RequestCode.PULL_MESSAGE, false, pull("T"), "");
    assertThat(sender.answer().code()).as("there is another").isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void aPullGoesToTheNextLeader() throws IOException {
    ledThere();
    SocketClient client = connect(here, "broker-0");
    client.send(1, RequestCode.PULL_MESSAGE, false, pull("T"), "");
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
    there.ports.stop(Duration.ZERO).toCompletableFuture().join();
    client.send(2, RequestCode.PULL_MESSAGE, false, pull("T"), "");
    here.hearsOfTheEnd("broker-0", 1, there);
    here.hears("broker-0", 2, here);

    RemotingCommand answer = client.answer();
    assertThat(answer.opaque()).isEqualTo(2);
    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void routesNameTheLeaderAndTheCopiesBehindIt() throws IOException {
    assertThat(addresses(0))
        .containsExactlyEntriesOf(
            new TreeMap<>(
                java.util.Map.of(
                    0L, "127.0.0.1:" + here.ports.brokerPort("broker-0"),
                    1L, "127.0.0.1:" + there.ports.brokerPort("broker-0"))));
    ledThere();

    assertThat(addresses(0).get(0L)).isEqualTo("127.0.0.1:" + there.ports.brokerPort("broker-0"));
    assertThat(addresses(1).get(0L)).isEqualTo("127.0.0.1:" + here.ports.brokerPort("broker-1"));
  }

  private java.util.SortedMap<Long, String> addresses(int broker) throws IOException {
    SocketClient client = connect(here, "broker-0");
    client.send(1, RequestCode.GET_ROUTEINFO_BY_TOPIC, false, new RouteRequestHeader("T"), "");
    TopicRouteData route = TopicRouteData.fromJson(client.answer().body());
    assertThat(route.brokers())
        .extracting(TopicRouteData.BrokerData::brokerName)
        .containsExactly("broker-0", "broker-1");
    return route.brokers().get(broker).addresses();
  }
}
