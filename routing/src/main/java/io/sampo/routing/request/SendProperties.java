package io.sampo.routing.request;

import io.sampo.record.MessageProperties;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What the broker has to know of a message's encoded properties, found in one pass over the bytes:
 * the hash of the tag, where the producer's id lies, and whether the message asks for something
 * other than to be stored now. The format is that of {@code MessageProperties}.
 *
 * <p>Public for its benchmark only.
 */
public final class SendProperties {
  /** Asks to be delivered later (DELAY, TIMER_…). */
  static final long DELAYED = 1L << 32;

  /** Is the half of a transaction (TRAN_MSG). */
  static final long TRANSACTIONAL = 1L << 33;

  /** Waits for a reply (CORRELATION_ID). */
  static final long REQUEST = 1L << 34;

  /** Has a sharding key (__SHARDINGKEY). */
  static final long SHARDED = 1L << 35;

  /** Where the value of UNIQ_KEY starts; above all others, since properties are that short. */
  private static final int ID_SHIFT = 48;

  private static final long ID_MASK = 0x7fffL << ID_SHIFT;

  private static final byte NAME_END = 1;
  private static final byte PAIR_END = 2;
  private static final byte[] TAGS = ascii("TAGS");
  private static final byte[] DELAY = ascii("DELAY");
  private static final byte[] TRAN_MSG = ascii("TRAN_MSG");
  private static final byte[] TIMER_DELAY_MS = ascii("TIMER_DELAY_MS");
  private static final byte[] TIMER_DELAY_SEC = ascii("TIMER_DELAY_SEC");
  private static final byte[] TIMER_DELIVER_MS = ascii("TIMER_DELIVER_MS");
  private static final byte[] UNIQ_KEY = ascii("UNIQ_KEY");
  private static final byte[] SHARDING_KEY = ascii("__SHARDINGKEY");
  private static final byte[] CORRELATION_ID = ascii("CORRELATION_ID");
  private static final byte[] TRUE = ascii("true");
  private static final byte[] ZERO = ascii("0");

  /** What clients are told; there are no others. */
  static final String REGION = "DefaultRegion";

  private static final byte[] REGION_PROPERTY =
      MessageProperties.encode(Map.of("MSG_REGION", REGION));

  /** Messages that wait (delayed, half) are stored with some properties more. */
  private static final int ROOM_FOR_OTHERS = 1024;

  private SendProperties() {}

  /** Where the value of UNIQ_KEY starts, by what {@link #scan} found; 0 without one. */
  static int idAt(long scanned) {
    return (int) ((scanned & ID_MASK) >>> ID_SHIFT);
  }

  /** The tag's hash in the low 32 bits, and the bits above. */
  public static long scan(byte[] encoded) {
    int tagHash = 0;
    long bits = 0;
    int at = 0;
    while (at < encoded.length) {
      int end = indexOf(encoded, PAIR_END, at, encoded.length);
      int nameEnd = indexOf(encoded, NAME_END, at, end);
      if (nameEnd > at && nameEnd < end - 1) {
        int value = nameEnd + 1;
        switch (nameEnd - at) {
          case 4 -> tagHash = is(encoded, at, nameEnd, TAGS) ? hash(encoded, value, end) : tagHash;
          case 5 -> {
            if (is(encoded, at, nameEnd, DELAY) && !is(encoded, value, end, ZERO)) {
              bits |= DELAYED;
            }
          }
          case 8 -> {
            if (is(encoded, at, nameEnd, TRAN_MSG) && is(encoded, value, end, TRUE)) {
              bits |= TRANSACTIONAL;
            } else if (is(encoded, at, nameEnd, UNIQ_KEY)) {
              bits = (bits & ~ID_MASK) | (((long) value << ID_SHIFT) & ID_MASK);
            }
          }
          case 13 -> {
            if (is(encoded, at, nameEnd, SHARDING_KEY)) {
              bits |= SHARDED;
            }
          }
          case 14, 15, 16 -> {
            if (is(encoded, at, nameEnd, TIMER_DELAY_MS)
                || is(encoded, at, nameEnd, TIMER_DELAY_SEC)
                || is(encoded, at, nameEnd, TIMER_DELIVER_MS)) {
              bits |= DELAYED;
            } else if (is(encoded, at, nameEnd, CORRELATION_ID)) {
              bits |= REQUEST;
            }
          }
          default -> {}
        }
      }
      at = end + 1;
    }
    return bits | (tagHash & 0xffff_ffffL);
  }

  /**
   * As they are stored: with the region, since consumers of 5.x write no trace of a message without
   * one. It gives way where the properties are about as long as may be.
   */
  public static byte[] withRegion(byte[] encoded) {
    return encoded.length > MessageProperties.BYTES_MAX - ROOM_FOR_OTHERS
        ? encoded
        : MessageProperties.append(encoded, REGION_PROPERTY);
  }

  private static int indexOf(byte[] bytes, byte wanted, int from, int end) {
    for (int i = from; i < end; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return end;
  }

  private static boolean is(byte[] bytes, int from, int end, byte[] wanted) {
    if (end - from != wanted.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (bytes[from + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  /** Java's hash of the text, without making a String of it when it is ASCII. */
  private static int hash(byte[] bytes, int from, int end) {
    int hash = 0;
    for (int i = from; i < end; i++) {
      if (bytes[i] < 0) {
        return new String(bytes, from, end - from, StandardCharsets.UTF_8).hashCode();
      }
      hash = 31 * hash + bytes[i];
    }
    return hash;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
