package io.sampo.actors.consumer;

import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.replication.Undeliverable;
import io.sampo.cluster.serialization.ControlMessage;

/**
 * What a {@link ConsumerGroup} answers. Asked on the group's node the answer goes straight to who
 * asked; asked from another node the question travels with a reply reference that does too.
 *
 * @param <R> the answers
 */
public interface GroupQuestion<R extends ControlMessage> extends Undeliverable {
  /** Where the answer goes. */
  ReplyTo<R> replyTo();

  /** The same question, to be answered elsewhere. */
  ConsumerGroup.Command answeredTo(ReplyTo<R> other);

  /** Whether nothing comes after this answer. */
  default boolean endsWith(R reply) {
    return true;
  }
}
