package io.sampo.actors.group;

import io.sampo.actors.catalog.Catalog;
import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.cluster.placement.CharterKeeper;
import io.sampo.record.QueueKey;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.jspecify.annotations.Nullable;

/** What lives under the leader of a log group. Called on the log group's thread. */
interface LogGroupChildren {
  Queue.Start queue(QueueKey key, Leadership leadership);

  Behavior<ConsumerGroup.Command> consumerGroup(String group, Leadership leadership);

  /** A service of the log group; all of them are asked for when the leadership begins. */
  Behavior<LogGroup.PartCommand> part(LogGroup.Part part, PartHome home);

  /**
   * What a part has to do with.
   *
   * @param logGroup the leader, which knows the actors of the queues
   * @param writer appends to any queues of the log group
   */
  record PartHome(
      Leadership leadership,
      ActorRef<LogGroup.Command> logGroup,
      ActorRef<CrossQueueWriter.Command> writer) {}

  /** The catalog; only the first log group is asked for it. */
  Behavior<Catalog.Command> catalog(Leadership leadership);

  /**
   * Keeps the cluster's charter; only the first log group is asked for it. Null on a node that is a
   * cluster by itself.
   */
  default @Nullable Behavior<CharterKeeper.Command> charterKeeper(Leadership leadership) {
    return null;
  }
}
