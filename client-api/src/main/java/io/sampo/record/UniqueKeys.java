package io.sampo.record;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the ids that producers give to messages (UNIQ_KEY), in the official clients' format, so
 * that tools can read the sending time out of them: upper-case hex of the address (4 or 16 bytes),
 * the low 16 bits of the process id, 4 bytes that tell generators of one process apart, the
 * milliseconds since the start of the month (local time; 4 bytes) and a counter (2 bytes).
 *
 * <p>Thread-safe. Unique as long as one generator makes fewer than 65 536 ids per millisecond and
 * the clock is not set back.
 */
public final class UniqueKeys {
  private final Clock clock;
  private final byte[] prefix;
  private final AtomicInteger counter = new AtomicInteger();
  private volatile Month month;

  /**
   * @param address 4 or 16 bytes that tell machines apart
   * @param processId of which the low 16 bits are used
   * @param instance tells generators of one process apart
   * @param clock with the zone whose months count
   */
  public UniqueKeys(byte[] address, long processId, int instance, Clock clock) {
    if (address.length != 4 && address.length != 16) {
      throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + address.length);
    }
    this.clock = clock;
    this.prefix = new byte[2 * (address.length + 6)];
    int at = 0;
    for (byte b : address) {
      at = MessageIds.putHex(prefix, at, b, 1);
    }
    at = MessageIds.putHex(prefix, at, processId, 2);
    MessageIds.putHex(prefix, at, instance, 4);
    this.month = Month.of(clock.millis(), clock);
  }

  /** The next id; 32 characters (56 for an IPv6 address). */
  public String next() {
    long nowMs = clock.millis();
    Month current = month;
    if (nowMs < current.startMs || nowMs >= current.endMs) {
      current = Month.of(nowMs, clock);
      month = current;
    }
    byte[] chars = Arrays.copyOf(prefix, prefix.length + 12);
    int at = MessageIds.putHex(chars, prefix.length, nowMs - current.startMs, 4);
    MessageIds.putHex(chars, at, counter.getAndIncrement(), 2);
    return new String(chars, StandardCharsets.ISO_8859_1);
  }

  private record Month(long startMs, long endMs) {
    static Month of(long nowMs, Clock clock) {
      ZonedDateTime start =
          Instant.ofEpochMilli(nowMs)
              .atZone(clock.getZone())
              .truncatedTo(ChronoUnit.DAYS)
              .withDayOfMonth(1);
      return new Month(
          start.toInstant().toEpochMilli(), start.plusMonths(1).toInstant().toEpochMilli());
    }
  }
}
