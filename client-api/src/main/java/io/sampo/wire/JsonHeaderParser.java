package io.sampo.wire;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a JSON header (codec 0) in one pass over its bytes. It takes what any client's JSON library
 * writes: keys in any order, unknown keys, escapes, numbers with or without quotes, ext fields that
 * are not strings. What is not JSON is a {@link FrameException}.
 *
 * <p>Used for one header and dropped; places in {@link ParsedHeader} count from the header's start.
 */
final class JsonHeaderParser {
  private static final int DEPTH_MAX = 16;
  private static final Name CODE = new Name("code");
  private static final Name LANGUAGE = new Name("language");
  private static final Name VERSION = new Name("version");
  private static final Name OPAQUE = new Name("opaque");
  private static final Name FLAG = new Name("flag");
  private static final Name REMARK = new Name("remark");
  private static final Name EXT_FIELDS = new Name("extFields");
  private static final Name[] NAMES = {CODE, EXT_FIELDS, FLAG, LANGUAGE, OPAQUE, REMARK, VERSION};

  private final byte[] json;
  private final int end;
  private int at;

  // The string or scalar read last.
  private int tokenAt;
  private int tokenSize;
  private int tokenKind;
  private int tokenHash;

  private JsonHeaderParser(byte[] json) {
    this.json = json;
    this.end = json.length;
  }

  /** Reads the header that fills the array. */
  static void parse(byte[] json, ParsedHeader out) {
    JsonHeaderParser parser = new JsonHeaderParser(json);
    parser.object(out);
    if (parser.skipBlanks()) {
      throw new FrameException("the header goes on after its JSON object");
    }
  }

  private void object(ParsedHeader out) {
    expect('{');
    if (nextIs('}')) {
      return;
    }
    do {
      string();
      @Nullable Name name = knownName();
      expect(':');
      if (name == EXT_FIELDS && peek() == '{') {
        extFields(out);
      } else {
        value(1);
        if (name != null && tokenKind != ParsedHeader.ABSENT) {
          topLevel(name, out);
        }
      }
    } while (nextIs(','));
    expect('}');
  }

  private void topLevel(Name name, ParsedHeader out) {
    if (name == CODE) {
      out.code = number(name);
    } else if (name == OPAQUE) {
      out.opaque = number(name);
    } else if (name == FLAG) {
      out.flag = number(name);
    } else if (name == VERSION) {
      out.version = number(name);
    } else if (name == LANGUAGE) {
      out.language = Languages.ordinalOf(json, tokenAt, tokenSize);
    } else if (name == REMARK) {
      out.remarkAt = tokenAt;
      out.remarkSizeAndKind = ParsedHeader.sizeAndKind(tokenSize, tokenKind);
    }
  }

  private void extFields(ParsedHeader out) {
    expect('{');
    if (nextIs('}')) {
      return;
    }
    do {
      string();
      int nameAt = tokenAt;
      int nameSizeAndKind = ParsedHeader.sizeAndKind(tokenSize, tokenKind);
      int nameHash = tokenKind == ParsedHeader.PLAIN ? tokenHash : unescapedHash();
      expect(':');
      value(2);
      out.addField(
          nameHash,
          nameAt,
          nameSizeAndKind,
          tokenAt,
          ParsedHeader.sizeAndKind(tokenSize, tokenKind));
    } while (nextIs(','));
    expect('}');
  }

  /** Reads any value; the token is its text, without the quotes of a string. */
  private void value(int depth) {
    byte first = peek();
    if (first == '"') {
      string();
    } else if (first == '{' || first == '[') {
      int from = at;
      skipNested(depth);
      token(from, ParsedHeader.PLAIN);
    } else {
      scalar();
    }
  }

  private void skipNested(int depth) {
    if (depth > DEPTH_MAX) {
      throw new FrameException("the header is nested deeper than " + DEPTH_MAX);
    }
    boolean object = json[at++] == '{';
    char close = object ? '}' : ']';
    if (nextIs(close)) {
      return;
    }
    do {
      if (object) {
        string();
        expect(':');
      }
      value(depth + 1);
    } while (nextIs(','));
    expect(close);
  }

  private void string() {
    expect('"');
    int from = at;
    int hash = 0;
    int kind = ParsedHeader.PLAIN;
    int i = from;
    while (i < end) {
      byte b = json[i];
      if (b == '"') {
        at = i;
        token(from, kind);
        tokenHash = hash;
        at++;
        return;
      }
      if (b == '\\') {
        kind = ParsedHeader.ESCAPED;
        i = JsonText.skipEscape(json, i, end);
      } else {
        hash = 31 * hash + b;
        i++;
      }
    }
    throw new FrameException("the header ends within a string");
  }

  private void scalar() {
    int from = at;
    while (at < end && isScalarByte(json[at])) {
      at++;
    }
    token(from, ParsedHeader.PLAIN);
    if (isToken("null")) {
      tokenKind = ParsedHeader.ABSENT;
    } else if (tokenSize == 0
        || (!isNumberStart(json[from]) && !isToken("true") && !isToken("false"))) {
      throw new FrameException("the header is not JSON");
    }
  }

  private void token(int from, int kind) {
    tokenAt = from;
    tokenSize = at - from;
    tokenKind = kind;
  }

  private boolean isToken(String text) {
    if (tokenSize != text.length()) {
      return false;
    }
    for (int i = 0; i < tokenSize; i++) {
      if (json[tokenAt + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isScalarByte(byte b) {
    return isDigit(b) || (b >= 'a' && b <= 'z') || b == '-' || b == '+' || b == '.' || b == 'E';
  }

  private static boolean isNumberStart(byte b) {
    return isDigit(b) || b == '-';
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  private int number(Name name) {
    long value = Decimal.parse(json, tokenAt, tokenSize);
    if (value == Decimal.NOT_A_NUMBER || value != (int) value) {
      throw new FrameException("the header's " + name.text + " is not a 32-bit number");
    }
    return (int) value;
  }

  private int unescapedHash() {
    int hash = 0;
    for (byte b : JsonText.unescape(Arrays.copyOfRange(json, tokenAt, tokenAt + tokenSize))) {
      hash = 31 * hash + b;
    }
    return hash;
  }

  private @Nullable Name knownName() {
    for (Name name : NAMES) {
      if (tokenHash == name.hash && tokenKind == ParsedHeader.PLAIN && isToken(name.text)) {
        return name;
      }
    }
    return null;
  }

  private byte peek() {
    if (!skipBlanks()) {
      throw new FrameException("the header ends within its JSON object");
    }
    return json[at];
  }

  /** False at the end. */
  private boolean skipBlanks() {
    while (at < end) {
      byte b = json[at];
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return true;
      }
      at++;
    }
    return false;
  }

  private void expect(char wanted) {
    if (!nextIs(wanted)) {
      throw new FrameException("the header is not JSON: no '" + wanted + "' at byte " + at);
    }
  }

  private boolean nextIs(char wanted) {
    if (peek() != wanted) {
      return false;
    }
    at++;
    return true;
  }

  /** A key with a meaning, with its hash computed once. */
  private static final class Name {
    final String text;
    final int hash;

    Name(String text) {
      this.text = text;
      this.hash = text.hashCode();
    }
  }
}
