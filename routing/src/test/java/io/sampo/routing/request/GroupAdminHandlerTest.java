package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.sampo.actors.catalog.Catalog.CatalogRefused;
import io.sampo.actors.catalog.CatalogUnreachableException;
import io.sampo.actors.catalog.SubscriptionGroupConfig;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.OffsetKeeping.ForgetOffsets;
import io.sampo.actors.consumer.OffsetKeeping.OffsetsForgotten;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.GroupConfigData;
import io.sampo.wire.body.GroupConfigTable;
import io.sampo.wire.header.DeleteGroupRequestHeader;
import io.sampo.wire.header.GroupHeader;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupAdminHandlerTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final SubscriptionGroupConfig GROUP =
      new SubscriptionGroupConfig("G", false, false, 2, 3, false);
  private static final GroupConfigData DATA =
      new GroupConfigData("G", false, false, 2, 3, false, List.of());

  private final FakeNode node = new FakeNode(KIT);
  private final TestClient client = node.connect();

  @AfterEach
  void nothingLeaks() {
    node.close();
  }

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  private Answer ask(int code, CommandHeader header, byte[] body) {
    client.send(code, header, body);
    client.runTasks();
    return client.answer();
  }

  private Answer put(byte[] body) {
    return ask(RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, CommandHeader.NONE, body);
  }

  @Test
  void aGroupIsCreatedAndShownAsTheToolSaid() {
    assertThat(put(DATA.toJson()).code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(node.catalog.groups).containsEntry("G", GROUP);

    Answer shown = ask(RequestCode.GET_SUBSCRIPTIONGROUP_CONFIG, new GroupHeader("G"), new byte[0]);
    assertThat(GroupConfigData.fromJson(Unpooled.wrappedBuffer(shown.body()))).isEqualTo(DATA);
    Answer all = ask(RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG, CommandHeader.NONE, new byte[0]);
    assertThat(GroupConfigTable.fromJson(Unpooled.wrappedBuffer(all.body())))
        .isEqualTo(new GroupConfigTable(7, List.of(DATA)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"groupName\":\"G\",\"consumeMessageOrderly\":true}",
        "{\"groupName\":\"G\",\"groupSysFlag\":1}",
        "{\"groupName\":\"G\",\"consumeTimeoutMinute\":1}",
        "{\"groupName\":\"G\",\"attributes\":{\"a\":\"b\"}}",
        "{\"groupName\":\"G\",\"subscriptionDataSet\":[{\"topic\":\"T\"}]}",
        "{\"groupName\":\"G\",\"groupRetryPolicy\":{\"type\":\"EXPONENTIAL\"}}",
        "{\"groupName\":\"G\",\"groupRetryPolicy\":"
            + "{\"type\":\"CUSTOMIZED\",\"customizedRetryPolicy\":{\"next\":[1]}}}"
      })
  void settingsThatCanNotBeHonouredAreRefused(String body) {
    assertThat(put(body.getBytes(UTF_8)).code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
    assertThat(node.catalog.asked).isEmpty();
  }

  @Test
  void aBodyThatIsNoGroupIsAnErrorAndTheConnectionLives() {
    assertThat(put("{}".getBytes(UTF_8)).code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    assertThat(put(DATA.toJson()).code()).isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void whatTheCatalogRefusesIsToldWithItsReason() {
    node.catalog.groupReply = new CatalogRefused("too many");

    assertThat(put(DATA.toJson()).code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
  }

  @Test
  void aSilentCatalogIsNoAnswerAboutTheGroup() {
    node.catalog.failure = new CatalogUnreachableException("silent");

    assertThat(put(DATA.toJson()).code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
    assertThat(
            ask(RequestCode.GET_SUBSCRIPTIONGROUP_CONFIG, new GroupHeader("G"), new byte[0]).code())
        .isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
  }

  @Test
  void aGroupIsDeletedWithItsOffsets() {
    node.group("G");
    client.send(
        RequestCode.DELETE_SUBSCRIPTIONGROUP, new DeleteGroupRequestHeader("G", true), new byte[0]);
    node.groups
        .expectMessageClass(ForgetOffsets.class)
        .replyTo()
        .tell(GroupRefused.TOO_MANY_WAITING);
    client.runTasks();
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
    assertThat(node.catalog.groups).containsKey("G");

    client.send(
        RequestCode.DELETE_SUBSCRIPTIONGROUP, new DeleteGroupRequestHeader("G", true), new byte[0]);
    node.groups.expectMessageClass(ForgetOffsets.class).replyTo().tell(OffsetsForgotten.INSTANCE);
    client.runTasks();
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(node.catalog.groups).isEmpty();
    assertThat(delete("G", true).code()).as("again").isEqualTo(ResponseCode.SUCCESS);
  }

  @Test
  void aGroupIsDeletedWithoutItsOffsets() {
    node.catalog.putGroup("G");
    assertThat(delete("G", false).code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(node.catalog.groups).isEmpty();
    assertThat(delete("a b", false).code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
  }

  private Answer delete(String group, boolean cleanOffset) {
    return ask(
        RequestCode.DELETE_SUBSCRIPTIONGROUP,
        new DeleteGroupRequestHeader(group, cleanOffset),
        new byte[0]);
  }

  @Test
  void aMissingGroupIsMissing() {
    for (String name : List.of("U", "a b")) {
      assertThat(
              ask(RequestCode.GET_SUBSCRIPTIONGROUP_CONFIG, new GroupHeader(name), new byte[0])
                  .code())
          .isEqualTo(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
    }
  }
}
