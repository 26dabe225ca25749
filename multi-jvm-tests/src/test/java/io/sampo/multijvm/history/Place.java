package io.sampo.multijvm.history;

/**
 * Where a message is: a queue of the one topic that a history is about, and the offset in it.
 *
 * @param broker the log group's name for clients; empty in a history of only one
 * @param offset what the broker counts from 0 in each queue
 */
public record Place(String broker, int queueId, long offset) {
  /** Nowhere known. */
  public static final Place NONE = new Place(-1, -1);

  /** A place in the only log group. */
  public Place(int queueId, long offset) {
    this("", queueId, offset);
  }

  /** The queue, among those of all brokers. */
  String queue() {
    return broker + "/" + queueId;
  }
}
