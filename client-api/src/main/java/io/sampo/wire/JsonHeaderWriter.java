package io.sampo.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON headers (codec 0) straight into the frame. One per thread, used again for each
 * header. Ext values are strings, numbers too, as clients expect.
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
  private static final byte[] EXT_FIELDS = ",\"extFields\":".getBytes(US_ASCII);

  private static final FastThreadLocal<JsonHeaderWriter> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected JsonHeaderWriter initialValue() {
          return new JsonHeaderWriter();
        }
      };

  private final byte[] digits = new byte[Decimal.CHARS_MAX];

  /** Null between headers. */
  private @Nullable ByteBuf frame;

  private boolean firstField;

  private JsonHeaderWriter() {}

  static void write(
      ByteBuf out, int code, int opaque, int flag, @Nullable String remark, CommandHeader header) {
    OF_THREAD.get().writeHeader(out, code, opaque, flag, remark, header);
  }

  private void writeHeader(
      ByteBuf out, int code, int opaque, int flag, @Nullable String remark, CommandHeader header) {
    frame = out;
    firstField = true;
    out.writeBytes(CODE);
    writeNumber(out, code);
    out.writeBytes(FLAG);
    writeNumber(out, flag);
    out.writeBytes(OPAQUE);
    writeNumber(out, opaque);
    out.writeBytes(CONSTANT);
    if (remark != null) {
      out.writeBytes(REMARK);
      writeString(out, remark);
    }
    try {
      header.writeFields(this);
    } finally {
      frame = null;
    }
    if (!firstField) {
      out.writeByte('}');
    }
    out.writeByte('}');
  }

  @Override
  public FieldWriter field(String name, @Nullable String value) {
    if (value != null) {
      writeString(startField(name), value);
    }
    return this;
  }

  @Override
  public FieldWriter utf8(String name, byte @Nullable [] value) {
    if (value != null) {
      ByteBuf out = startField(name);
      out.writeByte('"');
      writeEscaped(out, value);
      out.writeByte('"');
    }
    return this;
  }

  @Override
  public FieldWriter field(String name, long value) {
    ByteBuf out = startField(name);
    out.writeByte('"');
    writeNumber(out, value);
    out.writeByte('"');
    return this;
  }

  @Override
  public FieldWriter field(String name, boolean value) {
    ByteBuf out = startField(name);
    ByteBufUtil.writeAscii(out, value ? "\"true\"" : "\"false\"");
    return this;
  }

  private ByteBuf startField(String name) {
    ByteBuf out = frame;
    if (out == null) {
      throw new IllegalStateException("a field is written outside of its header");
    }
    if (firstField) {
      firstField = false;
      out.writeBytes(EXT_FIELDS);
      out.writeByte('{');
    } else {
      out.writeByte(',');
    }
    out.writeByte('"');
    ByteBufUtil.writeAscii(out, name);
    out.writeByte('"');
    out.writeByte(':');
    return out;
  }

  private void writeNumber(ByteBuf out, long value) {
    int at = Decimal.format(value, digits, digits.length);
    out.writeBytes(digits, at, digits.length - at);
  }

  private static void writeString(ByteBuf out, String text) {
    out.writeByte('"');
    if (isPlainAscii(text)) {
      ByteBufUtil.writeAscii(out, text);
    } else {
      writeEscaped(out, text.getBytes(StandardCharsets.UTF_8));
    }
    out.writeByte('"');
  }

  private static boolean isPlainAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c >= 0x80 || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  private static void writeEscaped(ByteBuf out, byte[] utf8) {
    int plainFrom = 0;
    for (int i = 0; i < utf8.length; i++) {
      byte b = utf8[i];
      if (b < 0 || (b >= ' ' && b != '"' && b != '\\')) {
        continue;
      }
      out.writeBytes(utf8, plainFrom, i - plainFrom);
      plainFrom = i + 1;
      byte escape = JsonText.shortEscape(b);
      out.writeByte('\\');
      if (escape != 0) {
        out.writeByte(escape);
      } else {
        out.writeByte('u').writeByte('0').writeByte('0');
        out.writeByte(JsonText.hexDigit(b >> 4)).writeByte(JsonText.hexDigit(b));
      }
    }
    out.writeBytes(utf8, plainFrom, utf8.length - plainFrom);
  }
}
