package io.sampo.cluster.replication;

import java.util.Collection;
import java.util.Collections;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;
import org.jspecify.annotations.Nullable;

/**
 * The logs of this node by log group, for those who can't be handed a reference: the persistence
 * plugins, which Pekko makes, and what shows the node's state. Commit logs enter themselves once
 * they are open and leave when they stop. Safe from any thread.
 */
public final class LocalLogs implements Extension {
  private static final Id ID = new Id();

  private final ConcurrentHashMap<String, LocalLog> logs = new ConcurrentHashMap<>();

  private LocalLogs() {}

  /** The registry of an actor system. */
  public static LocalLogs get(ActorSystem<?> system) {
    return ID.apply(system);
  }

  /** The log of a log group; null when this node has none or it isn't open (yet). */
  public @Nullable LocalLog find(String logGroup) {
    return logs.get(logGroup);
  }

  /** The open logs, as they are now; unmodifiable. */
  public Collection<LocalLog> all() {
    return Collections.unmodifiableCollection(logs.values());
  }

  /**
   * Enters a log.
   *
   * @throws IllegalStateException when another commit log of the log group is still there: two
   *     would write the same files
   */
  void enter(LocalLog log) {
    LocalLog other = logs.putIfAbsent(log.logGroup(), log);
    if (other != null) {
      throw new IllegalStateException(
          log.logGroup() + " is already open on this node, by " + other.commitLog().path());
    }
  }

  /** Takes a log out, unless another has taken its place. */
  void leave(LocalLog log) {
    logs.remove(log.logGroup(), log);
  }

  private static final class Id extends ExtensionId<LocalLogs> {
    @Override
    public LocalLogs createExtension(ActorSystem<?> system) {
      return new LocalLogs();
    }
  }
}
