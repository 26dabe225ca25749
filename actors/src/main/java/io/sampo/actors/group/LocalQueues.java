package io.sampo.actors.group;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;
import org.jspecify.annotations.Nullable;

/**
 * The gates of the queues that are led on this node, by their actors. A gate is entered before
 * anybody is told of the actor, so that nobody's first appends go through its mailbox and are
 * overtaken by later ones; it leaves when the actor stops. Safe from any thread.
 */
public final class LocalQueues implements Extension {
  private static final Id ID = new Id();

  private final ConcurrentMap<ActorRef<Queue.Command>, QueueGate> gates = new ConcurrentHashMap<>();

  private LocalQueues() {}

  /** The registry of an actor system. */
  public static LocalQueues get(ActorSystem<?> system) {
    return ID.apply(system);
  }

  /** The gate of a queue; null when its actor is on another node, or has stopped. */
  public @Nullable QueueGate find(ActorRef<Queue.Command> queue) {
    return gates.get(queue);
  }

  void enter(ActorRef<Queue.Command> queue, QueueGate gate) {
    gates.put(queue, gate);
  }

  void leave(ActorRef<Queue.Command> queue) {
    gates.remove(queue);
  }

  private static final class Id extends ExtensionId<LocalQueues> {
    @Override
    public LocalQueues createExtension(ActorSystem<?> system) {
      return new LocalQueues();
    }
  }
}
