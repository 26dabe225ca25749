package io.sampo.routing.request;

import io.sampo.actors.schedule.DueClock;
import io.sampo.actors.schedule.ScheduleSettings;
import io.sampo.record.MessageProperties;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * When a message is to be delivered whose properties ask for a delay. The order of precedence is
 * that of RocketMQ's HookUtils: a level, a delay in seconds, one in milliseconds, a point in time.
 * Any thread.
 */
final class DeliveryTimes {
  private static final String DELAY = "DELAY";
  private static final String TIMER_DELAY_SEC = "TIMER_DELAY_SEC";
  private static final String TIMER_DELAY_MS = "TIMER_DELAY_MS";
  private static final String TIMER_DELIVER_MS = "TIMER_DELIVER_MS";
  private static final String TIMER_DEL_UNIQKEY = "TIMER_DEL_UNIQKEY";

  private final ScheduleSettings settings;
  private final DueClock clock;

  DeliveryTimes(ScheduleSettings settings, DueClock clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * When and with what a message is delivered.
   *
   * @param dueMs milliseconds since the epoch, {@code Long.MIN_VALUE} for now
   * @param properties as consumers get them: without the level, because a consumer that sends the
   *     message again would delay it again; with the other delays, as RocketMQ has it
   * @param uniqueKey of a message that can be recalled, null of one that can't
   */
  record Delivery(long dueMs, byte[] properties, @Nullable String uniqueKey) {
    boolean isNow() {
      return dueMs == Long.MIN_VALUE;
    }
  }

  /**
   * What encoded properties ask for.
   *
   * @throws IllegalArgumentException when it can't be had; the message is for the client
   */
  Delivery of(byte[] encoded) {
    Map<String, String> properties = MessageProperties.parse(encoded);
    if (properties.containsKey(TIMER_DEL_UNIQKEY)) {
      throw new IllegalArgumentException(
          "a message is cancelled by recalling it, not by " + TIMER_DEL_UNIQKEY);
    }
    long nowMs = clock.nowMs();
    long level = number(properties, DELAY);
    if (level > 0) {
      properties.keySet().removeIf(name -> !name.equals(DELAY) && !name.startsWith("TIMER_DEL"));
      byte[] kept = MessageProperties.without(encoded, properties.keySet());
      long delayMs = settings.levels().delayMs((int) Math.min(level, Integer.MAX_VALUE));
      return new Delivery(nowMs + delayMs, kept, null);
    }
    long dueMs = dueMs(properties, nowMs);
    if (dueMs <= nowMs) {
      return new Delivery(Long.MIN_VALUE, encoded, null);
    }
    long delayMaxMs = settings.delayMax().toMillis();
    if (dueMs - nowMs > delayMaxMs) {
      throw new IllegalArgumentException(
          "the delay is "
              + (dueMs - nowMs)
              + " ms, at most "
              + delayMaxMs
              + " are allowed (sampo.schedule.delay-max)");
    }
    return new Delivery(dueMs, encoded, properties.get(MessageProperties.UNIQUE_KEY));
  }

  /** When a message is due that waits as long as a level says, counted from now. */
  long atLevel(int level) {
    return clock.nowMs() + settings.levels().delayMs(level);
  }

  private static long dueMs(Map<String, String> properties, long nowMs) {
    if (properties.containsKey(TIMER_DELAY_SEC)) {
      return plus(nowMs, saturatedMs(number(properties, TIMER_DELAY_SEC)));
    }
    if (properties.containsKey(TIMER_DELAY_MS)) {
      return plus(nowMs, number(properties, TIMER_DELAY_MS));
    }
    return number(properties, TIMER_DELIVER_MS);
  }

  /** A sum that stays at the limit instead of turning negative; beyond it everything is refused. */
  private static long plus(long nowMs, long delayMs) {
    return delayMs > Long.MAX_VALUE - nowMs ? Long.MAX_VALUE : nowMs + delayMs;
  }

  private static long saturatedMs(long seconds) {
    return seconds > Long.MAX_VALUE / 1000
        ? Long.MAX_VALUE
        : Math.max(seconds, Long.MIN_VALUE / 1000) * 1000;
  }

  private static long number(Map<String, String> properties, String name) {
    String value = properties.get(name);
    if (value == null) {
      return 0;
    }
    try {
      return Long.parseLong(value.trim());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the property " + name + " is no whole number: \"" + value + "\"");
    }
  }
}
