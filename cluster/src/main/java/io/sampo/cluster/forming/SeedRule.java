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
 * <p>A cluster is begun by one of the seeds only: the lowest of those that it reaches, when more
 * than half of all seeds support it. With all seeds behind it it begins at once, else once it has
 * listened for a while. Each seed supports the lowest that it reaches, and says so when it is asked
 * by a node. Such a word counts from when it was asked for, and only for a moment; who gave it
 * supports no other for much longer than that, unless the one it was given to supports another
 * itself. So of all nodes at most one begins a cluster at a time, whichever of them come up and
 * however late they hear of each other, and there is time to hear of what was begun.
 *
 * <p>A node whose data is of a founded cluster counts and joins only nodes of the same one. A node
 * without data joins whatever cluster its seeds are members of.
 */
final class SeedRule {
  /** What a node says of itself. */
  record Presence(String clusterId, boolean founded, boolean member) {}

  /**
   * How long words count.
   *
   * @param freshMs what was heard, and another's support
   * @param boundMs for the one that gave its support; much longer
   */
  record Times(long freshMs, long boundMs) {}

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

  /** What a node said when it was asked whom it supports. */
  private record Word(String supports, long askedMs) {}

  private final String self;
  private final List<String> seeds;
  private final long freshMs;
  private final boolean hadData;
  private final long boundMs;
  private final Map<String, Heard> heard = new HashMap<>();
  private final Map<String, Word> words = new HashMap<>();
  private long startedMs = -1;

  /** Whom this node supported last, and when it said so or acted on it. */
  private String supported = "";

  private long supportedMs;
  private boolean begun;

  /**
   * @param seeds addresses, at least one
   * @param times how long words count
   * @param hadData whether the node was of a founded cluster when it started. One that is founded
   *     while it joins may still remember what others said before
   */
  SeedRule(String self, List<String> seeds, Times times, boolean hadData) {
    this.self = self;
    this.seeds = List.copyOf(seeds);
    this.freshMs = times.freshMs();
    this.boundMs = times.boundMs();
    this.hadData = hadData;
  }

  /** A node said this of itself. */
  void heard(String address, Presence presence, long nowMs) {
    heard.put(address, new Heard(presence, nowMs));
  }

  /**
   * A node answered whom it supports.
   *
   * @param askedMs when this node asked
   */
  void answered(String address, String supports, long askedMs) {
    words.merge(
        address,
        new Word(supports, askedMs),
        (one, other) -> one.askedMs() > other.askedMs() ? one : other);
  }

  /** What to say to a node that asks whom this one supports; empty when nobody. */
  String supports(String clusterId, boolean founded, long nowMs) {
    NavigableSet<String> there = reachedSeeds(clusterId, founded, nowMs);
    String lowest = there.isEmpty() ? "" : there.first();
    if (!lowest.equals(supported) && isBound(nowMs)) {
      return "";
    }
    supported = lowest;
    supportedMs = nowMs;
    return lowest;
  }

  /** Whether the one that was supported last may begin a cluster because of it, or has begun it. */
  private boolean isBound(long nowMs) {
    if (supported.isEmpty() || nowMs - supportedMs > boundMs) {
      return false;
    }
    if (supported.equals(self)) {
      return begun;
    }
    Word own = words.get(supported);
    boolean supportsAnother =
        own != null
            && own.askedMs() >= supportedMs
            && !own.supports().isEmpty()
            && !own.supports().equals(supported);
    return !supportsAnother;
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
    if (!supports(clusterId, founded, nowMs).equals(self)) {
      return new KeepWaiting("what becomes of " + supported + ", which this node supported before");
    }
    long supporters = there.stream().filter(seed -> supportsThis(seed, nowMs)).count();
    if (supporters < seeds.size() && nowMs - startedMs <= freshMs) {
      return new KeepWaiting("who else is there");
    }
    if (2 * supporters <= seeds.size()) {
      return new KeepWaiting(
          "more than half of the seeds to agree that this node begins the cluster");
    }
    begun = true;
    return BeginCluster.INSTANCE;
  }

  private boolean supportsThis(String seed, long nowMs) {
    Word word = words.get(seed);
    return seed.equals(self)
        || (word != null && word.supports().equals(self) && nowMs - word.askedMs() <= freshMs);
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
