package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.sampo.cluster.protocol.ReplicaSettings.Acknowledge;
import io.sampo.cluster.replication.CommitLogSettings.BackgroundFlush;
import io.sampo.cluster.replication.CommitLogSettings.BatchLimits;
import io.sampo.cluster.replication.CommitLogSettings.Flush;
import io.sampo.cluster.replication.CommitLogSettings.Segments;
import io.sampo.storage.log.LogSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommitLogSettingsTest {
  @Test
  void theDefaultsAreThoseOfABrokerThatLosesNothing() {
    assertThat(settings(""))
        .isEqualTo(
            new CommitLogSettings(
                Path.of("data"),
                new Segments(1 << 30, 64 << 20),
                Flush.SYNC,
                new BatchLimits(4 << 20, 4096),
                new BackgroundFlush(Duration.ofMillis(500), 16 << 20),
                new ReplicationSettings(
                    Acknowledge.QUORUM,
                    Duration.ofMillis(2500),
                    65_536,
                    Duration.ofMillis(150),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(3),
                    1 << 20,
                    1024,
                    10_000),
                new DeduplicationSettings(
                    true, Duration.ofMinutes(10), 750_000, 65_536, 128 << 20)));
  }

  @Test
  void aShortSegmentIsReservedWhole() {
    assertThat(settings("sampo.log.segment-size = 1 MiB").logSettings("broker-0"))
        .isEqualTo(new LogSettings(Path.of("data", "broker-0", "log"), 1 << 20, 4 << 20, 1 << 20));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sampo.data-dir = \"\"                    | sampo.data-dir          | must name a folder",
        "sampo.log.segment-size = 3 MiB           | sampo.log.segment-size  | power of two",
        "sampo.log.segment-size = 1 KiB           | sampo.log.segment-size  | from 65536",
        "sampo.log.segment-size = 2 GiB           | sampo.log.segment-size  | to 1073741824",
        "sampo.log.segment-size = large           | sampo.log.segment-size  | ",
        "sampo.log.preallocate-step = 100 KiB     | sampo.log.preallocate-step | power of two",
        "sampo.log.flush = sometimes              | sampo.log.flush         | sync or async",
        "sampo.log.flush-interval = 0             | sampo.log.flush-interval | from 1 ms",
        "sampo.log.flush-bytes = 1 b              | sampo.log.flush-bytes   | from 4096",
        "sampo.log.batch-max-bytes = 1 b          | sampo.log.batch-max-bytes | from 4096",
        "sampo.log.batch-max-appends = 0          | sampo.log.batch-max-appends | from 1",
        "sampo.replication.acknowledge = some     | sampo.replication.acknowledge | all or leader",
        "sampo.replication.heartbeat = 1 ms       | sampo.replication.heartbeat | from 10 ms",
        "sampo.replication.fetch-timeout = 150 ms | sampo.replication.fetch-timeout | from 151 ms",
        "sampo.replication.appends-max = 0        | sampo.replication.appends-max | from 1",
        "sampo.replication.fetch-max-bytes = 1 b  | sampo.replication.fetch-max-bytes | from 4096",
        "sampo.deduplication.window = 0           | sampo.deduplication.window | from 1 s",
        "sampo.deduplication.messages = 0         | sampo.deduplication.messages | from 1000",
        "sampo.deduplication.rebuild-max = 0      | sampo.deduplication.rebuild-max | at least"
      })
  void whatMakesNoSenseIsRefusedWithItsPath(String config, String path, String message) {
    assertThatThrownBy(() -> settings(config))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(path)
        .hasMessageContaining(message == null ? "" : message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "../elsewhere", "a/b", ".hidden", "a b"})
  void aLogGroupsNameNeverLeavesTheDataFolder(String name) {
    CommitLogSettings settings = settings("");

    assertThatThrownBy(() -> settings.directoryOf(name))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everySettingIsExplained() {
    Config reference =
        ConfigFactory.parseFile(Path.of("src/main/resources/reference.conf").toFile());

    assertThat(unexplained("sampo", reference.getObject("sampo"))).isEmpty();
  }

  private static List<String> unexplained(String path, ConfigObject object) {
    List<String> found = new ArrayList<>();
    object.forEach(
        (key, value) -> {
          String valuePath = path + "." + key;
          if (value instanceof ConfigObject section) {
            found.addAll(unexplained(valuePath, section));
          } else if (hasNoComment(value)) {
            found.add(valuePath);
          }
        });
    return found;
  }

  private static boolean hasNoComment(ConfigValue value) {
    return value.origin().comments().isEmpty();
  }

  private static CommitLogSettings settings(String config) {
    return CommitLogSettings.of(
        ConfigFactory.parseString(config).withFallback(ConfigFactory.load()).resolve());
  }
}
