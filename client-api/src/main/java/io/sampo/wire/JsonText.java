package io.sampo.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The escapes of JSON strings, from and to UTF-8 bytes. Stateless. */
final class JsonText {
  private static final byte[] HEX_DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private JsonText() {}

  /**
   * The index after the escape that starts with the backslash at {@code at}.
   *
   * @throws FrameException when it isn't one
   */
  static int skipEscape(byte[] json, int at, int end) {
    if (at + 1 >= end) {
      throw new FrameException("the header ends within a string");
    }
    switch (json[at + 1]) {
      case '"', '\\', '/', '\'', 'b', 'f', 'n', 'r', 't', 'v' -> {
        return at + 2;
      }
      case 'u' -> {
        if (at + 6 > end) {
          throw new FrameException("the header ends within a string");
        }
        for (int i = at + 2; i < at + 6; i++) {
          if (Character.digit(json[i], 16) < 0) {
            throw new FrameException("the header has a malformed \\u escape");
          }
        }
        return at + 6;
      }
      default -> throw new FrameException("the header has an unknown escape");
    }
  }

  /** The UTF-8 bytes that a checked string with escapes stands for. */
  static byte[] unescape(byte[] json) {
    // An escape is never shorter than what it stands for.
    byte[] text = new byte[json.length];
    int size = 0;
    int at = 0;
    while (at < json.length) {
      if (json[at] != '\\') {
        text[size++] = json[at++];
        continue;
      }
      byte escape = json[at + 1];
      if (escape != 'u') {
        text[size++] = unescaped(escape);
        at += 2;
        continue;
      }
      int codePoint = hex4(json, at + 2);
      at += 6;
      if (Character.isHighSurrogate((char) codePoint)
          && at + 6 <= json.length
          && json[at] == '\\'
          && json[at + 1] == 'u') {
        int low = hex4(json, at + 2);
        if (Character.isLowSurrogate((char) low)) {
          codePoint = Character.toCodePoint((char) codePoint, (char) low);
          at += 6;
        }
      }
      size = putUtf8(text, size, codePoint);
    }
    return size == text.length ? text : Arrays.copyOf(text, size);
  }

  /** The second character of a short escape, or 0 when the character needs none or a long one. */
  static byte shortEscape(int c) {
    return switch (c) {
      case '"', '\\' -> (byte) c;
      case '\b' -> 'b';
      case '\f' -> 'f';
      case '\n' -> 'n';
      case '\r' -> 'r';
      case '\t' -> 't';
      default -> 0;
    };
  }

  static byte hexDigit(int value) {
    return HEX_DIGITS[value & 0xf];
  }

  private static byte unescaped(byte escape) {
    return switch (escape) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'v' -> 0x0b;
      default -> escape;
    };
  }

  private static int hex4(byte[] json, int at) {
    int value = 0;
    for (int i = at; i < at + 4; i++) {
      value = (value << 4) | Character.digit(json[i], 16);
    }
    return value;
  }

  private static int putUtf8(byte[] text, int at, int codePoint) {
    int size = at;
    if (codePoint < 0x80) {
      text[size++] = (byte) codePoint;
    } else if (codePoint < 0x800) {
      text[size++] = (byte) (0xc0 | (codePoint >> 6));
      text[size++] = (byte) (0x80 | (codePoint & 0x3f));
    } else if (Character.isBmpCodePoint(codePoint) && Character.isSurrogate((char) codePoint)) {
      text[size++] = '?'; // half a pair, which UTF-8 can't express
    } else if (codePoint < 0x10000) {
      text[size++] = (byte) (0xe0 | (codePoint >> 12));
      text[size++] = (byte) (0x80 | ((codePoint >> 6) & 0x3f));
      text[size++] = (byte) (0x80 | (codePoint & 0x3f));
    } else {
      text[size++] = (byte) (0xf0 | (codePoint >> 18));
      text[size++] = (byte) (0x80 | ((codePoint >> 12) & 0x3f));
      text[size++] = (byte) (0x80 | ((codePoint >> 6) & 0x3f));
      text[size++] = (byte) (0x80 | (codePoint & 0x3f));
    }
    return size;
  }
}
