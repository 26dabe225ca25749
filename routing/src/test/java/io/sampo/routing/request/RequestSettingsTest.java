package io.sampo.routing.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestSettingsTest {
  private static Config with(String setting) {
    return ConfigFactory.parseString(setting).withFallback(ConfigFactory.load()).resolve();
  }

  @Test
  void theDefaultsAreAllowed() {
    RequestSettings settings = RequestSettings.from(ConfigFactory.load());

    assertThat(settings.send().bodyBytesMax()).isEqualTo(4 * 1024 * 1024);
    assertThat(settings.send().autoCreate()).isTrue();
    assertThat(settings.send().defaultQueues()).isEqualTo(4);
    assertThat(settings.net().limits().frameBytes()).isEqualTo(16 * 1024 * 1024);
    assertThat(settings.net().idleTimeout()).hasSeconds(120);
    assertThat(settings.net().eventLoops()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sampo.net.event-loops = -1",
        "sampo.net.backlog = 0",
        "sampo.net.connections-max = 0",
        "sampo.net.frame-max = 1 KiB",
        "sampo.net.requests-max = 0",
        "sampo.net.waits-max = 0",
        "sampo.net.held-max = 1 KiB",
        "sampo.net.pending-write-high = 0",
        "sampo.net.pending-write-max = 1 MiB",
        "sampo.net.pending-memory-max = 16 MiB",
        "sampo.net.pending-memory-total = 23 MiB",
        "sampo.net.idle-timeout = 10 ms",
        "sampo.net.answer-timeout = 0 s",
        "sampo.net.frame-max = many",
        "sampo.message.max-size = 10",
        "sampo.message.max-size = 16 MiB",
        "sampo.message.batch-max = 0",
        "sampo.topic.auto-create = perhaps",
        "sampo.topic.default-queues = 0",
        "sampo.topic.default-queues = 1025",
        "sampo.pull.messages-max = 0",
        "sampo.pull.bytes-max = 0",
        "sampo.pull.bytes-max = 9 MiB",
        "sampo.pull.wait-max = -1 s",
        "sampo.offset.first-message-age-max = -1 s",
        "sampo.leader-cache.resolve-timeout = 0 s",
        "sampo.leader-cache.waiting-max = 0"
      })
  void whatIsNotAllowedIsNamed(String setting) {
    String name = setting.substring(0, setting.indexOf(' '));

    assertThatThrownBy(() -> RequestSettings.from(with(setting)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(name);
  }
}
