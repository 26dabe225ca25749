package io.sampo.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A message's properties in their encoded form: {@code name 0x01 value 0x02}, repeated, UTF-8. The
 * last 0x02 may be missing (clients before 5.0). A pair with an empty name or value does not count;
 * of two pairs with one name the later one counts, as in the official clients.
 *
 * <p>Looking one up reads the bytes in place; no map is built on the path of a message.
 */
public final class MessageProperties {
  /** The tag of a message. */
  public static final String TAGS = "TAGS";

  /** The search keys, separated by one space. */
  public static final String KEYS = "KEYS";

  /** The id that the producer gave. */
  public static final String UNIQUE_KEY = "UNIQ_KEY";

  /** "false" when the producer does not want to wait for the disk or the replicas. */
  public static final String WAIT = "WAIT";

  /** The longest that fits into a record, in bytes. */
  public static final int BYTES_MAX = RecordLayout.PROPERTIES_BYTES_MAX;

  static final byte NAME_END = 1;
  static final byte PAIR_END = 2;

  private MessageProperties() {}

  /** The value of a property, or null. */
  public static @Nullable String find(byte[] encoded, String name) {
    return find(ByteBuffer.wrap(encoded), name);
  }

  /** The value of a property among the bytes from position to limit, or null. */
  public static @Nullable String find(ByteBuffer encoded, String name) {
    long range = findRange(encoded, name);
    return range < 0 ? null : text(encoded, start(range), length(range));
  }

  /**
   * The 32-bit hash of the TAGS value, equal to Java's string hash of it; 0 without a tag. ASCII
   * tags are hashed without being decoded.
   */
  public static int tagHash(byte[] encoded) {
    return tagHash(ByteBuffer.wrap(encoded));
  }

  /** As {@link #tagHash(byte[])}, of the bytes from position to limit. */
  public static int tagHash(ByteBuffer encoded) {
    long range = findRange(encoded, TAGS);
    if (range < 0) {
      return 0;
    }
    int start = start(range);
    int end = start + length(range);
    int hash = 0;
    for (int i = start; i < end; i++) {
      byte b = encoded.get(i);
      if (b < 0) {
        return text(encoded, start, end - start).hashCode();
      }
      hash = 31 * hash + b;
    }
    return hash;
  }

  /** All properties, in the order in which they are written. */
  public static Map<String, String> parse(byte[] encoded) {
    return parse(ByteBuffer.wrap(encoded));
  }

  /** All properties among the bytes from position to limit, in the order in which they lie. */
  public static Map<String, String> parse(ByteBuffer encoded) {
    Map<String, String> parsed = new LinkedHashMap<>();
    int at = encoded.position();
    int limit = encoded.limit();
    while (at < limit) {
      int end = indexOf(encoded, PAIR_END, at, limit);
      int nameEnd = indexOf(encoded, NAME_END, at, end);
      if (nameEnd > at && nameEnd < end - 1) {
        parsed.put(text(encoded, at, nameEnd - at), text(encoded, nameEnd + 1, end - nameEnd - 1));
      }
      at = end + 1;
    }
    return parsed;
  }

