package io.sampo.cluster.placement;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.sharding.ShardCoordinator.AbstractShardAllocationStrategy;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.IndexedSeq;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.FutureConverters;

/**
 * Lets Cluster Sharding place log groups as {@link LeaderPlacement} says. Called by the coordinator
 * of sharding, on its thread, on the node where that runs.
 */
public final class LeaderShardAllocation extends AbstractShardAllocationStrategy {
  /**
   * Knows how far copies are, so that nobody waits for a leader that has to catch up first. Called
   * on the coordinator's thread; must not wait.
   */
  public interface Readiness {
    /** Whether who is to follow a leader has a copy that is up to date. */
    CompletionStage<Boolean> isReady(LeaderPlacement.Move move);

    /**
     * Which of these nodes have copies of a log group that nobody leads that are as good as the
     * best of them; all of them when nothing can be said.
     */
    CompletionStage<Set<String>> furthest(String logGroup, Set<String> nodes);

    /**
     * Which of these log groups are on nodes that have lost their logs of them, can't write them
     * any more, or have nobody to copy them, where another node would have.
     */
    CompletionStage<Set<String>> failed(Map<String, Led> ledOn);

    /**
     * Where a log group is.
     *
     * @param others the nodes of its other voters that are there
     */
    record Led(String node, Set<String> others) {}
  }

  private final Cluster cluster;
  private final ActorRef nowhere;
  private final Function<String, List<String>> voters;
  private final Readiness readiness;
  private final long restNanos;

  /** The newest answer to what should be led elsewhere. It comes before the next is looked for. */
  private CompletableFuture<Set<String>> moving = CompletableFuture.completedFuture(Set.of());

  /** Since when those are present who are, as far as this node's coordinator knows. */
  private final Map<ActorRef, Long> presentSince = new HashMap<>();

  /**
   * @param voters the nodes that vote in a log group, the preferred leader first; any thread
   * @param rest how long a node must have been present before anything is moved to it that is led
   */
  public LeaderShardAllocation(
      ActorSystem<?> system,
      Function<String, List<String>> voters,
      Readiness readiness,
      Duration rest) {
    this.cluster = Cluster.get(system.classicSystem());
    this.nowhere = system.classicSystem().deadLetters();
    this.voters = voters;
    this.readiness = readiness;
    this.restNanos = rest.toNanos();
  }

  /**
   * When no node can lead the log group the answer is one that the coordinator doesn't know; it
   * then leaves the log group where it is, nowhere, until it is asked for again, as the knockers
   * do. A failure would have it write an error each time.
   */
  @Override
  public Future<ActorRef> allocateShard(
      ActorRef requester, String logGroup, Map<ActorRef, IndexedSeq<String>> regions) {
    Map<String, ActorRef> present = present(regions.keySet());
    LeaderPlacement.Candidates candidates = candidates(logGroup, present.keySet());
    Map<String, Integer> leads = LeaderPlacement.leads(ledOn(regions));
    if (candidates.ready().size() < 2) {
      return Future.successful(region(LeaderPlacement.choose(candidates, leads), present));
    }
    return FutureConverters.asScala(
        readiness
            .furthest(logGroup, candidates.ready())
            .thenApply(
                furthest ->
                    region(
                        LeaderPlacement.choose(
                            new LeaderPlacement.Candidates(candidates.voters(), furthest), leads),
                        present)));
  }

  private ActorRef region(@Nullable String node, Map<String, ActorRef> present) {
    ActorRef region = node == null ? null : present.get(node);
    return region == null ? nowhere : region;
  }

  @Override
  public Future<Set<String>> rebalance(
      Map<ActorRef, IndexedSeq<String>> regions, Set<String> underway) {
    Map<String, ActorRef> regionOf = present(regions.keySet());
    long nowNanos = System.nanoTime();
    presentSince.keySet().retainAll(regionOf.values());
    regionOf.values().forEach(region -> presentSince.putIfAbsent(region, nowNanos));
    if (!underway.isEmpty() || !moving.isDone()) {
      return Future.successful(Set.of());
    }
    Set<String> present = regionOf.keySet();
    Map<String, String> ledOn = ledOn(regions);
    Map<String, LeaderPlacement.Candidates> candidates = new HashMap<>();
    ledOn.keySet().forEach(logGroup -> candidates.put(logGroup, candidates(logGroup, present)));
    Map<String, Readiness.Led> movable = new HashMap<>();
    ledOn.forEach(
        (logGroup, node) -> {
          LeaderPlacement.Candidates known = candidates.get(logGroup);
          if (known != null && known.ready().size() >= 2 && present.contains(node)) {
            Set<String> others = new HashSet<>(known.ready());
            others.remove(node);
            movable.put(logGroup, new Readiness.Led(node, Set.copyOf(others)));
          }
        });
    List<LeaderPlacement.Move> moves =
        LeaderPlacement.moves(ledOn, candidates).stream()
            .filter(move -> !present.contains(move.from()) || isRested(regionOf.get(move.to())))
            .toList();
    moving =
        readiness
            .failed(movable)
            .thenCompose(
                failed ->
                    failed.isEmpty()
                        ? firstReady(moves.iterator())
                        : CompletableFuture.completedStage(failed))
            .toCompletableFuture();
    return FutureConverters.asScala(moving);
  }

  private boolean isRested(@Nullable ActorRef region) {
    Long since = presentSince.get(region);
    return since != null && System.nanoTime() - since >= restNanos;
  }

  private CompletionStage<Set<String>> firstReady(Iterator<LeaderPlacement.Move> moves) {
    if (!moves.hasNext()) {
      return CompletableFuture.completedStage(Set.of());
    }
    LeaderPlacement.Move move = moves.next();
    return readiness
        .isReady(move)
        .thenCompose(
            ready ->
                ready
                    ? CompletableFuture.completedStage(Set.of(move.logGroup()))
                    : firstReady(moves));
  }

  private LeaderPlacement.Candidates candidates(String logGroup, Set<String> present) {
    List<String> all = voters.apply(logGroup);
    Set<String> ready = new HashSet<>(all);
    ready.retainAll(present);
    return new LeaderPlacement.Candidates(all, ready);
  }

  /** The regions of nodes that are up and reachable, by their names. */
  private Map<String, ActorRef> present(Set<ActorRef> regions) {
    Map<String, ActorRef> present = new HashMap<>();
    for (ActorRef region : regions) {
      Member member = member(region);
      String node = member == null ? null : NodeRole.node(member);
      if (member != null
          && node != null
          && member.status() == MemberStatus.up()
          && !cluster.state().getUnreachable().contains(member)) {
        present.put(node, region);
      }
    }
    return present;
  }

  private Map<String, String> ledOn(Map<ActorRef, IndexedSeq<String>> regions) {
    Map<String, String> ledOn = new HashMap<>();
    regions.forEach(
        (region, logGroups) -> {
          Member member = member(region);
          String node = member == null ? null : NodeRole.node(member);
          if (node != null) {
            CollectionConverters.asJava(logGroups).forEach(group -> ledOn.put(group, node));
          }
        });
    return ledOn;
  }

  private @Nullable Member member(ActorRef region) {
    Address address =
        region.path().address().hasLocalScope() ? cluster.selfAddress() : region.path().address();
    for (Member member : cluster.state().getMembers()) {
      if (member.address().equals(address)) {
        return member;
      }
    }
    return null;
  }
}
