package io.sampo.cluster.replication;

import org.apache.pekko.actor.AllDeadLetters;
import org.apache.pekko.actor.DeadLetter;
import org.apache.pekko.actor.Dropped;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.internal.AdaptMessage;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;

/**
 * Takes what actors left behind in the dead letters and gives it back: a command that somebody
 * outside waits for is refused at once, and its buffers are released. One per node, started before
 * the first client is let in; it keeps nothing and never blocks.
 */
public final class DeadLetterReclaimer {
  private DeadLetterReclaimer() {}

  /** The actor; it listens once it is started. */
  public static Behavior<AllDeadLetters> create() {
    return Behaviors.setup(
        context -> {
          var events = context.getSystem().classicSystem().eventStream();
          var self = Adapter.toClassic(context.getSelf());
          events.subscribe(self, DeadLetter.class);
          events.subscribe(self, Dropped.class);
          return Behaviors.receiveMessage(
              letter -> {
                try {
                  reclaim(letter.message());
                } catch (RuntimeException e) {
                  // The others' buffers must still come back.
                  context.getLog().error("{} could not be given back", letter.message(), e);
                }
                return Behaviors.same();
              });
        });
  }

  private static void reclaim(Object letter) {
    Object message = letter;
    while (true) {
      if (message instanceof Undeliverable command) {
        command.undelivered();
        return;
      } else if (message instanceof ShardingEnvelope<?> envelope) {
        message = envelope.message();
      } else if (message instanceof AdaptMessage<?, ?> adapted) {
        message = adapted.message();
      } else {
        return;
      }
    }
  }
}
