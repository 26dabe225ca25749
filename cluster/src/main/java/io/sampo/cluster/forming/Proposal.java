package io.sampo.cluster.forming;

import io.sampo.cluster.placement.ClusterPlan;

/** A plan that an attempt asks the nodes in it to accept. */
public record Proposal(Ballot ballot, ClusterPlan plan) {}
