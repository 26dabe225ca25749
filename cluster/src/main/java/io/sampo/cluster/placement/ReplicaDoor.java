package io.sampo.cluster.placement;

import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.ReplicaQuestion.AskHealth;
import io.sampo.cluster.replication.ReplicaQuestion.ReplicaHealth;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Takes what other nodes tell a log group's log, for as long as the node runs. They find it by its
 * path, and Pekko remembers which actor a path led to, also when that has ended and another one has
 * the path.
 */
final class ReplicaDoor {
  private ReplicaDoor() {}

  /**
   * @param logs the node's, by log group; may be read on any thread
   */
  static Behavior<CommitLog.Command> create(
      Map<String, ActorRef<CommitLog.Command>> logs, String logGroup) {
    return Behaviors.receiveMessage(
        told -> {
          ActorRef<CommitLog.Command> log = logs.get(logGroup);
          if (log != null) {
            log.tell(told);
          } else if (told instanceof AskHealth ask) {
            ask.replyTo().tell(ReplicaHealth.FAILED); // who is led here is to be led elsewhere
          } // whoever says something else says it again
          return Behaviors.same();
        });
  }
}
