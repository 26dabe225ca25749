package io.sampo.cluster.forming;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a node joins a cluster that is there, begins one, or waits. Pure: told what was
 * heard and the time, it answers.
 *
 * <p>A cluster is begun by one of the seeds only: the lowest of those that it reaches, when they
 * are more than half of all seeds and each of them knows of no lower one. Each seed supports one
 * candidate at a time, so of several halves at most one begins a cluster, whichever nodes come up.
 * Two clusters can only come to be when support changes while it is on its way; even then the logs
 * know one leader.
 *
 * <p>A node whose data is of a founded cluster counts and joins only nodes of the same one. A node
 * without data joins whatever cluster its seeds are members of.
 */
final class SeedRule {
  /** What a node says of itself. */
  record Presence(String clusterId, boolean founded, boolean member, String supports) {}

  /** What to do. */
  sealed interface Decision {}

  /** Join the cluster of this member. */
  record JoinCluster(String address) implements Decision {}

  /** Begin a cluster. */
  enum BeginCluster implements Decision {
    INSTANCE
  }

  /** Nothing yet; the reason is for people. */
  record KeepWaiting(String reason) implements Decision {}

  /** The seeds are members of another cluster than the one that this node has data of. */
  record OtherCluster(String address, String clusterId) implements Decision {}

  private record Heard(Presence presence, long atMs) {}

  private final String self;
  private final List<String> seeds;
  private final long freshMs;
  private final boolean hadData;
  private final Map<String, Heard> heard = new HashMap<>();
  private long startedMs = -1;

  /**
   * @param seeds addresses, at least one
   * @param freshMs for how long what was heard counts
   * @param hadData whether the node was of a founded cluster when it started. One that is founded
   *     while it joins may still remember what others said before
   */
  SeedRule(String self, List<String> seeds, long freshMs, boolean hadData) {
    this.self = self;
    this.seeds = List.copyOf(seeds);
    this.freshMs = freshMs;
    this.hadData = hadData;
  }

  /** A node said this of itself. */
  void heard(String address, Presence presence, long nowMs) {
    heard.put(address, new Heard(presence, nowMs));
  }

  /** The lowest seed that this node knows to be there; empty when none is. */
  String supports(String clusterId, boolean founded, long nowMs) {
    NavigableSet<String> there = reachedSeeds(clusterId, founded, nowMs);
    return there.isEmpty() ? "" : there.first();
  }

  /** What a node that is in no cluster should do. */
  Decision decide(String clusterId, boolean founded, long nowMs) {
    if (startedMs < 0) {
      startedMs = nowMs;
    }
    String stranger = "";
    for (String address : new TreeSet<>(heard.keySet())) {
      Presence presence = fresh(address, nowMs);
      if (presence == null || !presence.member()) {
        continue;
      }
      if (!founded || presence.clusterId().equals(clusterId)) {
        return new JoinCluster(address);
      }
      stranger = address;
    }
    if (!stranger.isEmpty() && !hadData) {
      return new KeepWaiting(stranger + " to know the plan");
    }
    if (!stranger.isEmpty() && nowMs - startedMs > freshMs) {
      Heard other = heard.get(stranger);
      return new OtherCluster(stranger, other == null ? "" : other.presence().clusterId());
    }
    return mayBegin(clusterId, founded, nowMs);
  }

  private Decision mayBegin(String clusterId, boolean founded, long nowMs) {
    NavigableSet<String> there = reachedSeeds(clusterId, founded, nowMs);
    if (2 * there.size() <= seeds.size()) {
      return new KeepWaiting(
          "more than half of the seeds " + seeds + (there.isEmpty() ? "" : "; there are " + there));
    }
    if (!there.first().equals(self)) {
      return new KeepWaiting(there.first() + " to begin the cluster");
    }
    if (seeds.size() > 1 && nowMs - startedMs <= freshMs) {
      return new KeepWaiting("who else is there");
    }
    long supporters =
        there.stream()
            .filter(
                seed -> {
                  Presence presence = fresh(seed, nowMs);
                  return seed.equals(self)
                      || (presence != null && presence.supports().equals(self));
                })
            .count();
    return 2 * supporters > seeds.size()
        ? BeginCluster.INSTANCE
        : new KeepWaiting("more than half of the seeds to agree that this node begins the cluster");
  }

  /** Seeds that are there, in no cluster, and may be in one with this node; sorted. */
  private NavigableSet<String> reachedSeeds(String clusterId, boolean founded, long nowMs) {
    NavigableSet<String> there = new TreeSet<>();
    for (String seed : seeds) {
      if (seed.equals(self)) {
        there.add(seed);
        continue;
      }
      Presence presence = fresh(seed, nowMs);
      if (presence != null && !presence.member() && together(clusterId, founded, presence)) {
        there.add(seed);
      }
    }
    return there;
  }

  private static boolean together(String clusterId, boolean founded, Presence other) {
    boolean bothNew = !founded && !other.founded();
    return bothNew || (!clusterId.isEmpty() && clusterId.equals(other.clusterId()));
  }

  private @Nullable Presence fresh(String address, long nowMs) {
    Heard last = heard.get(address);
    return last == null || nowMs - last.atMs() > freshMs ? null : last.presence();
  }
}
