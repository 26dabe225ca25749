package io.sampo.cluster.protocol;

/**
 * What a replica's core is told once.
 *
 * @param acknowledge whose copies an append waits for
 * @param flush what a copy means
 * @param heartbeatMs how often a leader says that it leads
 * @param fetchTimeoutMs after how long without an answer a fetch is asked again; more than a
 *     heartbeat
 * @param candidacyMs after how long a candidate gives up
 * @param fetchBytesMax the most bytes that one answer to a fetch carries, unless a single frame is
 *     longer
 * @param barriersMax the most reads that may wait for a barrier
 */
public record ReplicaSettings(
    Acknowledge acknowledge,
    Flush flush,
    long heartbeatMs,
    long fetchTimeoutMs,
    long candidacyMs,
    int fetchBytesMax,
    int barriersMax) {
  /** Whose copies an append waits for. */
  public enum Acknowledge {
    /** More than half of the voters. */
    QUORUM,
    /** Every voter. */
    ALL,
    /** The leader alone; its last appends may be lost with it. */
    LEADER
  }

  /** What a copy means. */
  public enum Flush {
    /** It is on the disk. */
    SYNC,
    /** It is written, and may be lost when the power fails. */
    ASYNC
  }

  public ReplicaSettings {
    if (heartbeatMs <= 0 || fetchTimeoutMs <= heartbeatMs || candidacyMs <= heartbeatMs) {
      throw new IllegalArgumentException(
          "expected 0 < heartbeat < timeouts, found %d, %d and %d ms"
              .formatted(heartbeatMs, fetchTimeoutMs, candidacyMs));
    }
    if (fetchBytesMax <= 0 || barriersMax <= 0) {
      throw new IllegalArgumentException(
          "expected limits above 0, found %d bytes and %d barriers"
              .formatted(fetchBytesMax, barriersMax));
    }
  }
}
