package io.sampo.routing.request;

import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;

/** Starts actors in a test kit, which may have several nodes' worth of them. */
record KitSpawner(ActorTestKit kit) implements RemoteGroups.Spawner {
  @Override
  public <T> ActorRef<T> spawn(Behavior<T> behavior, String name) {
    return kit.spawn(behavior);
  }
}
