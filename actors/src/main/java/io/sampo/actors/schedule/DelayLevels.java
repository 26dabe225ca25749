package io.sampo.actors.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The table of delay levels that producers of all versions know by number: level 1 is the first.
 * Written as RocketMQ's messageDelayLevel, whole numbers with s, m, h or d. Immutable.
 */
public final class DelayLevels {
  private final List<Long> delaysMs;

  private DelayLevels(List<Long> delaysMs) {
    this.delaysMs = List.copyOf(delaysMs);
  }

  /**
   * Reads a table.
   *
   * @param table like {@code 1s 5s 10s}, with at least one level
   * @throws IllegalArgumentException with the text that is wrong
   */
  public static DelayLevels parse(String table) {
    List<Long> delays = new ArrayList<>();
    for (String level : table.trim().split("\\s+", -1)) {
      delays.add(delayMs(level.toLowerCase(Locale.ROOT)));
    }
    return new DelayLevels(delays);
  }

  private static long delayMs(String level) {
    int last = level.length() - 1;
    long unitMs =
        switch (last < 1 ? ' ' : level.charAt(last)) {
          case 's' -> 1000L;
          case 'm' -> 60_000L;
          case 'h' -> 3_600_000L;
          case 'd' -> 86_400_000L;
          default -> throw notALevel(level);
        };
    try {
      long count = Long.parseLong(level.substring(0, last));
      if (count < 0) {
        throw notALevel(level);
      }
      return Math.multiplyExact(count, unitMs);
    } catch (NumberFormatException | ArithmeticException e) {
      throw notALevel(level);
    }
  }

  private static IllegalArgumentException notALevel(String level) {
    return new IllegalArgumentException(
        "\"" + level + "\" is no delay level, which is a whole number with s, m, h or d");
  }

  /**
   * The delay of a level in milliseconds.
   *
   * @param level at least 1; beyond the table it stands for the last one, as RocketMQ has it
   */
  public long delayMs(int level) {
    return delaysMs.get(Math.min(level, delaysMs.size()) - 1);
  }

  /** The longest of them, in milliseconds. */
  long longestMs() {
    return delaysMs.stream().mapToLong(Long::longValue).max().orElse(0);
  }
}
