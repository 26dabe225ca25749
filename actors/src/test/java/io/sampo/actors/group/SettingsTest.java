package io.sampo.actors.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.sampo.actors.filter.FilterSettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of the module, from its own defaults and with values that make no sense. */
class SettingsTest {
  private static final Config DEFAULTS = ConfigFactory.load();

  @Test
  void defaultsMakeSense() {
    LogGroups.Settings settings = LogGroups.Settings.from(DEFAULTS);
    assertThat(settings.queue())
        .isEqualTo(new QueueSettings(4096, 1024, 16384, Duration.ofMinutes(1)));
    assertThat(settings.consumer().memberTimeout()).isEqualTo(Duration.ofMinutes(2));
    assertThat(settings.consumer().offsetFlushInterval()).isEqualTo(Duration.ofMillis(200));
    assertThat(settings.logGroup().queuesMax())
        .as("room for the queues of all topics")
        .isGreaterThan(settings.catalog().queuesMax());
    assertThat(settings.catalog().askTimeout())
        .as("a client waits three seconds")
        .isLessThan(Duration.ofSeconds(3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sampo.queue.in-flight-max",
        "sampo.queue.parked-pulls-max",
        "sampo.queue.scan-entries-max",
        "sampo.queue.wait-max",
        "sampo.log-group.election-retry-min",
        "sampo.log-group.election-retry-max",
        "sampo.log-group.stash-max",
        "sampo.log-group.queues-max",
        "sampo.log-group.consumer-groups-max",
        "sampo.log-group.hand-over-max",
        "sampo.log-group.successor-wait",
        "sampo.leader-directory.knock-interval",
        "sampo.leader-directory.search-interval",
        "sampo.consumer.member-timeout",
        "sampo.consumer.notify-interval",
        "sampo.consumer.members-max",
        "sampo.consumer.topics-max",
        "sampo.consumer.offset-queues-max",
        "sampo.consumer.offset-flush-interval",
        "sampo.consumer.waiting-max",
        "sampo.consumer.snapshot-every",
        "sampo.transaction.timeout",
        "sampo.transaction.check-interval",
        "sampo.transaction.check-max",
        "sampo.transaction.pending-max",
        "sampo.transaction.waiting-max",
        "sampo.transaction.checks-in-flight-max",
        "sampo.transaction.snapshot-every",
        "sampo.transaction.producers-max",
        "sampo.catalog.topics-max",
        "sampo.catalog.groups-max",
        "sampo.catalog.queues-max",
        "sampo.catalog.snapshot-every",
        "sampo.catalog.ask-timeout",
        "sampo.catalog.asks-max",
        "sampo.filter.expression-length-max",
        "sampo.filter.tags-max"
      })
  void zeroIsRefusedByName(String path) {
    Config wrong = DEFAULTS.withValue(path, ConfigValueFactory.fromAnyRef(0));
    assertThatThrownBy(
            () -> {
              LogGroups.Settings.from(wrong);
              FilterSettings.from(wrong);
            })
        .isInstanceOf(ConfigException.BadValue.class)
        .hasMessageContaining(path);
  }
}
