package io.sampo.bench.failover;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.bench.failover.SendLog.Acknowledged;
import io.sampo.bench.failover.SendLog.Failed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailoverReportTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void aSilenceIsTheLongestStretchWithinTheEpisodeItsEndsIncluded() {
    long[] nanos = {SECOND, 2 * SECOND, 6 * SECOND, 7 * SECOND};

    assertThat(Silences.longest(nanos, 0, 8 * SECOND)).isEqualTo(4_000);
    assertThat(Silences.longest(nanos, 3 * SECOND, 8 * SECOND)).isEqualTo(3_000);
    assertThat(Silences.longest(nanos, 7 * SECOND, 12 * SECOND)).isEqualTo(5_000);
    assertThat(Silences.longest(new long[0], 0, SECOND)).isEqualTo(1_000);
  }

  @Test
  void aKillWithAShortSilenceIsGood() {
    assertThat(report(Fault.KILL, log(2_000, 0, 0)).isGood()).isTrue();
  }

  @Test
  void aLongSilenceALossOrAFailedSendOfAPlannedStopIsNot() {
    assertThat(report(Fault.KILL, log(3_500, 0, 0)).isGood()).isFalse();
    assertThat(report(Fault.KILL, log(2_000, 0, 1)).isGood()).isFalse();
    assertThat(report(Fault.KILL, log(2_000, 1, 0)).isGood()).isTrue();
    assertThat(report(Fault.STOP, log(200, 1, 0)).isGood()).isFalse();
    assertThat(report(Fault.STOP, log(400, 0, 0)).isGood()).isFalse();
    assertThat(report(Fault.STOP, log(200, 0, 0)).isGood()).isTrue();
  }

  @Test
  void theSectionHasTheSilencesTheSuccessionAndTheReasons() {
    String section = report(Fault.KILL, log(2_000, 1, 0)).section(List.of("a machine"));

    assertThat(section)
        .contains("- a machine")
        .contains("| kill -9 | 1 | 2000 / 2000 / 2000 | ≤ 3000 | yes | 1500 / 1500 / 1500 |")
        .contains("given up, 1 times: timeout");
  }

  @Test
  void whatIsWrittenIsRead(@TempDir Path directory) throws IOException {
    SendLog log = log(2_000, 1, 3);
    Path file = directory.resolve("sends.txt");

    log.write(file);

    assertThat(SendLog.read(file)).isEqualTo(log);
  }

  /** Acknowledged each 10 ms for ten seconds, but for a silence that begins after five. */
  private static SendLog log(long silenceMillis, int failures, int lost) {
    List<Acknowledged> acknowledged = new ArrayList<>();
    List<Long> delivered = new ArrayList<>();
    for (long millis = 0; millis < 10_000; millis += 10) {
      if (millis <= 5_000 || millis >= 5_000 + silenceMillis) {
        acknowledged.add(new Acknowledged(millis * 1_000_000, "broker-0"));
        delivered.add(millis * 1_000_000 + 5);
      }
    }
    List<Failed> failed = new ArrayList<>();
    for (int i = 0; i < failures; i++) {
      failed.add(new Failed(6 * SECOND, "timeout"));
    }
    return new SendLog(acknowledged, failed, delivered, lost, 0);
  }

  private static FailoverReport report(Fault fault, SendLog log) {
    Episode.Times times = new Episode.Times(4 * SECOND, 5_500_000_000L, 9 * SECOND, 9_500_000_000L);
    return new FailoverReport(List.of(new Episode(fault, times)), log);
  }
}
