package io.sampo.cluster.replication;

/**
 * Where the answer to a message-path command goes, within one JVM. It reads like an {@code
 * ActorRef} and one is adapted by {@code ref::tell}; a connection implements it directly, which
 * saves a mailbox on the way of every message (see docs/decisions). Implementations never block and
 * are safe from any thread.
 *
 * @param <T> the answers
 */
@FunctionalInterface
public interface ReplyTo<T> {
  void tell(T reply);
}
