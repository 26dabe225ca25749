package io.sampo.multijvm.official;

/**
 * When a message is to be delivered.
 *
 * @param value a level, milliseconds, or a point in time in milliseconds since 1970
 */
public record Delay(Kind kind, long value) {
  /** How producers say it. */
  public enum Kind {
    /** By the number of a level; all versions. */
    LEVEL,
    /** Milliseconds from now; 5.x by its own call, 4.9 by the property. */
    DELAY_MS,
    /** A point in time; likewise. */
    DELIVER_MS
  }

  /** A delay level. */
  public static Delay level(int level) {
    return new Delay(Kind.LEVEL, level);
  }

  /** So long from now. */
  public static Delay millis(long millis) {
    return new Delay(Kind.DELAY_MS, millis);
  }

  /** At a time. */
  public static Delay until(long timestamp) {
    return new Delay(Kind.DELIVER_MS, timestamp);
  }
}
