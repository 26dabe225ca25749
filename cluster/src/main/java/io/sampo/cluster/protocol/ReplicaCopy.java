package io.sampo.cluster.protocol;

/**
 * What a leader knows of another replica's copy.
 *
 * @param held up to where it is known to have the log
 * @param caughtUp it holds all that is committed, so it may become a voter
 */
public record ReplicaCopy(ReplicaId replica, long held, boolean caughtUp) {}
