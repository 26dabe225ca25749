package io.sampo.wire;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A command as {@link CommandCodec} decoded it. The header is a copy of its own, only the body
 * refers to what was read; so a command without a body (a parked pull) pins no buffer.
 */
final class DecodedCommand implements RemotingCommand {
  private final int code;
  private final int language;
  private final int version;
  private final int opaque;
  private final int flag;
  private final HeaderCodec codec;
  private final byte[] header;
  private final int remarkAt;
  private final int remarkSizeAndKind;
  private final HeaderFields fields;
  private final ByteBuf body;

  /**
   * @param body a reference of the command's own
   */
  DecodedCommand(HeaderCodec codec, byte[] header, ParsedHeader parsed, ByteBuf body) {
    this.code = parsed.code;
    this.language = parsed.language;
    this.version = parsed.version;
    this.opaque = parsed.opaque;
    this.flag = parsed.flag;
    this.codec = codec;
    this.header = header;
    this.remarkAt = parsed.remarkAt;
    this.remarkSizeAndKind = parsed.remarkSizeAndKind;
    this.fields = new FieldTable(header, parsed.copyFields());
    this.body = body;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public int language() {
    return language;
  }

  @Override
  public int version() {
    return version;
  }

  @Override
  public int opaque() {
    return opaque;
  }

  @Override
  public int flag() {
    return flag;
  }

  @Override
  public @Nullable String remark() {
    return FieldTable.text(header, remarkAt, remarkSizeAndKind);
  }

  @Override
  public HeaderFields fields() {
    return fields;
  }

  @Override
  public ByteBuf body() {
    return body;
  }

  @Override
  public HeaderCodec codec() {
    return codec;
  }

  @Override
  public int headBytes() {
    return CommandCodec.headBytes(header);
  }

  @Override
  public void writeHead(ByteBuf out) {
    CommandCodec.writeHead(out, codec, header, body.readableBytes());
  }

  @Override
  public void release() {
    body.release();
  }

  @Override
  public String toString() {
    return "RemotingCommand[code="
        + code
        + ", opaque="
        + opaque
        + ", flag="
        + flag
        + ", bodyBytes="
        + body.readableBytes()
        + "]";
  }
}
