package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sampo.actors.catalog.Catalog.CatalogRefused;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup.GetMembers;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.Heartbeat;
import io.sampo.actors.consumer.ConsumerGroup.Joined;
import io.sampo.actors.consumer.ConsumerGroup.Leave;
import io.sampo.actors.consumer.ConsumerGroup.Members;
import io.sampo.actors.consumer.ConsumerGroup.Subscription;
import io.sampo.routing.net.PortRole;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.wire.CommandCodec;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.CheckClientData;
import io.sampo.wire.body.ConsumerData;
import io.sampo.wire.body.ConsumerIdList;
import io.sampo.wire.body.HeartbeatData;
import io.sampo.wire.body.SubscriptionData;
import io.sampo.wire.body.TopicRouteData;
import io.sampo.wire.body.TopicRouteData.QueueData;
import io.sampo.wire.header.ConsumerGroupHeader;
import io.sampo.wire.header.QueueRequestHeader;
import io.sampo.wire.header.RouteRequestHeader;
import io.sampo.wire.header.UnregisterClientRequestHeader;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MembersAndRoutesTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  private FakeNode node = new FakeNode(KIT);
  private TestClient client = node.connect();

  @AfterEach
  void nothingLeaks() {
    node.close();
  }

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  static byte[] heartbeat(String clientId, String... groups) {
    List<ConsumerData> consumers =
        Arrays.stream(groups)
            .map(
                group ->
                    new ConsumerData(
                        group,
                        ConsumerData.PUSH,
                        ConsumerData.CLUSTERING,
                        ConsumerData.FROM_LAST_OFFSET,
                        false,
                        List.of(SubscriptionData.ofTags("T", "a || b", 99))))
            .toList();
    return new HeartbeatData(clientId, List.of("P"), consumers).toJson();
  }

  private Heartbeat joining() {
    return node.groups.expectMessageClass(Heartbeat.class);
  }

  private void join(String clientId, String group) {
    client.send(RequestCode.HEART_BEAT, CommandHeader.NONE, heartbeat(clientId, group));
    joining().replyTo().tell(Joined.INSTANCE);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void aHeartbeatTellsTheGroupAllAboutItsMember() {
    node.group("G");
    client.send(RequestCode.HEART_BEAT, CommandHeader.NONE, heartbeat("me", "G"));
    Heartbeat heartbeat = joining();

    assertThat(heartbeat.member().clientId()).isEqualTo("me");
    assertThat(heartbeat.member().version()).isEqualTo(CommandCodec.VERSION);
    assertThat(heartbeat.member().consumeType()).isEqualTo(ConsumerData.PUSH);
    assertThat(heartbeat.member().messageModel()).isEqualTo(ConsumerData.CLUSTERING);
    assertThat(heartbeat.member().consumeFrom()).isEqualTo(ConsumerData.FROM_LAST_OFFSET);
    assertThat(heartbeat.member().subscriptions())
        .containsExactly(Map.entry("T", new Subscription("T", "a || b", SubscriptionData.TAG, 99)));
    assertThat(client.answers()).as("before the group has answered").isEmpty();
    heartbeat.replyTo().tell(Joined.INSTANCE);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void aHeartbeatOfSeveralGroupsIsAnsweredWhenAllHaveAnswered() {
    node.group("G1");
    node.group("G2");
    client.send(RequestCode.HEART_BEAT, CommandHeader.NONE, heartbeat("me", "G1", "G2"));
    joining().replyTo().tell(Joined.INSTANCE);
    assertThat(client.answers()).isEmpty();
    joining().replyTo().tell(Joined.INSTANCE);

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void oneRefusalIsTheAnswerOfTheWholeHeartbeat() {
    node.group("G1");
    node.group("G2");
    client.send(RequestCode.HEART_BEAT, CommandHeader.NONE, heartbeat("me", "G1", "G2"));
    joining().replyTo().tell(GroupRefused.TOO_MANY_MEMBERS);
    joining().replyTo().tell(Joined.INSTANCE);

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
  }

  @Test
  void aProducersHeartbeatNeedsNoGroup() {
    client.send(RequestCode.HEART_BEAT, CommandHeader.NONE, heartbeat("me"));

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void anUnknownGroupIsMadeByItsFirstHeartbeat() {
    client.send(RequestCode.HEART_BEAT, CommandHeader.NONE, heartbeat("me", "New"));
    client.runTasks();
    node.resolveNextGroup();
    joining().replyTo().tell(Joined.INSTANCE);

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(node.catalog.asked).containsExactly("ensure group New");
  }

  @Test
  void aGroupThatCannotBeMadeIsSaidToBe() {
    client.send(RequestCode.HEART_BEAT, CommandHeader.NONE, heartbeat("me", "no group"));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.INVALID_PARAMETER);

    node.catalog.groupReply = new CatalogRefused("there are too many groups");
    client.send(RequestCode.HEART_BEAT, CommandHeader.NONE, heartbeat("me", "New"));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);

    node.catalog.failure = new IllegalStateException("nobody there");
    client.send(RequestCode.HEART_BEAT, CommandHeader.NONE, heartbeat("me", "New"));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "{}", "{\"clientID\":5}", "no json"})
  void aHeartbeatThatIsNoneIsAnErrorAndTheConnectionLives(String body) {
    client.send(RequestCode.HEART_BEAT, CommandHeader.NONE, body.getBytes(UTF_8));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);

    client.send(RequestCode.HEART_BEAT, CommandHeader.NONE, heartbeat("me"));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  private static byte[] heartbeat(String clientId, String producer, ConsumerData consumer) {
    return new HeartbeatData(clientId, List.of(producer), List.of(consumer)).toJson();
  }

  private static ConsumerData consumer(String group, SubscriptionData... subscriptions) {
    return new ConsumerData(
        group,
        ConsumerData.PUSH,
        ConsumerData.CLUSTERING,
        ConsumerData.FROM_LAST_OFFSET,
        false,
        List.of(subscriptions));
  }

  static List<Arguments> tooLarge() {
    SubscriptionData fine = SubscriptionData.ofTags("T", "a", 1);
    String long16k = "a".repeat(16 * 1024 + 1);
    String allowed = "a".repeat(1000);
    SubscriptionData[] many = new SubscriptionData[1025];
    Arrays.setAll(many, i -> SubscriptionData.ofTags("T" + i, "a", 1));
    SubscriptionData[] wordy = new SubscriptionData[66];
    Arrays.setAll(wordy, i -> SubscriptionData.ofTags("T" + i, allowed, 1));
    SubscriptionData badType =
        new SubscriptionData("T", "a", Set.of(), Set.of(), 1, "x".repeat(100));
    return List.of(
        Arguments.of("client's id", heartbeat("x".repeat(256), "P", consumer("G", fine))),
        Arguments.of("producer", heartbeat("me", "x".repeat(256), consumer("G", fine))),
        Arguments.of("group's", heartbeat("me", "P", consumer("x".repeat(256), fine))),
        Arguments.of(
            "topic's",
            heartbeat("me", "P", consumer("G", SubscriptionData.ofTags("x".repeat(263), "a", 1)))),
        Arguments.of(
            "longer than",
            heartbeat("me", "P", consumer("G", SubscriptionData.ofTags("T", long16k, 1)))),
        Arguments.of("unknown type", heartbeat("me", "P", consumer("G", badType))),
        Arguments.of("more than 1024 topics", heartbeat("me", "P", consumer("G", many))),
        Arguments.of("too long together", heartbeat("me", "P", consumer("G", wordy))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tooLarge")
  void aHeartbeatIsRefusedBeforeAnybodyKeepsWhatItSays(String why, byte[] body) {
    node.group("G");
    client.send(RequestCode.HEART_BEAT, CommandHeader.NONE, body);

    Answer answer = client.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
    assertThat(answer.remark()).contains(why);
    node.groups.expectNoMessage(Duration.ZERO);
    assertThat(node.catalog.asked).isEmpty();
  }

  @Test
  void aHeartbeatMayBeAsLongAsNamesMay() {
    String group = "x".repeat(255);
    node.group(group);
    SubscriptionData retry = SubscriptionData.ofTags("%RETRY%" + group, "*", 1);
    client.send(
        RequestCode.HEART_BEAT,
        CommandHeader.NONE,
        heartbeat("y".repeat(255), group, consumer(group, retry)));
    joining().replyTo().tell(Joined.INSTANCE);

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void aMemberHearsThatItsGroupChanged() {
    node.group("G");
    client.send(RequestCode.HEART_BEAT, CommandHeader.NONE, heartbeat("me", "G"));
    Heartbeat heartbeat = joining();
    heartbeat.link().groupChanged("G");
    Answer request = client.answer();

    assertThat(request.code()).isEqualTo(RequestCode.NOTIFY_CONSUMER_IDS_CHANGED);
    assertThat(request.isResponse()).isFalse();
    assertThat(request.isOneway()).isTrue();
    assertThat(request.fields().text("consumerGroup")).isEqualTo("G");
  }

  @Test
  void aConnectionThatClosesLeavesAllItsGroups() {
    node.group("G1");
    node.group("G2");
    join("me", "G1");
    join("me", "G2");
    join("other", "G2");
    client.close();

    List<Leave> left =
        List.of(
            node.groups.expectMessageClass(Leave.class),
            node.groups.expectMessageClass(Leave.class),
            node.groups.expectMessageClass(Leave.class));
    assertThat(left.stream().map(Leave::clientId)).containsExactlyInAnyOrder("me", "me", "other");
    node.groups.expectNoMessage();
  }

  @Test
  void aMemberWhoseConnectionClosedWhileItsGroupWasMadeNeverJoins() {
    node.catalog.slow = true;
    client.send(RequestCode.HEART_BEAT, CommandHeader.NONE, heartbeat("me", "New"));
    client.close();

    node.catalog.answerAll();
    client.runTasks();

    node.resolver.expectNoMessage();
    node.groups.expectNoMessage();
  }

  @Test
  void aMemberThatUnregistersLeavesOnce() {
    node.group("G");
    join("me", "G");
    client.send(RequestCode.UNREGISTER_CLIENT, new UnregisterClientRequestHeader("me", "P", "G"));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(node.groups.expectMessageClass(Leave.class).clientId()).isEqualTo("me");

    client.send(RequestCode.UNREGISTER_CLIENT, new UnregisterClientRequestHeader("me", null, "G"));
    client.send(
        RequestCode.UNREGISTER_CLIENT, new UnregisterClientRequestHeader("stranger", "P", null));
    assertThat(client.answers()).allMatch(answer -> answer.code() == ResponseCode.SUCCESS);
    client.close();
    node.groups.expectNoMessage();
  }

  @Test
  void theMembersOfAGroupAreListed() {
    node.group("G");
    client.send(RequestCode.GET_CONSUMER_LIST_BY_GROUP, new ConsumerGroupHeader("G"));
    node.groups.expectMessageClass(GetMembers.class).replyTo().tell(new Members(List.of("a", "b")));
    Answer answer = client.answer();

    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(ConsumerIdList.fromJson(Unpooled.wrappedBuffer(answer.body())).clientIds())
        .containsExactly("a", "b");
  }

  @Test
  void aGroupWithoutMembersHasNoList() {
    node.group("G");
    client.send(RequestCode.GET_CONSUMER_LIST_BY_GROUP, new ConsumerGroupHeader("G"));
    node.groups.expectMessageClass(GetMembers.class).replyTo().tell(new Members(List.of()));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);

    client.send(RequestCode.GET_CONSUMER_LIST_BY_GROUP, new ConsumerGroupHeader("Nobody"));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);

    client.send(RequestCode.GET_CONSUMER_LIST_BY_GROUP, new ConsumerGroupHeader("G"));
    node.groups.expectMessageClass(GetMembers.class).undelivered();
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
  }

  @Test
  void aSubscriptionIsCheckedBeforeAClientStarts() {
    assertThat(check("a || b", "TAG")).isEqualTo(ResponseCode.SUCCESS);
    assertThat(check("a > 5 AND b IS NOT NULL", "SQL92")).isEqualTo(ResponseCode.SUCCESS);
    assertThat(check("|| ||", "TAG")).isEqualTo(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
    assertThat(check("a >", "SQL92")).isEqualTo(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
  }

  private int check(String expression, String type) {
    SubscriptionData subscription =
        new SubscriptionData("T", expression, Set.of(), Set.of(), 1, type);
    client.send(
        RequestCode.CHECK_CLIENT_CONFIG,
        CommandHeader.NONE,
        new CheckClientData("me", "G", subscription).toJson());
    return client.answer().code();
  }

  @Test
  void aRouteNamesEveryLogGroupInItsOrderOnEveryPort() {
    node.catalog.put(new TopicConfig("T", 3, 5, 6, 9, false, Map.of()));
    for (PortRole role : List.of(PortRole.NAME_SERVER, PortRole.logGroup("broker-1"))) {
      TestClient asking = node.connect(role);
      asking.send(RequestCode.GET_ROUTEINFO_BY_TOPIC, new RouteRequestHeader("T"));
      Answer answer = asking.answer();
      TopicRouteData route = TopicRouteData.fromJson(Unpooled.wrappedBuffer(answer.body()));

      assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
      assertThat(route.queues())
          .containsExactly(
              new QueueData("broker-0", 3, 5, 6, 9), new QueueData("broker-1", 3, 5, 6, 9));
      assertThat(route.brokers())
          .extracting(broker -> broker.cluster() + " " + broker.brokerName() + broker.addresses())
          .containsExactly(
              "TestCluster broker-0{0=10.0.0.1:10911}", "TestCluster broker-1{0=10.0.0.1:10921}");
    }
  }

  @Test
  void aTopicThatThisNodeDoesNotKnowIsLookedUp() {
    assertThat(route("Nothing").code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
    assertThat(node.catalog.asked).containsExactly("look up Nothing");
    assertThat(route("no topic").code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);

    node.catalog.slow = true;
    client.send(RequestCode.GET_ROUTEINFO_BY_TOPIC, new RouteRequestHeader("Late"));
    node.catalog.put(TopicConfig.of("Late", 1, 6));
    node.catalog.answerAll();
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);

    node.catalog.slow = false;
    node.catalog.failure = new IllegalStateException("nobody there");
    assertThat(route("Later").code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
  }

  @Test
  void theTemplateOfNewTopicsHasARouteOnlyWhileTopicsAreMade() {
    node.catalog.put(TopicConfig.of("TBW102", 8, 7));
    assertThat(route("TBW102").code()).isEqualTo(ResponseCode.SUCCESS);

    node = new FakeNode(KIT, FakeNode.settings(false));
    client = node.connect();
    node.catalog.put(TopicConfig.of("TBW102", 8, 7));
    assertThat(route("TBW102").code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
  }

  private Answer route(String topic) {
    client.send(RequestCode.GET_ROUTEINFO_BY_TOPIC, new RouteRequestHeader(topic));
    return client.answer();
  }

  @Test
  void whatIsNotKnownIsNotSupportedAndOnewayNotEvenThat() {
    for (int code : new int[] {0, -1, 9999, RequestCode.PEEK_MESSAGE}) {
      client.send(code, CommandHeader.NONE, new byte[10]);
      Answer answer = client.answer();
      assertThat(answer.code()).isEqualTo(ResponseCode.REQUEST_CODE_NOT_SUPPORTED);
      assertThat(answer.remark()).contains(Integer.toString(code));
    }
    client.sendOneway(9999, CommandHeader.NONE, new byte[10]);
    assertThat(client.answers()).isEmpty();
  }

  @Test
  void theNameServerPortKnowsRoutesOnly() {
    TestClient asking = node.connect(PortRole.NAME_SERVER);
    for (int code :
        new int[] {
          RequestCode.SEND_MESSAGE_V2,
          RequestCode.PULL_MESSAGE,
          RequestCode.HEART_BEAT,
          RequestCode.GET_MAX_OFFSET
        }) {
      asking.send(code, CommandHeader.NONE);
      assertThat(asking.answer().code()).isEqualTo(ResponseCode.REQUEST_CODE_NOT_SUPPORTED);
    }
  }

  @Test
  void aResponseThatNobodyAskedForIsDropped() {
    ByteBuf response = Unpooled.buffer();
    CommandCodec.encodeResponse(response, HeaderCodec.JSON, 5, 0, null, CommandHeader.NONE, 4);
    client.write(response.writeInt(7));

    assertThat(client.answers()).isEmpty();
  }

  @Test
  void aFailureInsideIsAnErrorOfThatRequestAndTheConnectionLives() {
    TestClient lost = node.connect(PortRole.logGroup("broker-9")); // a port that no broker has
    node.catalog.put(TopicConfig.of("T", 1, 6));
    for (int i = 0; i < 2; i++) {
      lost.send(RequestCode.GET_MAX_OFFSET, new QueueRequestHeader("T", 0));
      Answer answer = lost.answer();

      assertThat(answer.code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
      assertThat(answer.remark()).contains("failed inside the broker");
    }
  }
}
