package io.sampo.cluster.placement;

import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.ReplicaQuestion.AskReach;
import io.sampo.cluster.replication.ReplicaQuestion.ReplicaReach;
import io.sampo.cluster.replication.ReplicaStatus;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.jspecify.annotations.Nullable;

/**
 * Who could lead a log group whose leader is there and gets no copies, since its replication port
 * can't be reached: replicas that have all that is committed and that a majority of the voters
 * could follow, which these find out by knocking. When nobody could, nothing would be gained, and
 * the leader stays where it is.
 */
final class Successors {
  /** Longer than a knock takes that nobody answers. */
  private static final Duration REACH_MAX = Duration.ofSeconds(1);

  private final ActorSystem<?> system;
  private final NodePeers peers;

  Successors(ActorSystem<?> system, NodePeers peers) {
    this.system = system;
    this.peers = peers;
  }

  /** The newest leader, if it has waited for copies for so long; null when none has. */
  static @Nullable ReplicaStatus stalled(Collection<ReplicaStatus> answers, Duration max) {
    return answers.stream()
        .max(
            Comparator.comparingLong(ReplicaStatus::epoch)
                .thenComparingLong(ReplicaStatus::stalledMs))
        .filter(newest -> newest.stalledMs() >= max.toMillis())
        .orElse(null);
  }

  /** Those that have what it takes but for who could follow them. */
  static List<ReplicaStatus> candidates(ReplicaStatus leader, Collection<ReplicaStatus> answers) {
    return answers.stream()
        .filter(status -> !status.replica().equals(leader.replica()))
        .filter(status -> leader.membership().isVoter(status.replica()))
        .filter(status -> !status.repairing() && status.end() >= leader.commit())
        .toList();
  }

  /** The nodes that could lead instead of a leader that has no copies. */
  CompletionStage<Set<String>> of(
      String logGroup, ReplicaStatus leader, Map<String, ReplicaStatus> answers) {
    Set<String> found = ConcurrentHashMap.newKeySet();
    CompletableFuture<?>[] questions =
        candidates(leader, answers.values()).stream()
            .map(
                candidate ->
                    canBeFollowed(logGroup, candidate.replica().node(), leader)
                        .thenAccept(
                            can -> {
                              if (can) {
                                found.add(candidate.replica().node());
                              }
                            }))
            .toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(questions).thenApply(all -> Set.copyOf(found));
  }

  /**
   * Whether a majority of the voters could follow a node, itself counted.
   *
   * @param knows who votes
   */
  CompletableFuture<Boolean> canBeFollowed(String logGroup, String node, ReplicaStatus knows) {
    List<String> others =
        knows.membership().voters().stream()
            .map(ReplicaId::node)
            .filter(voter -> !voter.equals(node))
            .toList();
    int needed = knows.membership().majority() - 1;
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    if (needed <= 0) {
      answer.complete(true);
    }
    AtomicInteger reached = new AtomicInteger();
    CompletableFuture<?>[] questions =
        others.stream()
            .map(
                other ->
                    reaches(other, node, logGroup)
                        .thenAccept(
                            does -> {
                              if (does && reached.incrementAndGet() >= needed) {
                                answer.complete(true);
                              }
                            })
                        .toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(questions).thenRun(() -> answer.complete(false));
    return answer;
  }

  /** No answer is a no. */
  private CompletionStage<Boolean> reaches(String from, String node, String logGroup) {
    ActorRef<CommitLog.Command> log = peers.commitLog(from, logGroup);
    return log == null
        ? CompletableFuture.completedStage(false)
        : AskPattern.<CommitLog.Command, ReplicaReach>ask(
                log, replyTo -> new AskReach(node, replyTo), REACH_MAX, system.scheduler())
            .handle((reach, failure) -> reach != null && reach.reached());
  }
}
