package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.catalog.Catalog.CatalogRefused;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.group.Queue;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sends to topics that are unknown, not allowed, or made by the send. */
class SendTopicsTest extends SendHarness {
  @Test
  void aTopicWithoutWritePermissionRefuses() {
    node.catalog.put(TopicConfig.of("R", 4, TopicConfig.PERM_READ));

    assertThat(refusal(new SampleSend().topic("R").header(), BODY).code())
        .isEqualTo(ResponseCode.NO_PERMISSION);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bad name", "a/b", "ä", "$", " "})
  void anIllegalTopicNameIsIllegal(String name) {
    Answer answer = refusal(new SampleSend().topic(name).header(), BODY);

    assertThat(answer.code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    assertThat(node.catalog.asked).isEmpty();
  }

  @Test
  void anUnknownTopicIsMadeAfterItsTemplate() {
    node.catalog.put(TopicConfig.of("TBW102", 8, 7));
    SampleSend send = new SampleSend().topic("New").queue(0);
    send.defaultQueues = 6;
    client.send(RequestCode.SEND_MESSAGE_V2, send.header(), BODY);
    node.resolveNextQueue();
    store(appended(), 0, 0);

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(node.catalog.topics.get("New")).isEqualTo(TopicConfig.of("New", 6, 6));
  }

  @Test
  void theNumberOfQueuesIsTheBrokersWhereTheClientHasNoWish() {
    node.catalog.put(TopicConfig.of("TBW102", 8, 7));
    for (int[] wish : new int[][] {{4, 3}, {0, 3}, {-1, 3}, {1, 1}, {8, 8}, {9, 8}}) {
      SampleSend send = new SampleSend().topic("N" + wish[0] + "_").queue(0);
      send.topic = send.topic.replace("-", "m");
      send.defaultQueues = wish[0];
      client.send(RequestCode.SEND_MESSAGE_V2, send.header(), BODY);
      node.resolveNextQueue();
      store(appended(), 0, 0);
      client.answer();

      assertThat(node.catalog.topics.get(send.topic))
          .as("asked for %d", wish[0])
          .isEqualTo(TopicConfig.of(send.topic, wish[1], 6));
    }
  }

  @Test
  void withoutATemplateAnUnknownTopicDoesNotExist() {
    node.catalog.put(TopicConfig.of("Private", 8, 6));
    SampleSend send = new SampleSend().topic("New");
    send.defaultTopic = "Private";

    assertThat(refusal(send.header(), BODY).code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
    assertThat(node.catalog.asked).containsExactly("look up New");
  }

  @Test
  void withAutoCreateOffAnUnknownTopicDoesNotExist() {
    node = new FakeNode(kit, FakeNode.settings(false));
    client = node.connect();
    node.catalog.put(TopicConfig.of("TBW102", 8, 7));

    Answer answer = refusal(new SampleSend().topic("New").header(), BODY);

    assertThat(answer.code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
    assertThat(answer.remark()).contains("sampo.topic.auto-create is off");
  }

  @Test
  void whatTheCatalogRefusesIsIllegalAndASilentCatalogMeansTryAgain() {
    node.catalog.put(TopicConfig.of("TBW102", 8, 7));
    node.catalog.topicReply = new CatalogRefused("there are too many topics");
    Answer refused = refusal(new SampleSend().topic("New").header(), BODY);
    assertThat(refused.code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    assertThat(refused.remark()).isEqualTo("there are too many topics");

    node.catalog.failure = new IllegalStateException("nobody there");
    assertThat(refusal(new SampleSend().topic("New").header(), BODY).code())
        .isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
  }

  @Test
  void messagesKeepTheirOrderWhileTheirTopicIsMade() {
    node.catalog.put(TopicConfig.of("TBW102", 8, 7));
    node.catalog.slow = true;
    for (int i = 0; i < 5; i++) {
      client.send(
          RequestCode.SEND_MESSAGE_V2,
          new SampleSend().topic("New").queue(0).header(),
          Integer.toString(i).getBytes(UTF_8));
    }
    assertThat(node.catalog.asked).containsExactly("ensure New");
    // The copy knows the topic before the answer is there: nobody may overtake those who wait.
    node.catalog.put(TopicConfig.of("New", 4, 6));
    client.send(
        RequestCode.SEND_MESSAGE_V2,
        new SampleSend().topic("New").queue(0).header(),
        "5".getBytes(UTF_8));

    node.catalog.answerAll();
    client.send(
        RequestCode.SEND_MESSAGE_V2,
        new SampleSend().topic("New").queue(0).header(),
        "6".getBytes(UTF_8));
    node.resolveNextQueue();

    for (int i = 0; i <= 6; i++) {
      Queue.Append append = appended();
      assertThat(UTF_8.decode(append.messages().get(0).body().duplicate()).toString())
          .isEqualTo(Integer.toString(i));
      store(append, i, i);
    }
    assertThat(client.answers()).hasSize(7);
  }

  @Test
  void aSendWhoseTopicComesTooLateIsNotStored() {
    node.catalog.put(TopicConfig.of("TBW102", 8, 7));
    node.catalog.slow = true;
    client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().topic("New").header(), BODY);
    client.timePasses(12);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);

    node.catalog.answerAll();

    node.queues.expectNoMessage();
    node.resolver.expectNoMessage();
  }

  @Test
  void tooManySendsWaitingForTheCatalogAreToldToTryAgain() {
    node.catalog.put(TopicConfig.of("TBW102", 8, 7));
    node.catalog.slow = true;
    for (int i = 0; i < 17; i++) {
      client.send(RequestCode.SEND_MESSAGE_V2, new SampleSend().topic("N" + i).header(), BODY);
    }

    assertThat(client.answer().code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
    node.catalog.failure = new IllegalStateException("the test is over");
    node.catalog.answerAll();
    assertThat(client.answers()).hasSize(16);
  }
}
