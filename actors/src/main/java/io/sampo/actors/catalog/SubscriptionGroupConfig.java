package io.sampo.actors.catalog;

/** A consumer group as its users configure it. */
public record SubscriptionGroupConfig(
    String name,
    boolean consumeEnable,
    boolean consumeBroadcastEnable,
    int retryQueues,
    int retryMaxTimes,
    boolean notifyOnChange) {
  /** What a group gets that was never configured. */
  public static SubscriptionGroupConfig withDefaults(String name) {
    return new SubscriptionGroupConfig(name, true, true, 1, 16, true);
  }
}
