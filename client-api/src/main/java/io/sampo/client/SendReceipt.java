package io.sampo.client;

/**
 * Where a message was stored.
 *
 * @param messageId the id that the producer gave (UNIQ_KEY)
 * @param offsetMessageId the id that the broker gave
 * @param queue the queue
 * @param queueOffset its number there
 * @param durability how safely it is stored
 */
public record SendReceipt(
    String messageId,
    String offsetMessageId,
    TopicQueue queue,
    long queueOffset,
    Durability durability) {

  /** What the broker says of a message that it has stored. */
  public enum Durability {
    /** As safe as the broker is configured to make it. */
    AS_CONFIGURED,
    /** Not on disk in time. */
    NOT_FLUSHED,
    /** Not on enough replicas in time. */
    NOT_REPLICATED,
    /** Too few replicas are there. */
    REPLICAS_MISSING
  }
}
