package io.sampo.bench.load;

import java.time.Duration;
import java.util.Properties;

/**
 * How long and how much.
 *
 * @param warmUp what runs unmeasured first; both sides' compilers need it
 * @param measured the measured stretch of loads that are bounded by time
 * @param backlog how many messages a drain finds
 * @param fill how many messages are sent before resident memory is read
 * @param pacedRate messages a second of the workload "paced"
 */
public record LoadAmount(Duration warmUp, Duration measured, int backlog, int fill, int pacedRate) {

  void addTo(Properties properties) {
    properties.setProperty("warmUpMs", String.valueOf(warmUp.toMillis()));
    properties.setProperty("measuredMs", String.valueOf(measured.toMillis()));
    properties.setProperty("backlog", String.valueOf(backlog));
    properties.setProperty("fill", String.valueOf(fill));
    properties.setProperty("pacedRate", String.valueOf(pacedRate));
  }

  static LoadAmount from(Properties properties) {
    return new LoadAmount(
        Duration.ofMillis(number(properties, "warmUpMs")),
        Duration.ofMillis(number(properties, "measuredMs")),
        number(properties, "backlog"),
        number(properties, "fill"),
        number(properties, "pacedRate"));
  }

  private static int number(Properties properties, String name) {
    return Integer.parseInt(properties.getProperty(name));
  }
}
