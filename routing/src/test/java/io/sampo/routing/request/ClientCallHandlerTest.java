package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sampo.actors.consumer.ConsumerGroup.GetMembers;
import io.sampo.actors.consumer.ConsumerGroup.Members;
import io.sampo.actors.group.RecordReader.NoRecord;
import io.sampo.actors.group.RecordReader.ReadRecord;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.wire.CommandCodec;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.ConsumeDirectlyRequestHeader;
import io.sampo.wire.header.RunningInfoRequestHeader;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Questions of tools that go on to a consumer, and what comes back. */
class ClientCallHandlerTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final String ID = "0A000001" + "00002A9F" + "0000000000000007";

  private final FakeNode node = new FakeNode(KIT);
  private final TestClient tool = node.connect();
  private final TestClient consumer = node.connect();

  @AfterEach
  void nothingLeaks() {
    node.close();
  }

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  private void online() {
    node.group("G");
    consumer.send(
        RequestCode.HEART_BEAT,
        CommandHeader.NONE,
        "{\"clientID\":\"me\",\"producerDataSet\":[]}".getBytes(UTF_8));
    assertThat(consumer.answer().code()).isEqualTo(ResponseCode.SUCCESS);
  }

  private void askForInfo(String... members) {
    tool.send(RequestCode.GET_CONSUMER_RUNNING_INFO, new RunningInfoRequestHeader("G", "me", true));
    node.groups.expectMessageClass(GetMembers.class).replyTo().tell(new Members(List.of(members)));
    consumer.runTasks();
  }

  private void answer(int opaque, int code, @Nullable String remark, String body) {
    ByteBuf response = Unpooled.buffer();
    byte[] bytes = body.getBytes(UTF_8);
    CommandCodec.encodeResponse(
        response, HeaderCodec.JSON, opaque, code, remark, CommandHeader.NONE, bytes.length);
    consumer.write(response.writeBytes(bytes));
    tool.runTasks();
  }

  @Test
  void theConsumersAnswerComesBackAsItIs() {
    online();
    askForInfo("me");
    Answer question = consumer.answer();
    assertThat(question.code()).isEqualTo(RequestCode.GET_CONSUMER_RUNNING_INFO);
    assertThat(question.isResponse()).isFalse();
    assertThat(question.isOneway()).isFalse();
    assertThat(RunningInfoRequestHeader.read(question.fields()))
        .isEqualTo(new RunningInfoRequestHeader("G", "me", true));

    answer(question.opaque() + 1, ResponseCode.SUCCESS, null, "of another question");
    assertThat(tool.answers()).isEmpty();
    answer(question.opaque(), ResponseCode.SUCCESS, null, "{{\"odd\":1}:2}");

    Answer answer = tool.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(answer.text()).isEqualTo("{{\"odd\":1}:2}");
    answer(question.opaque(), ResponseCode.SUCCESS, null, "once more");
    assertThat(tool.answers()).isEmpty();
  }

  @Test
  void soDoesItsError() {
    online();
    askForInfo("me");
    answer(consumer.answer().opaque(), ResponseCode.SYSTEM_ERROR, "no such group", "");

    Answer answer = tool.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    assertThat(answer.remark()).isEqualTo("no such group");
  }

  @Test
  void aConsumerThatIsTooSlowIsToldOfAndItsLateAnswerIsNot() {
    online();
    askForInfo("me");
    Answer question = consumer.answer();
    consumer.timePasses(9);
    assertThat(tool.answers()).isEmpty();
    consumer.timePasses(1);
    tool.runTasks();
    assertThat(tool.answer().code()).isEqualTo(ResponseCode.CONSUME_MSG_TIMEOUT);

    answer(question.opaque(), ResponseCode.SUCCESS, null, "late");
    assertThat(tool.answers()).isEmpty();
  }

  @Test
  void aConsumerThatGoesIsToldOf() {
    online();
    askForInfo("me");
    consumer.close();
    tool.runTasks();

    Answer answer = tool.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    assertThat(answer.remark()).contains("closed");
  }

  @Test
  void onlySoManyQuestionsToOneConsumerAreUnderWay() {
    online();
    for (int i = 0; i < 16; i++) {
      askForInfo("me");
    }
    assertThat(consumer.answers()).hasSize(16);
    assertThat(tool.answers()).isEmpty();
    askForInfo("me");
    tool.runTasks();

    assertThat(tool.answer().code()).isEqualTo(ResponseCode.SYSTEM_BUSY);
    assertThat(consumer.answers()).isEmpty();
  }

  @Test
  void onlyMembersOfTheGroupThatAreConnectedAreAsked() {
    node.group("G");
    askForInfo("you");
    assertThat(tool.answer().remark()).contains("not online");
    askForInfo("me");
    assertThat(tool.answer().remark()).contains("not connected");

    tool.send(
        RequestCode.GET_CONSUMER_RUNNING_INFO, new RunningInfoRequestHeader("none", "me", false));
    assertThat(tool.answer().code()).isEqualTo(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
  }

  @Test
  void aMessageThatIsntThereIsGivenToNobody() {
    online();
    tool.send(
        RequestCode.CONSUME_MESSAGE_DIRECTLY,
        new ConsumeDirectlyRequestHeader("G", "me", "no id", null, null));
    assertThat(tool.answer().code()).isEqualTo(ResponseCode.INVALID_PARAMETER);

    tool.send(
        RequestCode.CONSUME_MESSAGE_DIRECTLY,
        new ConsumeDirectlyRequestHeader("G", "me", ID, null, null));
    node.groups.expectMessageClass(GetMembers.class).replyTo().tell(new Members(List.of("me")));
    node.resolveNextPart();
    ReadRecord read = node.parts.expectMessageClass(ReadRecord.class);
    assertThat(read.position()).isEqualTo(7);
    read.replyTo().tell(NoRecord.NO_SUCH_RECORD);
    tool.runTasks();

    assertThat(tool.answer().remark()).contains("names no message");
    consumer.runTasks();
    assertThat(consumer.answers()).isEmpty();
  }
}
