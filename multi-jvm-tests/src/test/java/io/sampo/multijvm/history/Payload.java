package io.sampo.multijvm.history;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Bodies that carry their key and prove that not one byte changed: everything behind the key
 * follows from key and length.
 */
public final class Payload {
  private Payload() {}

  /** A body of exactly this size, at least 8 bytes. */
  public static byte[] of(long key, int size) {
    ByteBuffer body = ByteBuffer.allocate(size).putLong(key);
    long state = key * 0x9E3779B97F4A7C15L + size;
    while (body.hasRemaining()) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      body.put((byte) (state >>> 56));
    }
    return body.array();
  }

  /**
   * The key of a body.
   *
   * @throws AssertionError when the body is not what {@link #of} makes for its key and size
   */
  public static long key(byte[] body) {
    if (body.length < Long.BYTES) {
      throw new AssertionError("a body of " + body.length + " bytes is none of ours");
    }
    long key = ByteBuffer.wrap(body).getLong();
    if (!Arrays.equals(body, of(key, body.length))) {
      throw new AssertionError("the body of key " + key + " was changed on its way");
    }
    return key;
  }
}
