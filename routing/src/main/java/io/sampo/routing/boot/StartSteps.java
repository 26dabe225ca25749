package io.sampo.routing.boot;

import io.sampo.actors.group.LogGroups;
import io.sampo.cluster.placement.CharterBook;
import io.sampo.cluster.placement.ClusterPlan;
import io.sampo.cluster.placement.NodeDirectory;
import io.sampo.cluster.placement.ReplicaBoard;
import java.util.concurrent.CompletableFuture;

/**
 * What the start of a node waits for, one after the other. The guardian completes them, each with a
 * {@link StartFailedException} if it comes to that.
 *
 * @param formed the node is a member of its cluster and knows the cluster's founding document
 * @param serving clients may be let in
 */
record StartSteps(CompletableFuture<ClusterPlan> formed, CompletableFuture<Serving> serving) {
  /** What clients are served with. */
  record Serving(LogGroups logGroups, NodeDirectory nodes, ReplicaBoard board, CharterBook book) {}

  StartSteps() {
    this(new CompletableFuture<>(), new CompletableFuture<>());
  }

  /** Ends the start, if it still goes on. */
  boolean fail(String reason) {
    StartFailedException failure = new StartFailedException(reason);
    boolean before = formed.completeExceptionally(failure);
    return serving.completeExceptionally(failure) || before;
  }

  boolean hasFailed() {
    return serving.isCompletedExceptionally();
  }
}
