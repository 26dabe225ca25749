package io.sampo.multijvm.history;

/**
 * Where a message is: a queue of the one topic that a history is about, and the offset in it.
 *
 * @param offset what the broker counts from 0 in each queue
 */
public record Place(int queueId, long offset) {
  /** Nowhere known. */
  public static final Place NONE = new Place(-1, -1);
}
