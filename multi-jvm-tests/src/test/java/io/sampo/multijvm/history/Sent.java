package io.sampo.multijvm.history;

/**
 * One send as the application saw it.
 *
 * @param key what the application named the message; no two sends share one
 * @param outcome what the application was told
 * @param place where the acknowledgement says the message is; {@link Place#NONE} when it doesn't,
 *     as of one that is delivered later
 * @param startedNanos when the send began, by {@link System#nanoTime}
 * @param endedNanos when its outcome was known
 * @param retried its client may have tried several times, and some of them may be stored too
 */
public record Sent(
    long key, Outcome outcome, Place place, long startedNanos, long endedNanos, boolean retried) {
  /** What the application was told about a send. */
  public enum Outcome {
    /** It is stored. */
    ACKNOWLEDGED,
    /** An error, a timeout, a lost connection: it may be stored, or not, or twice. */
    UNKNOWN,
    /** It was taken back before it could be delivered: rolled back, or recalled. */
    WITHDRAWN
  }

  /** A send that was acknowledged at this place. */
  public static Sent acknowledged(long key, Place place, long startedNanos, long endedNanos) {
    return new Sent(key, Outcome.ACKNOWLEDGED, place, startedNanos, endedNanos, false);
  }

  /** A send whose fate the application does not know. */
  public static Sent unknown(long key, long startedNanos, long endedNanos) {
    return new Sent(key, Outcome.UNKNOWN, Place.NONE, startedNanos, endedNanos, false);
  }

  /** A send that its producer took back, with success. */
  public static Sent withdrawn(long key, long startedNanos, long endedNanos) {
    return new Sent(key, Outcome.WITHDRAWN, Place.NONE, startedNanos, endedNanos, false);
  }

  /** A copy of which the client made several tries. */
  public Sent withRetries() {
    return new Sent(key, outcome, place, startedNanos, endedNanos, true);
  }

  /** Whether it is stored, and where. */
  boolean hasPlace() {
    return outcome == Outcome.ACKNOWLEDGED && !place.equals(Place.NONE);
  }
}
