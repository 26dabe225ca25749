package io.sampo.multijvm.official;

/**
 * How a producer starts.
 *
 * @param nameServer host:port
 * @param sendTimeoutMillis what a send may take, all its tries together
 */
public record ProducerSpec(String nameServer, String group, int sendTimeoutMillis) {
  /** With the client's own default of 3 s. */
  public static ProducerSpec of(String nameServer, String group) {
    return new ProducerSpec(nameServer, group, 3_000);
  }
}
