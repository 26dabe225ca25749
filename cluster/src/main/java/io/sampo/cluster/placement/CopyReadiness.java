package io.sampo.cluster.placement;

import io.sampo.cluster.placement.LeaderShardAllocation.Readiness.Led;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.ReplicaQuestion.AskHealth;
import io.sampo.cluster.replication.ReplicaQuestion.AskStatus;
import io.sampo.cluster.replication.ReplicaQuestion.ReplicaHealth;
import io.sampo.cluster.replication.ReplicaStatus;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks replicas how far they are, and whether they can be followed. */
public final class CopyReadiness implements LeaderShardAllocation.Readiness {
  private static final Logger LOG = LoggerFactory.getLogger(CopyReadiness.class);
  private static final Duration ANSWER_MAX = Duration.ofSeconds(1);

  /** Those who don't answer so soon are no good as leaders either, and clients wait meanwhile. */
  private static final Duration CANDIDATE_ANSWER_MAX = Duration.ofMillis(250);

  /**
   * How long voters hear nothing of a leader that doesn't answer, before another is to lead. Longer
   * than a flush on a busy disk takes.
   */
  static final Duration LEADER_SILENT_MAX = Duration.ofSeconds(5);

  /** How long a leader waits for copies that don't come, before another is to lead. As long. */
  static final Duration LEADER_STALLED_MAX = LEADER_SILENT_MAX;

  /** Who has less to fetch than this has it in no time. */
  private static final long NEAR_BYTES = 1 << 20;

  private final ActorSystem<?> system;
  private final NodePeers peers;
  private final Successors successors;

  public CopyReadiness(ActorSystem<?> system, NodePeers peers) {
    this.system = system;
    this.peers = peers;
    this.successors = new Successors(system, peers);
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
        .handle((status, failure) -> Optional.ofNullable(status))
        .thenCompose(
            status ->
                status.isPresent() && hasAll(status.get(), move.to())
                    ? successors.canBeFollowed(move.logGroup(), move.to(), status.get())
                    : CompletableFuture.completedStage(false));
  }

  @Override
  public CompletionStage<Set<String>> furthest(String logGroup, Set<String> nodes) {
    return statuses(logGroup, nodes)
        .thenCompose(
            answers -> {
              ReplicaStatus stalled = Successors.stalled(answers.values(), LEADER_STALLED_MAX);
              return stalled == null
                  ? CompletableFuture.completedStage(furthest(nodes, answers))
                  : successors
                      .of(logGroup, stalled, answers)
                      .thenApply(found -> furthestOf(found.isEmpty() ? nodes : found, answers));
            });
  }

  private static Set<String> furthestOf(Set<String> nodes, Map<String, ReplicaStatus> answers) {
    Map<String, ReplicaStatus> ofThem = new HashMap<>(answers);
    ofThem.keySet().retainAll(nodes);
    return furthest(nodes, ofThem);
  }

