package io.sampo.cluster.replication;

import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.cluster.replication.CommitLog.Command;
import io.sampo.cluster.replication.CommitLog.Lead;
import io.sampo.cluster.replication.CommitLog.LeadRefused;
import io.sampo.cluster.replication.CommitLog.LogFailed;
import io.sampo.cluster.replication.ReplicaQuestion.AskHealth;
import io.sampo.cluster.replication.ReplicaQuestion.ChangeMembership;
import io.sampo.cluster.replication.ReplicaQuestion.ReadBarrier;
import io.sampo.cluster.replication.ReplicaQuestion.ReplicaHealth;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * What is left of a {@link CommitLog} whose log can't be opened: it says so on the event stream,
 * where the node's start hears it, and refuses from then on.
 */
final class UnopenedLog {
  private UnopenedLog() {}

  static Behavior<Command> create(ActorContext<Command> context, String logGroup, Exception cause) {
    String reason =
        "the log of "
            + logGroup
            + " can't be opened: "
            + cause.getClass().getSimpleName()
            + ": "
            + cause.getMessage();
    publishFailure(context, logGroup, reason);
    return Behaviors.receive(Command.class)
        .onMessage(
            Append.class,
            append -> {
              Answers.refuse(append, AppendRefused.LOG_FAILED);
              return Behaviors.same();
            })
        .onMessage(
            Lead.class,
            lead -> {
              lead.replyTo().tell(new LeadRefused(reason));
              return Behaviors.same();
            })
        .onMessage(
            AskHealth.class,
            ask -> {
              ask.replyTo().tell(ReplicaHealth.FAILED);
              return Behaviors.same();
            })
        .onMessage(
            ReadBarrier.class,
            barrier -> {
              barrier.refuse();
              return Behaviors.same();
            })
        .onMessage(
            ChangeMembership.class,
            change -> {
              change.refuse();
              return Behaviors.same();
            })
        .onAnyMessage(other -> Behaviors.same())
        .build();
  }

  /** Says on the node's event stream that a log is lost to it until a restart. */
  static void publishFailure(ActorContext<Command> context, String logGroup, String reason) {
    context
        .getSystem()
        .eventStream()
        .tell(new EventStream.Publish<>(new LogFailed(logGroup, reason)));
  }
}
