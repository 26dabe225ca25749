package io.sampo.actors.filter;

import java.util.Locale;
import java.util.Set;

/**
 * Cuts an SQL92 condition into tokens, one at a time. Keywords in any case; comments ({@code --} to
 * the end of the line, and between slash-star pairs) and white space are passed over.
 */
final class SqlTokens {
  /** What a token is. */
  enum Kind {
    /** A word that is none of the keywords. */
    NAME,
    /** A reserved word; {@link #text()} is in upper case. */
    KEYWORD,
    /** Quoted text, without its quotes. */
    TEXT,
    WHOLE_NUMBER,
    DECIMAL_NUMBER,
    /** An operator, comma or parenthesis. */
    SYMBOL,
    END
  }

  private static final Set<String> KEYWORDS =
      Set.of(
          "NOT",
          "AND",
          "OR",
          "BETWEEN",
          "IN",
          "TRUE",
          "FALSE",
          "NULL",
          "IS",
          "CONTAINS",
          "STARTSWITH",
          "ENDSWITH");

  private final String source;
  private int next;
  private int at;
  private Kind kind = Kind.END;
  private String text = "";

  SqlTokens(String source) throws BadFilterException {
    this.source = source;
    advance();
  }

  Kind kind() {
    return kind;
  }

  /** The token's text; keywords in upper case, quoted text without quotes. */
  String text() {
    return text;
  }

  boolean isKeyword(String keyword) {
    return kind == Kind.KEYWORD && text.equals(keyword);
  }

  boolean isSymbol(String symbol) {
    return kind == Kind.SYMBOL && text.equals(symbol);
  }

  /** Says what was expected instead of the current token. */
  BadFilterException expected(String what) {
    String found = kind == Kind.END ? "the end" : "'" + text + "'";
    return new BadFilterException(
        "SQL92: expected %s at character %d, found %s".formatted(what, at + 1, found));
  }

  /** Goes on to the next token. */
  void advance() throws BadFilterException {
    skipBlanks();
    at = next;
    if (next == source.length()) {
      become(Kind.END, "");
      return;
    }
    char c = source.charAt(next);
    if (isNameStart(c)) {
      word();
    } else if (isDigit(c) || (c == '.' && next + 1 < source.length() && isDigit(peek(1)))) {
      number();
    } else if (c == '\'') {
      quoted();
    } else {
      symbol(c);
    }
  }

  private void skipBlanks() throws BadFilterException {
    while (next < source.length()) {
      if (source.charAt(next) <= ' ') {
        next++;
      } else if (source.startsWith("--", next)) {
        int end = source.indexOf('\n', next);
        next = end < 0 ? source.length() : end;
      } else if (source.startsWith("/*", next)) {
        int end = source.indexOf("*/", next + 2);
        if (end < 0) {
          throw new BadFilterException(
              "SQL92: the comment at character %d has no end".formatted(next + 1));
        }
        next = end + 2;
      } else {
        return;
      }
    }
  }

  private void word() {
    while (next < source.length() && isNamePart(source.charAt(next))) {
      next++;
    }
    String word = source.substring(at, next);
    String upper = word.toUpperCase(Locale.ROOT);
    if (KEYWORDS.contains(upper)) {
      become(Kind.KEYWORD, upper);
    } else {
      become(Kind.NAME, word);
    }
  }

  private void number() throws BadFilterException {
    boolean decimal = false;
    skipDigits();
    if (next < source.length() && source.charAt(next) == '.') {
      decimal = true;
      next++;
      skipDigits();
    }
    if (next < source.length() && (source.charAt(next) | 0x20) == 'e') {
      decimal = true;
      next++;
      if (next < source.length() && (source.charAt(next) == '+' || source.charAt(next) == '-')) {
        next++;
      }
      int digits = next;
      skipDigits();
      if (next == digits) {
        throw unreadableNumber();
      }
    }
    int end = next;
    if (!decimal && next < source.length() && (source.charAt(next) | 0x20) == 'l') {
      next++;
    }
    if (next < source.length() && isNamePart(source.charAt(next))) {
      throw unreadableNumber();
    }
    become(decimal ? Kind.DECIMAL_NUMBER : Kind.WHOLE_NUMBER, source.substring(at, end));
  }

  private BadFilterException unreadableNumber() {
    return new BadFilterException(
        "SQL92: the number at character %d can't be read".formatted(at + 1));
  }

  private void quoted() throws BadFilterException {
    StringBuilder unquoted = new StringBuilder();
    next++;
    while (next < source.length()) {
      char c = source.charAt(next++);
      if (c != '\'') {
        unquoted.append(c);
      } else if (next < source.length() && source.charAt(next) == '\'') {
        unquoted.append(c);
        next++;
      } else {
        become(Kind.TEXT, unquoted.toString());
        return;
      }
    }
    throw new BadFilterException(
        "SQL92: the text at character %d has no closing quote".formatted(at + 1));
  }

  private void symbol(char c) throws BadFilterException {
    String two = source.substring(next, Math.min(next + 2, source.length()));
    String symbol = null;
    if (two.equals("<>") || two.equals("<=") || two.equals(">=")) {
      symbol = two;
    } else if ("=<>(),+-".indexOf(c) >= 0) {
      symbol = String.valueOf(c);
    }
    if (symbol == null) {
      throw new BadFilterException("SQL92: unexpected '%s' at character %d".formatted(c, next + 1));
    }
    next += symbol.length();
    become(Kind.SYMBOL, symbol);
  }

  private void become(Kind newKind, String newText) {
    kind = newKind;
    text = newText;
  }

  private void skipDigits() {
    while (next < source.length() && isDigit(source.charAt(next))) {
      next++;
    }
  }

  private char peek(int ahead) {
    return source.charAt(next + ahead);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
  }

  private static boolean isNamePart(char c) {
    return isNameStart(c) || isDigit(c);
  }
}
