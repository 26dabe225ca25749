package io.sampo.actors.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DelayLevelsTest {
  @Test
  void defaultTableIsThatOfRocketMq() {
    ScheduleSettings settings =
        ScheduleSettings.from(
            ConfigFactory.parseString("sampo.data-dir = data").withFallback(ConfigFactory.load()));
    DelayLevels levels = settings.levels();
    assertThat(levels.delayMs(1)).isEqualTo(1000);
    assertThat(levels.delayMs(3)).isEqualTo(10_000);
    assertThat(levels.delayMs(14)).isEqualTo(600_000);
    assertThat(levels.delayMs(17)).isEqualTo(3_600_000);
    assertThat(levels.delayMs(18)).isEqualTo(7_200_000);
    assertThat(levels.delayMs(19)).as("there are 18").isEqualTo(7_200_000);
    assertThat(settings.delayMax()).isEqualTo(Duration.ofDays(365));
  }

  @Test
  void levelBeyondTheTableIsTheLast() {
    DelayLevels levels = DelayLevels.parse("2s 3M 1h 1d");
    assertThat(levels.delayMs(4)).isEqualTo(86_400_000);
    assertThat(levels.delayMs(5)).isEqualTo(86_400_000);
    assertThat(levels.delayMs(Integer.MAX_VALUE)).isEqualTo(86_400_000);
  }

  @Test
  void refusesWhatIsNoTable() {
    for (String table : new String[] {"", "5", "s", "5s 3x", "-1s", "1.5s", "99999999999999999d"}) {
      assertThatThrownBy(() -> DelayLevels.parse(table))
          .as("\"%s\"", table)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
