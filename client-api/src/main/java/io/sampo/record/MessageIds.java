package io.sampo.record;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * The id that names a stored message by its place: upper-case hex of the store host's address (4 or
 * 16 bytes), port (int32) and physical offset (int64), so 32 or 56 characters. Clients take it
 * apart to find the broker.
 */
public final class MessageIds {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final byte[] DIGITS = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'
  };
  private static final int CHARS_IPV4 = 32;
  private static final int CHARS_IPV6 = 56;

  private MessageIds() {}

  /** The id of the message at a place. */
  public static String encode(HostAddress storeHost, long physicalOffset) {
    byte[] chars = new byte[storeHost.isIpv6() ? CHARS_IPV6 : CHARS_IPV4];
    int at = 0;
    for (byte b : storeHost.address()) {
      at = putHex(chars, at, b, 1);
    }
    at = putHex(chars, at, storeHost.port(), 4);
    putHex(chars, at, physicalOffset, 8);
    return new String(chars, StandardCharsets.ISO_8859_1);
  }

  /**
   * Takes an id apart.
   *
   * @throws IllegalArgumentException when it isn't 32 or 56 hex digits, or the port is impossible
   */
  public static Place decode(String id) {
    if (id.length() != CHARS_IPV4 && id.length() != CHARS_IPV6) {
      throw new IllegalArgumentException(
          "a message id has 32 or 56 characters, not " + id.length());
    }
    int addressChars = id.length() == CHARS_IPV4 ? 8 : 32;
    byte[] address = HEX.parseHex(id, 0, addressChars);
    int port = HexFormat.fromHexDigits(id, addressChars, addressChars + 8);
    if (port < 0 || port > 0xffff) {
      throw new IllegalArgumentException("a message id with port " + port);
    }
    long offset = HexFormat.fromHexDigitsToLong(id, addressChars + 8, id.length());
    return new Place(new HostAddress(address, port), offset);
  }

  static int putHex(byte[] chars, int at, long value, int sizeBytes) {
    int next = at;
    for (int shift = sizeBytes * 8 - 4; shift >= 0; shift -= 4) {
      chars[next++] = DIGITS[(int) (value >>> shift) & 0xf];
    }
    return next;
  }

  /**
   * What an id names.
   *
   * @param storeHost where the broker listens
   * @param physicalOffset the record's PHYSICALOFFSET
   */
  public record Place(HostAddress storeHost, long physicalOffset) {}
}
