package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.group.Queue;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.SendRequestHeader;
import io.sampo.wire.header.SendResponseHeader;
import java.util.Map;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests that wait for a reply, and the replies. */
class ReplyHandlerTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final byte[] BODY = "the reply".getBytes(UTF_8);

  private final FakeNode node = new FakeNode(KIT);
  private final TestClient replier = node.connect();
  private final TestClient waiting = node.connect();

  @AfterEach
  void nothingLeaks() {
    node.close();
  }

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  private static SendRequestHeader message(String topic, Map<String, String> properties) {
    return new SendRequestHeader(
        "P",
        topic,
        "TBW102",
        4,
        0,
        0,
        5,
        9,
        MessageProperties.encode(properties),
        0,
        false,
        -1,
        false,
        null);
  }

  private static void heartbeat(TestClient client, String clientId) {
    client.send(
        RequestCode.HEART_BEAT,
        CommandHeader.NONE,
        ("{\"clientID\":\"" + clientId + "\",\"producerDataSet\":[]}").getBytes(UTF_8));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  private Answer reply(Map<String, String> properties, byte[] body) {
    replier.send(
        RequestCode.SEND_REPLY_MESSAGE_V2, message("TestCluster_REPLY_TOPIC", properties), body);
    waiting.runTasks();
    return replier.answer();
  }

  @Test
  void aReplyIsPushedToTheClientThatItNames() {
    heartbeat(waiting, "me");
    heartbeat(waiting, "me");
    heartbeat(replier, "you");
    Answer answer = reply(Map.of("REPLY_TO_CLIENT", "me", "CORRELATION_ID", "7"), BODY);

    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(SendResponseHeader.read(answer.fields()))
        .isEqualTo(new SendResponseHeader("0", 0, 0, null));
    Answer pushed = waiting.answer();
    assertThat(pushed.isResponse()).isFalse();
    assertThat(pushed.code()).isEqualTo(RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT);
    assertThat(pushed.fields().text("topic")).isEqualTo("TestCluster_REPLY_TOPIC");
    assertThat(pushed.fields().text("storeHost")).isEqualTo("10.0.0.1:10911");
    assertThat(
            MessageProperties.find(
                pushed.fields().text("properties").getBytes(UTF_8), "CORRELATION_ID"))
        .isEqualTo("7");
    assertThat(pushed.body()).isEqualTo(BODY);
  }

  @Test
  void aReplyToNobodyIsAnError() {
    assertThat(reply(Map.of(), BODY).code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    assertThat(reply(Map.of("REPLY_TO_CLIENT", "me"), BODY).code())
        .isEqualTo(ResponseCode.SYSTEM_ERROR);

    heartbeat(waiting, "me");
    waiting.close();
    assertThat(reply(Map.of("REPLY_TO_CLIENT", "me"), BODY).code())
        .isEqualTo(ResponseCode.SYSTEM_ERROR);
  }

  @Test
  void aReplyThatIsTooLargeIsRefused() {
    heartbeat(waiting, "me");
    assertThat(reply(Map.of("REPLY_TO_CLIENT", "me"), new byte[64 * 1024 + 1]).code())
        .isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    assertThat(waiting.answers()).isEmpty();
  }

  @Test
  void onlyARequestIsToldOfTheCluster() {
    node.topic("T", 1);
    assertThat(cluster(Map.of("CORRELATION_ID", "7", "TAGS", "a"))).isEqualTo("TestCluster");
    assertThat(cluster(Map.of("TAGS", "a"))).isNull();
  }

  private @Nullable String cluster(Map<String, String> properties) {
    replier.send(RequestCode.SEND_MESSAGE_V2, message("T", properties), BODY);
    Queue.Append append = node.queues.expectMessageClass(Queue.Append.class);
    MessageDraft draft = append.messages().get(0);
    String cluster = MessageProperties.find(draft.properties(), "CLUSTER");
    assertThat(draft.tagHash()).isEqualTo("a".hashCode());
    append.messages().forEach(MessageDraft::release);
    append.replyTo().tell(new Appended(0, new long[] {0}));
    replier.answer();
    return cluster;
  }
}
