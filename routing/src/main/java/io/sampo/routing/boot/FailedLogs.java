package io.sampo.routing.boot;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;

/** The log groups whose logs on this node have failed, until it is started again. Any thread. */
final class FailedLogs implements Extension {
  private static final Id ID = new Id();

  private final Set<String> logGroups = ConcurrentHashMap.newKeySet();

  private FailedLogs() {}

  /** Those of an actor system. */
  static FailedLogs get(ActorSystem<?> system) {
    return ID.apply(system);
  }

  void add(String logGroup) {
    logGroups.add(logGroup);
  }

  void remove(String logGroup) {
    logGroups.remove(logGroup);
  }

  boolean isEmpty() {
    return logGroups.isEmpty();
  }

  private static final class Id extends ExtensionId<FailedLogs> {
    @Override
    public FailedLogs createExtension(ActorSystem<?> system) {
      return new FailedLogs();
    }
  }
}
