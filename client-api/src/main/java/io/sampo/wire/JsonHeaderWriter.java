package io.sampo.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON headers (codec 0): into an array first, where a byte costs a store, and from there
 * into the frame at once. One per thread, used again for each header. Ext values are strings,
 * numbers too, as clients expect.
 */
final class JsonHeaderWriter implements FieldWriter {
  private static final byte[] CODE = "{\"code\":".getBytes(US_ASCII);
  private static final byte[] FLAG = ",\"flag\":".getBytes(US_ASCII);
  private static final byte[] OPAQUE = ",\"opaque\":".getBytes(US_ASCII);
  private static final byte[] CONSTANT =
      (",\"language\":\"JAVA\",\"serializeTypeCurrentRPC\":\"JSON\",\"version\":"
              + CommandCodec.VERSION)
          .getBytes(US_ASCII);
  private static final byte[] REMARK = ",\"remark\":".getBytes(US_ASCII);
  private static final byte[] EXT_FIELDS = ",\"extFields\":{".getBytes(US_ASCII);
  private static final byte[] TRUE = "\"true\"".getBytes(US_ASCII);
  private static final byte[] FALSE = "\"false\"".getBytes(US_ASCII);

  /** Room for a usual header. */
  private static final int BYTES_INITIAL = 1024;

  /** A larger array isn't kept: few headers need it. */
  private static final int BYTES_KEPT_MAX = 64 * 1024;

  /** What one byte may become: a backslash, u and four digits. */
  private static final int ESCAPED_BYTES_MAX = 6;

  private static final FastThreadLocal<JsonHeaderWriter> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected JsonHeaderWriter initialValue() {
          return new JsonHeaderWriter();
        }
      };

  private final byte[] digits = new byte[Decimal.CHARS_MAX];
  private byte[] bytes = new byte[BYTES_INITIAL];
  private int size;
  private boolean firstField;

  private JsonHeaderWriter() {}

  static void write(
      ByteBuf out, int code, int opaque, int flag, @Nullable String remark, CommandHeader header) {
    OF_THREAD.get().writeHeader(out, code, opaque, flag, remark, header);
  }

  private void writeHeader(
      ByteBuf out, int code, int opaque, int flag, @Nullable String remark, CommandHeader header) {
    size = 0;
    firstField = true;
    add(CODE);
    addNumber(code);
    add(FLAG);
    addNumber(flag);
    add(OPAQUE);
    addNumber(opaque);
    add(CONSTANT);
    if (remark != null) {
      add(REMARK);
      addString(remark);
    }
    header.writeFields(this);
    if (!firstField) {
      add('}');
    }
    add('}');
    out.writeBytes(bytes, 0, size);
    if (bytes.length > BYTES_KEPT_MAX) {
      bytes = new byte[BYTES_INITIAL];
    }
  }

  @Override
  public FieldWriter field(String name, @Nullable String value) {
    if (value != null) {
      startField(name);
      addString(value);
    }
    return this;
  }

  @Override
  public FieldWriter utf8(String name, byte @Nullable [] value) {
    if (value != null) {
      startField(name);
      add('"');
      addEscaped(value);
      add('"');
    }
    return this;
  }

  @Override
  public FieldWriter field(String name, long value) {
    startField(name);
    add('"');
    addNumber(value);
    add('"');
    return this;
  }

  @Override
  public FieldWriter field(String name, boolean value) {
    startField(name);
    add(value ? TRUE : FALSE);
    return this;
  }

  private void startField(String name) {
    if (firstField) {
      firstField = false;
      add(EXT_FIELDS);
    } else {
      add(',');
    }
    add('"');
    int length = name.length();
    byte[] to = room(length);
    for (int i = 0; i < length; i++) {
      to[size + i] = (byte) name.charAt(i);
    }
    size += length;
    add('"');
    add(':');
  }

  private void addNumber(long value) {
    int at = Decimal.format(value, digits, digits.length);
    int length = digits.length - at;
    System.arraycopy(digits, at, room(length), size, length);
    size += length;
  }

  private void addString(String text) {
    add('"');
    if (!addPlainAscii(text)) {
      addEscaped(text.getBytes(StandardCharsets.UTF_8));
    }
    add('"');
  }

  /** False, with nothing added, when the text has anything else than ASCII without escapes. */
  private boolean addPlainAscii(String text) {
    int length = text.length();
    byte[] to = room(length);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < ' ' || c >= 0x80 || c == '"' || c == '\\') {
        return false;
      }
      to[size + i] = (byte) c;
    }
    size += length;
    return true;
  }

  private void addEscaped(byte[] utf8) {
    byte[] to = room(utf8.length * ESCAPED_BYTES_MAX);
    int at = size;
    for (byte b : utf8) {
      if (b < 0 || (b >= ' ' && b != '"' && b != '\\')) {
        to[at++] = b;
        continue;
      }
      byte escape = JsonText.shortEscape(b);
      to[at++] = '\\';
      if (escape != 0) {
        to[at++] = escape;
      } else {
        to[at++] = 'u';
        to[at++] = '0';
        to[at++] = '0';
        to[at++] = JsonText.hexDigit(b >> 4);
        to[at++] = JsonText.hexDigit(b);
      }
    }
    size = at;
  }

  private void add(byte[] text) {
    System.arraycopy(text, 0, room(text.length), size, text.length);
    size += text.length;
  }

  private void add(char ascii) {
    room(1)[size++] = (byte) ascii;
  }

  /** The array, with room for so many bytes more. */
  private byte[] room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
    }
    return bytes;
  }
}
