package io.sampo.wire;

/** Whole numbers as ASCII digits. Stateless. */
final class Decimal {
  /** What {@link #parse} returns for what isn't a number; itself out of the range it takes. */
  static final long NOT_A_NUMBER = Long.MIN_VALUE;

  /** The longest: a sign and 19 digits. */
  static final int CHARS_MAX = 20;

  private static final long TENTH_MAX = Long.MAX_VALUE / 10;

  private Decimal() {}

  /** The number that fills a range, from -(2^63 - 1) to 2^63 - 1, or {@link #NOT_A_NUMBER}. */
  static long parse(byte[] text, int from, int size) {
    int at = from;
    int end = from + size;
    boolean negative = false;
    if (at < end && (text[at] == '-' || text[at] == '+')) {
      negative = text[at] == '-';
      at++;
    }
    if (at == end) {
      return NOT_A_NUMBER;
    }
    long value = 0;
    for (; at < end; at++) {
      int digit = text[at] - '0';
      if (digit < 0 || digit > 9 || value > TENTH_MAX) {
        return NOT_A_NUMBER;
      }
      value = 10 * value + digit;
      if (value < 0) { // ran over within the last digit
        return NOT_A_NUMBER;
      }
    }
    return negative ? -value : value;
  }

  /** Writes a number so that it ends before {@code end}; returns where it starts. */
  static int format(long value, byte[] text, int end) {
    int at = end;
    // Counted down from the negative side, which holds one number more.
    long rest = value < 0 ? value : -value;
    do {
      text[--at] = (byte) ('0' - rest % 10);
      rest /= 10;
    } while (rest != 0);
    if (value < 0) {
      text[--at] = '-';
    }
    return at;
  }
}
