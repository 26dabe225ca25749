package io.sampo.cluster.placement;

import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.ReplicaQuestion.AskStatus;
import io.sampo.cluster.replication.ReplicaStatus;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/** Asks the leader of a log group how far the copy is that another node is to lead with. */
public final class CopyReadiness implements LeaderShardAllocation.Readiness {
  private static final Duration ANSWER_MAX = Duration.ofSeconds(1);

  private final ActorSystem<?> system;
  private final NodePeers peers;

  public CopyReadiness(ActorSystem<?> system, NodePeers peers) {
    this.system = system;
    this.peers = peers;
  }

  /** No answer is a no; it is asked again. */
  @Override
  public CompletionStage<Boolean> isReady(LeaderPlacement.Move move) {
    ActorRef<CommitLog.Command> leader = peers.commitLog(move.from(), move.logGroup());
    if (leader == null) {
      return CompletableFuture.completedStage(false);
    }
    return AskPattern.<CommitLog.Command, ReplicaStatus>ask(
            leader, AskStatus::new, ANSWER_MAX, system.scheduler())
        .handle((status, failure) -> status != null && hasAll(status, move.to()));
  }

  private static boolean hasAll(ReplicaStatus leader, String node) {
    return leader.leads()
        && leader.copies().stream()
            .anyMatch(copy -> copy.replica().node().equals(node) && copy.caughtUp());
  }
}
