package io.sampo.multijvm.official;

/**
 * How a producer starts.
 *
 * @param nameServer host:port
 * @param sendTimeoutMillis what a send may take, all its tries together
 * @param retries how often the client tries again by itself; a send to a queue is never retried
 */
public record ProducerSpec(String nameServer, String group, int sendTimeoutMillis, int retries) {
  /** With the client's own defaults of 3 s and two retries. */
  public static ProducerSpec of(String nameServer, String group) {
    return new ProducerSpec(nameServer, group, 3_000, 2);
  }

  /** A copy that tries once, so that no message of it may be stored twice. */
  public ProducerSpec withoutRetries() {
    return new ProducerSpec(nameServer, group, sendTimeoutMillis, 0);
  }
}
