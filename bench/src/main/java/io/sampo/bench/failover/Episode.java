package io.sampo.bench.failover;

/** A fault and what came of it. */
public record Episode(Fault fault, Times times) {
  /**
   * When things happened, by {@link System#nanoTime}, which all processes of a machine share.
   *
   * @param began the fault was made
   * @param led another node led the log group
   * @param mended the cause of the fault was taken away
   * @param ended the node led it again, and sends to all log groups were acknowledged
   */
  public record Times(long began, long led, long mended, long ended) {}
}
