package io.sampo.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class UniqueKeysTest {
  @Test
  void keysOfOneMillisecondDiffer() {
    Clock still = Clock.fixed(Instant.parse("2026-11-21T10:00:00Z"), ZoneOffset.UTC);
    UniqueKeys keys = new UniqueKeys(new byte[] {1, 2, 3, 4}, 0x1abcd, 0xcafe, still);
    Set<String> made = new HashSet<>();
    for (int i = 0; i < 65_536; i++) {
      made.add(keys.next());
    }

    assertThat(made).hasSize(65_536);
    assertThat(keys.next()).hasSize(32).startsWith("01020304ABCD0000CAFE");
    assertThat(new UniqueKeys(new byte[16], 1, 1, still).next()).hasSize(56);
  }

  @Test
  void theTimeStartsAgainWithTheMonth() {
    AtomicLong nowMs = new AtomicLong(Instant.parse("2026-11-30T23:59:59.999Z").toEpochMilli());
    Clock clock = new SettableClock(nowMs);
    UniqueKeys keys = new UniqueKeys(new byte[4], 0, 0, clock);
    String november = keys.next().substring(20, 28);
    nowMs.incrementAndGet();
    String december = keys.next().substring(20, 28);

    assertThat(Long.parseLong(november, 16)).isEqualTo(30L * 24 * 3600 * 1000 - 1);
    assertThat(december).isEqualTo("00000000");
  }

  private static final class SettableClock extends Clock {
    private final AtomicLong nowMs;

    SettableClock(AtomicLong nowMs) {
      this.nowMs = nowMs;
    }

    @Override
    public java.time.ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(java.time.ZoneId zone) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Instant instant() {
      return Instant.ofEpochMilli(nowMs.get());
    }
  }
}
