package io.sampo.actors.group;

import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.ReplicaQuestion;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.storage.log.LogReader;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * The right to append to a log group, as its children hold it.
 *
 * @param logGroup the log group's name
 * @param epoch the number of the leadership; the commit log refuses appends of an older one
 * @param log the read side of the local replica
 * @param commitLog the actor that owns the local replica
 */
record Leadership(
    String logGroup, long epoch, LogReader log, ActorRef<CommitLog.Command> commitLog) {
  /**
   * Asks for the proof that it is not over.
   *
   * @param replyTo told true when nobody else had acknowledged anything when this was asked. On any
   *     thread
   */
  void proveCurrent(ReplyTo<Boolean> replyTo) {
    commitLog.tell(
        new ReplicaQuestion.ReadBarrier(
            epoch, reply -> replyTo.tell(reply instanceof ReplicaQuestion.ReadReady)));
  }
}
