package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import java.io.IOException;
import java.io.StringReader;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What tools are shown of a node's settings. */
class BrokerSettingsTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  private static Properties read(String text) throws IOException {
    Properties properties = new Properties();
    properties.load(new StringReader(text));
    return properties;
  }

  @Test
  void settingsAreShownAsPropertiesThatReadBack() throws IOException {
    FakeNode node = new FakeNode(KIT);
    TestClient tool = node.connect();
    tool.send(RequestCode.GET_BROKER_CONFIG, CommandHeader.NONE);
    Answer answer = tool.answer();
    node.close();

    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(read(answer.text()))
        .containsEntry("sampo.node.host", "a=b")
        .containsEntry("sampo.list", "1,2")
        .containsEntry("brokerName", FakeNode.LOG_GROUP)
        .containsKeys("brokerClusterName", "brokerIP1", "listenPort");
    assertThat(answer.text()).doesNotContain("#");
  }

  @Test
  void everySettingIsShown() throws IOException {
    String text =
        new String(
            ShownSettings.from(ConfigFactory.load()).toProperties(new TreeMap<>(Map.of())), UTF_8);

    assertThat(read(text))
        .containsEntry("sampo.deduplication.window", "10 minutes")
        .containsEntry("sampo.log.flush", "sync")
        .containsKey("sampo.schedule.delay-levels");
  }
}
