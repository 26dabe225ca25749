package io.sampo.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes ROCKETMQ headers (codec 1, layout in {@link BinaryHeaderParser}) straight into the frame.
 * One per thread, used again for each header. Codes beyond 16 bits can't be written: commands that
 * have them exist in JSON only.
 */
final class BinaryHeaderWriter implements FieldWriter {
  private static final FastThreadLocal<BinaryHeaderWriter> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected BinaryHeaderWriter initialValue() {
          return new BinaryHeaderWriter();
        }
      };

  private final byte[] digits = new byte[Decimal.CHARS_MAX];

  /** Null between headers. */
  private @Nullable ByteBuf frame;

  private BinaryHeaderWriter() {}

  static void write(
      ByteBuf out, int code, int opaque, int flag, @Nullable String remark, CommandHeader header) {
    if (code != (short) code) {
      throw new IllegalArgumentException("code " + code + " does not fit the binary codec");
    }
    OF_THREAD.get().writeHeader(out, code, opaque, flag, remark, header);
  }

  private void writeHeader(
      ByteBuf out, int code, int opaque, int flag, @Nullable String remark, CommandHeader header) {
    out.writeShort(code);
    out.writeByte(Languages.JAVA);
    out.writeShort(CommandCodec.VERSION);
    out.writeInt(opaque);
    out.writeInt(flag);
    writeSized(out, remark == null ? "" : remark);
    int sizeAt = out.writerIndex();
    out.writeInt(0);
    frame = out;
    try {
      header.writeFields(this);
    } finally {
      frame = null;
    }
    out.setInt(sizeAt, out.writerIndex() - sizeAt - 4);
  }

  @Override
  public FieldWriter field(String name, @Nullable String value) {
    if (value != null) {
      writeSized(startField(name), value);
    }
    return this;
  }

  @Override
  public FieldWriter utf8(String name, byte @Nullable [] value) {
    if (value != null) {
      startField(name).writeInt(value.length).writeBytes(value);
    }
    return this;
  }

  @Override
  public FieldWriter field(String name, long value) {
    int at = Decimal.format(value, digits, digits.length);
    int size = digits.length - at;
    startField(name).writeInt(size).writeBytes(digits, at, size);
    return this;
  }

  @Override
  public FieldWriter field(String name, boolean value) {
    writeSized(startField(name), value ? "true" : "false");
    return this;
  }

  private ByteBuf startField(String name) {
    ByteBuf out = frame;
    if (out == null) {
      throw new IllegalStateException("a field is written outside of its header");
    }
    out.writeShort(name.length());
    ByteBufUtil.writeAscii(out, name);
    return out;
  }

  private static void writeSized(ByteBuf out, String text) {
    int sizeAt = out.writerIndex();
    out.writeInt(0);
    int size = out.writeCharSequence(text, StandardCharsets.UTF_8);
    out.setInt(sizeAt, size);
  }
}
