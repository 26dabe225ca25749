package io.sampo.cluster.protocol;

/**
 * What a replica keeps on disk beside its log.
 *
 * @param promisedEpoch the highest epoch it gave its word to: it takes part in no lower one
 * @param repairing its log lost something that had been durable. It says so before it cuts the log
 *     at the damage, and from then on neither leads nor votes, since it may have acknowledged what
 *     it no longer has, until it holds all that a leader held when it asked
 */
public record Pledge(long promisedEpoch, boolean repairing) {
  /** Of a replica that was just made. */
  public static final Pledge NONE = new Pledge(0, false);
}
