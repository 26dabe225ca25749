package io.sampo.cluster.replication;

import java.time.InstantSource;

/**
 * What a {@link CommitLog} needs to know of where it runs.
 *
 * @param plan which replica it is
 * @param peers how the others are reached
 * @param clock gives messages their store time
 */
record Surroundings(
    CommitLogSettings settings, ReplicaPlan plan, ReplicaPeers peers, InstantSource clock) {}
