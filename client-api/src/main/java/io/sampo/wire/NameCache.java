package io.sampo.wire;

import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the names (topics, groups) that came last, so that the ten thousandth message of a
 * topic doesn't make a String of it again. One per thread; a fixed number of slots, a newer name
 * takes the slot of an older one with the same hash.
 */
final class NameCache {
  private static final int SLOTS = 512;
  private static final int NAME_BYTES_MAX = 255;
  private static final FastThreadLocal<NameCache> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected NameCache initialValue() {
          return new NameCache();
        }
      };

  private final @Nullable String[] names = new @Nullable String[SLOTS];

  private NameCache() {}

  /** The text of a range of UTF-8. */
  static String text(byte[] bytes, int at, int size) {
    return size > NAME_BYTES_MAX
        ? new String(bytes, at, size, StandardCharsets.UTF_8)
        : OF_THREAD.get().find(bytes, at, size);
  }

  private String find(byte[] bytes, int at, int size) {
    int hash = 0;
    for (int i = at; i < at + size; i++) {
      hash = 31 * hash + bytes[i];
    }
    int slot = (hash ^ (hash >>> 16)) & (SLOTS - 1);
    String known = names[slot];
    if (known == null || !isAscii(known, bytes, at, size)) {
      known = new String(bytes, at, size, StandardCharsets.UTF_8);
      names[slot] = known;
    }
    return known;
  }

  private static boolean isAscii(String name, byte[] bytes, int at, int size) {
    if (name.length() != size) {
      return false;
    }
    for (int i = 0; i < size; i++) {
      // A byte of a longer sequence is negative and equals no character.
      if (name.charAt(i) != bytes[at + i]) {
        return false;
      }
    }
    return true;
  }
}
