package io.sampo.multijvm.official;

import java.util.HashMap;
import java.util.Map;

/**
 * How a producer starts.
 *
 * @param nameServer host:port
 * @param sendTimeoutMillis what a send may take, all its tries together
 * @param retries how often the client tries again by itself; a send to a queue is never retried
 * @param traced what is sent is written to the trace topic as well
 * @param settings more of the client's own, by the names of its setters: {@code namespace}
 */
public record ProducerSpec(
    String nameServer,
    String group,
    int sendTimeoutMillis,
    int retries,
    boolean traced,
    Map<String, String> settings) {
  /** With the client's own defaults of 3 s and two retries. */
  public static ProducerSpec of(String nameServer, String group) {
    return new ProducerSpec(nameServer, group, 3_000, 2, false, Map.of());
  }

  /** A copy that tries once, so that no message of it may be stored twice. */
  public ProducerSpec withoutRetries() {
    return new ProducerSpec(nameServer, group, sendTimeoutMillis, 0, traced, settings);
  }

  /** A copy with one of the client's own settings, such as {@code namespace}. */
  public ProducerSpec with(String setting, String value) {
    Map<String, String> changed = new HashMap<>(settings);
    changed.put(setting, value);
    return new ProducerSpec(nameServer, group, sendTimeoutMillis, retries, traced, changed);
  }

  /** A copy that writes a trace of what it sends. */
  public ProducerSpec withTrace() {
    return new ProducerSpec(nameServer, group, sendTimeoutMillis, retries, true, settings);
  }
}
