package io.sampo.routing.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.sampo.actors.catalog.Catalog.CatalogRefused;
import io.sampo.actors.catalog.CatalogUnreachableException;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.routing.net.PortRole;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.ClusterData;
import io.sampo.wire.body.TopicConfigData;
import io.sampo.wire.body.TopicConfigTable;
import io.sampo.wire.body.TopicList;
import io.sampo.wire.body.TopicRouteData.BrokerData;
import io.sampo.wire.header.ClusterHeader;
import io.sampo.wire.header.CreateTopicRequestHeader;
import io.sampo.wire.header.TopicHeader;
import java.util.Map;
import java.util.TreeMap;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Topics as tools manage them, at a broker's port and at the name server's. */
class TopicAdminHandlerTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  private final FakeNode node = new FakeNode(KIT);
  private final TestClient broker = node.connect();
  private final TestClient nameServer = node.connect(PortRole.NAME_SERVER);

  @AfterEach
  void nothingLeaks() {
    node.close();
  }

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  private static CreateTopicRequestHeader create(String topic, @Nullable String attributes) {
    return new CreateTopicRequestHeader(topic, 4, 3, 6, "SINGLE_TAG", 1, true, attributes);
  }

  private static Answer ask(TestClient client, int code, CommandHeader header) {
    client.send(code, header, new byte[0]);
    client.runTasks();
    return client.answer();
  }

  @Test
  void aTopicIsCreatedAsTheToolSays() {
    Answer answer =
        ask(
            broker,
            RequestCode.UPDATE_AND_CREATE_TOPIC,
            create("T", "+message.type=FIFO,-cleanup.policy"));

    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(node.catalog.topics)
        .containsEntry("T", new TopicConfig("T", 4, 3, 6, 1, true, Map.of("message.type", "FIFO")));
    assertThat(node.catalog.asked).containsExactly("put T without [cleanup.policy]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a b",
        "TBW102",
        "TestCluster",
        "broker-1",
        "SCHEDULE_TOPIC_XXXX",
        "rmq_sys_wheel_timer",
        "SAMPO_SYS_SCHEDULE",
        "SELF_TEST_TOPIC"
      })
  void topicsThatToolsMustNotTouchAreRefused(String name) {
    assertThat(ask(broker, RequestCode.UPDATE_AND_CREATE_TOPIC, create(name, null)).code())
        .isEqualTo(ResponseCode.INVALID_PARAMETER);
    assertThat(ask(broker, RequestCode.DELETE_TOPIC_IN_BROKER, new TopicHeader(name)).code())
        .isEqualTo(ResponseCode.INVALID_PARAMETER);
    assertThat(node.catalog.asked).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "message.type=FIFO",
        "+message.type",
        "-message.type=FIFO",
        "+message.type=LITE",
        "+cleanup.policy=COMPACTION",
        "+queue.type=BatchCQ",
        "+other=1",
        "-other",
        "+=1",
        "-",
        ",",
        "+message.type=FIFO,-message.type",
        "+message.type=FIFO,+message.type=NORMAL"
      })
  void attributesThatCanNotBeHonouredAreRefused(String attributes) {
    Answer answer = ask(broker, RequestCode.UPDATE_AND_CREATE_TOPIC, create("T", attributes));

    assertThat(answer.code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
    assertThat(answer.remark()).contains("attribute");
    assertThat(node.catalog.asked).isEmpty();
  }

  @Test
  void whatTheCatalogRefusesIsToldWithItsReason() {
    node.catalog.topicReply = new CatalogRefused("too many");
    Answer answer = ask(broker, RequestCode.UPDATE_AND_CREATE_TOPIC, create("T", null));

    assertThat(answer.code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
    assertThat(answer.remark()).isEqualTo("too many");
  }

  @ParameterizedTest
  @CsvSource({"17", "215", "351"})
  void aSilentCatalogIsNoAnswerAboutTheTopic(int code) {
    node.catalog.failure = new CatalogUnreachableException("silent");
    CommandHeader header = code == 17 ? create("T", null) : new TopicHeader("T");

    assertThat(ask(broker, code, header).code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
  }

  @Test
  void aTopicIsDeletedAtABrokerAndThenForgottenByTheNameServer() {
    node.catalog.put(TopicConfig.of("T", 2, 6));
    TopicHeader header = new TopicHeader("T");
    assertThat(ask(nameServer, RequestCode.DELETE_TOPIC_IN_NAMESRV, header).code())
        .as("its route alone can't be deleted")
        .isEqualTo(ResponseCode.INVALID_PARAMETER);

    assertThat(ask(broker, RequestCode.DELETE_TOPIC_IN_BROKER, header).code())
        .isEqualTo(ResponseCode.SUCCESS);
    assertThat(node.catalog.topics).isEmpty();
    assertThat(ask(broker, RequestCode.DELETE_TOPIC_IN_BROKER, header).code())
        .as("tools tell each broker")
        .isEqualTo(ResponseCode.SUCCESS);
    assertThat(ask(nameServer, RequestCode.DELETE_TOPIC_IN_NAMESRV, header).code())
        .isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void aTopicIsShownAndAMissingOneIsMissing() {
    node.catalog.put(new TopicConfig("T", 4, 3, 6, 1, true, Map.of("message.type", "FIFO")));
    Answer shown = ask(broker, RequestCode.GET_TOPIC_CONFIG, new TopicHeader("T"));

    assertThat(shown.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(TopicConfigData.fromJson(Unpooled.wrappedBuffer(shown.body())))
        .isEqualTo(
            new TopicConfigData(
                "T", 4, 3, 6, "SINGLE_TAG", 1, true, Map.of("message.type", "FIFO")));
    for (String name : new String[] {"U", "a b"}) {
      assertThat(ask(broker, RequestCode.GET_TOPIC_CONFIG, new TopicHeader(name)).code())
          .isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
    }
  }

  @Test
  void allTopicsAreShownInOrderWithTheRevision() {
    node.catalog.put(TopicConfig.of("b", 1, 6));
    node.catalog.put(TopicConfig.of("a", 1, 6));
    Answer all = ask(broker, RequestCode.GET_ALL_TOPIC_CONFIG, CommandHeader.NONE);

    TopicConfigTable table = TopicConfigTable.fromJson(Unpooled.wrappedBuffer(all.body()));
    assertThat(table.topics()).extracting(TopicConfigData::name).containsExactly("a", "b");
    assertThat(table.revision()).isEqualTo(7);
  }

  @Test
  void theNameServerListsTopicsAndBrokers() {
    node.catalog.put(TopicConfig.of("b", 1, 6));
    node.catalog.put(TopicConfig.of("a", 1, 6));

    assertThat(topicList(nameServer, 206, CommandHeader.NONE).topics()).containsExactly("a", "b");
    assertThat(topicList(nameServer, 224, new ClusterHeader("TestCluster")).topics())
        .containsExactly("a", "b");
    assertThat(topicList(nameServer, 224, new ClusterHeader("other")).topics()).isEmpty();
    TopicList system = topicList(nameServer, 304, CommandHeader.NONE);
    assertThat(system.topics()).containsExactly("TestCluster", "broker-0", "broker-1");
    assertThat(system.brokerAddress()).isEqualTo("10.0.0.1:10911");
    assertThat(topicList(broker, 305, CommandHeader.NONE).topics())
        .contains("TBW102", "TestCluster", "broker-0", "SELF_TEST_TOPIC");
    Answer cluster = ask(nameServer, RequestCode.GET_BROKER_CLUSTER_INFO, CommandHeader.NONE);
    assertThat(ClusterData.fromJson(Unpooled.wrappedBuffer(cluster.body())).brokers())
        .containsExactly(
            new BrokerData("TestCluster", "broker-0", new TreeMap<>(Map.of(0L, "10.0.0.1:10911"))),
            new BrokerData("TestCluster", "broker-1", new TreeMap<>(Map.of(0L, "10.0.0.1:10921"))));
  }

  private static TopicList topicList(TestClient client, int code, CommandHeader header) {
    Answer answer = ask(client, code, header);
    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    return TopicList.fromJson(Unpooled.wrappedBuffer(answer.body()));
  }
}
