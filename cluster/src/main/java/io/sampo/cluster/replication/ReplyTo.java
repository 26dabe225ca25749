package io.sampo.cluster.replication;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;

/**
 * Where the answer to a message-path command goes, within one JVM; between nodes it is a {@link
 * RemoteReplyTo}. It reads like an {@code ActorRef} and one is adapted by {@code ref::tell}; a
 * connection implements it directly, which saves a mailbox on the way of every message (see
 * docs/decisions). Implementations never block and are safe from any thread.
 *
 * @param <T> the answers
 */
@FunctionalInterface
@JsonSerialize(as = RemoteReplyTo.class)
@JsonDeserialize(as = RemoteReplyTo.class)
public interface ReplyTo<T> {
  void tell(T reply);
}
