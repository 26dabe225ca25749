package io.sampo.bench.load;

/**
 * What a client of a load consumes, from the oldest message on.
 *
 * @param group the consumer group
 * @param topic the only one
 * @param tagExpression "*" for all
 * @param style how
 */
public record Subscription(String group, String topic, String tagExpression, Style style) {
  /** How messages reach the application. */
  public enum Style {
    /** Pulled, each by itself. */
    CONCURRENT,
    /** Pulled, one queue after the other, under the queue's lock. */
    ORDERLY,
    /** Popped, and acknowledged one by one. */
    POP
  }

  static Subscription of(String group, String topic) {
    return new Subscription(group, topic, "*", Style.CONCURRENT);
  }
}
