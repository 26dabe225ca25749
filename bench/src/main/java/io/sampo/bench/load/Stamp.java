package io.sampo.bench.load;

import java.nio.ByteBuffer;

/**
 * What a body starts with, so that a consumer can tell which message it is and how long it took.
 *
 * <pre>
 *  0          8             16
 *  +----------+-------------+--------
 *  | sequence | since nanos | filler
 *  +----------+-------------+--------
 * </pre>
 */
final class Stamp {
  static final int BYTES = 16;

  private Stamp() {}

  /** A copy of the filler that carries the stamp. */
  static byte[] on(byte[] filler, long sequence, long sinceNanos) {
    byte[] body = filler.clone();
    ByteBuffer.wrap(body).putLong(0, sequence).putLong(8, sinceNanos);
    return body;
  }

  static long sequence(byte[] body) {
    return ByteBuffer.wrap(body).getLong(0);
  }

  static long sinceNanos(byte[] body) {
    return ByteBuffer.wrap(body).getLong(8);
  }
}
