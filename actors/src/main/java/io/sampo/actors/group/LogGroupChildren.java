package io.sampo.actors.group;

import io.sampo.actors.catalog.Catalog;
import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.record.QueueKey;
import org.apache.pekko.actor.typed.Behavior;

/** What lives under the leader of a log group. Called on the log group's thread. */
interface LogGroupChildren {
  Behavior<Queue.Command> queue(QueueKey key, Leadership leadership);

  Behavior<ConsumerGroup.Command> consumerGroup(String group, Leadership leadership);

  /** The catalog; only the first log group is asked for it. */
  Behavior<Catalog.Command> catalog(Leadership leadership);
}
