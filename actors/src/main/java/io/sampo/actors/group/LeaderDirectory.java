package io.sampo.actors.group;

import io.sampo.actors.group.LogGroup.LeaderAnnouncement;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * Which actor leads which log group, as this node knows. Read by any thread without waiting; fed by
 * the {@link Knocker} alone.
 *
 * <p>The newest epoch wins: an announcement of an older one, or of one whose leader is known to
 * have ended, changes nothing.
 */
public final class LeaderDirectory {
  /** Hears of changes. Called on the knocker's thread; never blocks. */
  @FunctionalInterface
  public interface Listener {
    /**
     * @param leader null when the log group has no leader that this node knows of
     */
    void leaderChanged(String logGroup, @Nullable LeaderAnnouncement leader);
  }

  /** The newest leadership heard of; it stays when it ended, so that it can't come back. */
  private record Newest(LeaderAnnouncement leader, boolean ended) {}

  private final ConcurrentMap<String, Newest> newest = new ConcurrentHashMap<>();
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  /** The leader's actor, or null when none is known. */
  public @Nullable ActorRef<LogGroup.Command> leader(String logGroup) {
    LeaderAnnouncement known = leadership(logGroup);
    return known == null ? null : known.leader();
  }

  /** The leader as it announced itself, or null when none is known. */
  public @Nullable LeaderAnnouncement leadership(String logGroup) {
    Newest known = newest.get(logGroup);
    return known == null || known.ended() ? null : known.leader();
  }

  /** Adds a listener; what is known already it reads by itself. */
  public void addListener(Listener listener) {
    listeners.add(listener);
  }

  public void removeListener(Listener listener) {
    listeners.remove(listener);
  }

  /**
   * Takes over an announcement.
   *
   * @return true when it is news
   */
  boolean announced(LeaderAnnouncement leader) {
    Newest known = newest.get(leader.logGroup());
    if (known != null && known.leader().epoch() >= leader.epoch()) {
      return false;
    }
    newest.put(leader.logGroup(), new Newest(leader, false));
    tellListeners(leader.logGroup(), leader);
    return true;
  }

  /** Forgets a leader that ended, unless a newer one is known. */
  void ended(LeaderAnnouncement leader) {
    Newest known = newest.get(leader.logGroup());
    if (known != null && known.leader().equals(leader) && !known.ended()) {
      newest.put(leader.logGroup(), new Newest(leader, true));
      tellListeners(leader.logGroup(), null);
    }
  }

  private void tellListeners(String logGroup, @Nullable LeaderAnnouncement leader) {
    listeners.forEach(listener -> listener.leaderChanged(logGroup, leader));
  }
}
