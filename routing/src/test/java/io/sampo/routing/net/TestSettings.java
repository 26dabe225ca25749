package io.sampo.routing.net;

import java.time.Duration;

/** Settings with limits that tests can reach. */
public final class TestSettings {
  private TestSettings() {}

  /** Limits that only tests about limits get near. */
  public static NetSettings.Limits limits() {
    return new NetSettings.Limits(1 << 20, 1000, 1000, 1 << 20, 1 << 16, 1 << 20, 1 << 20, 1 << 22);
  }

  public static NetSettings with(NetSettings.Limits limits) {
    return new NetSettings(1, 128, 1000, limits, Duration.ofSeconds(120), Duration.ofSeconds(10));
  }

  public static NetSettings roomy() {
    return with(limits());
  }
}