  /**
   * Encodes properties, each with its final 0x02.
   *
   * @throws IllegalArgumentException when a name or a value holds 0x01 or 0x02
   */
  public static byte[] encode(Map<String, String> properties) {
    StringBuilder text = new StringBuilder(64);
    properties.forEach(
        (name, value) ->
            text.append(checked(name))
                .append((char) NAME_END)
                .append(checked(value))
                .append((char) PAIR_END));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Properties followed by others that are already encoded; between them the 0x02 that old clients
   * leave out. What is the same for many messages is encoded once and appended to each.
   *
   * @return a new array, or {@code encoded} itself when there is nothing to add
   */
  public static byte[] append(byte[] encoded, byte[] more) {
    if (more.length == 0) {
      return encoded;
    }
    boolean openEnded = encoded.length > 0 && encoded[encoded.length - 1] != PAIR_END;
    int moreAt = openEnded ? encoded.length + 1 : encoded.length;
    byte[] joined = Arrays.copyOf(encoded, moreAt + more.length);
    if (openEnded) {
      joined[encoded.length] = PAIR_END;
    }
    System.arraycopy(more, 0, joined, moreAt, more.length);
    return joined;
  }

  /**
   * The properties among the bytes from position to limit that have none of the names, as they lie.
   */
  public static byte[] without(ByteBuffer encoded, Set<String> names) {
    byte[] kept = new byte[encoded.remaining()];
    int keptBytes = 0;
    int at = encoded.position();
    int limit = encoded.limit();
    while (at < limit) {
      int end = indexOf(encoded, PAIR_END, at, limit);
      int nameEnd = indexOf(encoded, NAME_END, at, end);
      int next = Math.min(end + 1, limit);
      if (nameEnd == end || !names.contains(text(encoded, at, nameEnd - at))) {
        encoded.get(at, kept, keptBytes, next - at);
        keptBytes += next - at;
      }
      at = next;
    }
    return Arrays.copyOf(kept, keptBytes);
  }

  /**
   * Properties without those of some names; the others stay as they are, byte for byte.
   *
   * @return a new array, or {@code encoded} itself when none of them is there
   */
  public static byte[] without(byte[] encoded, Set<String> names) {
    ByteBuffer from = ByteBuffer.wrap(encoded);
    byte[] kept = new byte[encoded.length];
    int size = 0;
    int at = 0;
    while (at < encoded.length) {
      int end = indexOf(from, PAIR_END, at, encoded.length);
      int next = Math.min(end + 1, encoded.length);
      int nameEnd = indexOf(from, NAME_END, at, end);
      if (!names.contains(text(from, at, nameEnd - at))) {
        System.arraycopy(encoded, at, kept, size, next - at);
        size += next - at;
      }
      at = next;
    }
    return size == encoded.length ? encoded : Arrays.copyOf(kept, size);
  }

  /** The place of a value as start &lt;&lt; 32 | length, or -1; so that nothing is allocated. */
  static long findRange(ByteBuffer encoded, String name) {
    long found = -1;
    int at = encoded.position();
    int limit = encoded.limit();
    while (at < limit) {
      int end = indexOf(encoded, PAIR_END, at, limit);
      int nameEnd = indexOf(encoded, NAME_END, at, end);
      if (nameEnd > at && nameEnd < end - 1 && isText(encoded, at, nameEnd, name)) {
        found = (long) (nameEnd + 1) << 32 | (end - nameEnd - 1);
      }
      at = end + 1;
    }
    return found;
  }

  static int start(long range) {
    return (int) (range >> 32);
  }

  static int length(long range) {
    return (int) range;
  }

  /** The index of the byte, or {@code end}. */
  private static int indexOf(ByteBuffer bytes, byte wanted, int from, int end) {
    for (int i = from; i < end; i++) {
      if (bytes.get(i) == wanted) {
        return i;
      }
    }
    return end;
  }

  private static boolean isText(ByteBuffer bytes, int from, int end, String text) {
    int chars = text.length();
    for (int i = 0; i < chars; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        return text.equals(text(bytes, from, end - from));
      }
      if (from + i >= end || bytes.get(from + i) != c) {
        return false;
      }
    }
    return end - from == chars;
  }

  private static String text(ByteBuffer bytes, int index, int sizeBytes) {
    byte[] copy = new byte[sizeBytes];
    bytes.get(index, copy);
    return new String(copy, StandardCharsets.UTF_8);
  }

  private static String checked(String text) {
    if (text.indexOf(NAME_END) >= 0 || text.indexOf(PAIR_END) >= 0) {
      throw new IllegalArgumentException("a property must not hold the characters 1 and 2");
    }
    return text;
  }
}
