package io.sampo.cluster.forming;

import java.time.Duration;

/**
 * How a node forms a cluster with others.
 *
 * @param rules the same on all nodes
 * @param pace how often the seeds are told and asked
 */
public record FormingSettings(FoundingRules rules, Duration pace) {}