  /** What those say who answer soon. */
  private CompletionStage<Map<String, ReplicaStatus>> statuses(String logGroup, Set<String> nodes) {
    Map<String, ReplicaStatus> answers = new ConcurrentHashMap<>();
    CompletableFuture<?>[] questions =
        nodes.stream()
            .map(
                node ->
                    status(node, logGroup)
                        .thenAccept(
                            status -> {
                              if (status != null) {
                                answers.put(node, status);
                              }
                            })
                        .toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(questions).thenApply(all -> answers);
  }

  /**
   * A log that says so has failed. One that says nothing may be slow, or its node gone, which
   * others notice; but when a majority of the voters hears no leader either, its disk keeps it. One
   * that waits for copies is as good as failed when others would have them.
   */
  @Override
  public CompletionStage<Set<String>> failed(Map<String, Led> ledOn) {
    Set<String> failed = ConcurrentHashMap.newKeySet();
    CompletableFuture<?>[] questions =
        ledOn.entrySet().stream()
            .map(
                led ->
                    hasFailed(led.getKey(), led.getValue())
                        .thenAccept(
                            has -> {
                              if (has) {
                                failed.add(led.getKey());
                              }
                            })
                        .toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(questions).thenApply(all -> Set.copyOf(failed));
  }

  private CompletionStage<Boolean> hasFailed(String logGroup, Led led) {
    ActorRef<CommitLog.Command> log = peers.commitLog(led.node(), logGroup);
    if (log == null) {
      return CompletableFuture.completedStage(false);
    }
    return AskPattern.<CommitLog.Command, ReplicaHealth>ask(
            log, AskHealth::new, CANDIDATE_ANSWER_MAX, system.scheduler())
        .handle((health, failure) -> Optional.ofNullable(health))
        .thenCompose(
            health -> {
              if (health.isEmpty()) {
                return statuses(logGroup, led.others())
                    .thenApply(answers -> hearNoLeader(answers.values()));
              }
              boolean stalled = health.get().stalledMs() >= LEADER_STALLED_MAX.toMillis();
              return stalled && !health.get().failed()
                  ? isBetterLedElsewhere(logGroup, led)
                  : CompletableFuture.completedStage(health.get().failed());
            });
  }

  private CompletionStage<Boolean> isBetterLedElsewhere(String logGroup, Led led) {
    Set<String> nodes = new HashSet<>(led.others());
    nodes.add(led.node());
    return statuses(logGroup, nodes)
        .thenCompose(
            answers -> {
              ReplicaStatus leader = answers.get(led.node());
              return leader == null
                  ? CompletableFuture.completedStage(Set.<String>of())
                  : successors.of(logGroup, leader, answers);
            })
        .thenApply(
            found -> {
              if (!found.isEmpty()) {
                LOG.warn(
                    "{} is to be led elsewhere: {} has waited for copies for {} s, and {} can be followed",
                    logGroup,
                    led.node(),
                    LEADER_STALLED_MAX.toSeconds(),
                    String.join(", ", found));
              }
              return !found.isEmpty();
            });
  }

  /** Whether a majority of the voters says that nobody has led for a while. */
  static boolean hearNoLeader(Collection<ReplicaStatus> answers) {
    List<ReplicaId> voters =
        answers.stream()
            .max(Comparator.comparingLong(ReplicaStatus::membershipEnd))
            .map(newest -> newest.membership().voters())
            .orElse(List.of());
    long unled =
        answers.stream()
            .filter(status -> voters.contains(status.replica()))
            .filter(status -> status.leaderSilentMs() >= LEADER_SILENT_MAX.toMillis())
            .count();
    return unled * 2 > voters.size();
  }

  private CompletionStage<@Nullable ReplicaStatus> status(String node, String logGroup) {
    ActorRef<CommitLog.Command> log = peers.commitLog(node, logGroup);
    return log == null
        ? CompletableFuture.completedStage(null)
        : AskPattern.<CommitLog.Command, ReplicaStatus>ask(
                log, AskStatus::new, CANDIDATE_ANSWER_MAX, system.scheduler())
            .handle((status, failure) -> status);
  }

  /** Those who have the newest epoch of all that answered, and nearly as much of it as any. */
  static Set<String> furthest(Set<String> nodes, Map<String, ReplicaStatus> answers) {
    ReplicaStatus best =
        answers.values().stream()
            .filter(status -> !status.repairing())
            .max(
                Comparator.comparingLong(ReplicaStatus::lastEpoch)
                    .thenComparingLong(ReplicaStatus::end))
            .orElse(null);
    if (best == null) {
      return nodes;
    }
    return answers.entrySet().stream()
        .filter(answer -> isNear(answer.getValue(), best))
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static boolean isNear(ReplicaStatus status, ReplicaStatus best) {
    return !status.repairing()
        && status.lastEpoch() == best.lastEpoch()
        && best.end() - status.end() <= NEAR_BYTES;
  }

  private static boolean hasAll(ReplicaStatus leader, String node) {
    if (!leader.leads() && !leader.membership().isVoter(leader.replica())) {
      return true; // there is nobody to wait for
    }
    return leader.leads()
        && leader.copies().stream()
            .anyMatch(copy -> copy.replica().node().equals(node) && copy.caughtUp());
  }
}
