package io.sampo.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Commands from and to bytes, in either header codec. Stateless; any thread.
 *
 * <pre>
 *  int32  length of all that follows
 *  int8   codec of the header: 0 JSON, 1 ROCKETMQ
 *  int24  size of the header
 *         header, then body up to the end
 * </pre>
 *
 * Encoding writes all of it but the body, whose length has to be known: the caller sends the body's
 * buffers behind it, so that no body is ever copied into a frame.
 */
public final class CommandCodec {
  /**
   * The version that is written into every header (5.5.0). Clients take the broker's version from
   * it and refuse features locally when it is too low.
   */
  public static final int VERSION = 513;

  static final int HEADER_WORD_BYTES = 4;

  private static final int RESPONSE_FLAG = 1;
  private static final int ONEWAY_FLAG = 2;
  private static final int HEADER_BYTES_MASK = 0xff_ffff;

  /** A longer header is not read: it would take several times its length while it is. */
  private static final int HEADER_BYTES_MAX = 4 * 1024 * 1024;

  private static final HeaderCodec[] CODECS = {HeaderCodec.JSON, HeaderCodec.ROCKETMQ};

  private CommandCodec() {}

  /**
   * Decodes one frame. The body of the command is a retained slice of the buffer; its indices don't
   * move.
   *
   * @param frameAt where the frame starts in the buffer, after its length field
   * @param frameBytes the frame's length, its length field not counted
   * @throws FrameException when it isn't a frame; nothing is retained then
   */
  public static RemotingCommand decode(ByteBuf buffer, int frameAt, int frameBytes) {
    if (frameBytes < HEADER_WORD_BYTES) {
      throw new FrameException("a frame of " + frameBytes + " bytes");
    }
    int headerWord = buffer.getInt(frameAt);
    checkHeaderWord(headerWord, frameBytes);
    HeaderCodec codec = CODECS[headerWord >>> 24];
    byte[] header = new byte[headerWord & HEADER_BYTES_MASK];
    buffer.getBytes(frameAt + HEADER_WORD_BYTES, header);
    ParsedHeader parsed = ParsedHeader.empty();
    if (codec == HeaderCodec.JSON) {
      JsonHeaderParser.parse(header, parsed);
    } else {
      BinaryHeaderParser.parse(header, parsed);
    }
    int bodyBytes = frameBytes - HEADER_WORD_BYTES - header.length;
    ByteBuf body =
        bodyBytes == 0
            ? Unpooled.EMPTY_BUFFER
            : buffer.retainedSlice(frameAt + HEADER_WORD_BYTES + header.length, bodyBytes);
    return new DecodedCommand(codec, header, parsed, body);
  }

  /** Checks the four bytes after a frame's length. */
  static void checkHeaderWord(int headerWord, int frameBytes) {
    int codec = headerWord >>> 24;
    if (codec >= CODECS.length) {
      throw new FrameException("unknown header codec " + codec);
    }
    int headerBytes = headerWord & HEADER_BYTES_MASK;
    if (headerBytes > frameBytes - HEADER_WORD_BYTES) {
      throw new FrameException("a header of " + headerBytes + " bytes in a frame of " + frameBytes);
    }
    if (headerBytes > HEADER_BYTES_MAX) {
      throw new FrameException(
          "a header of " + headerBytes + " bytes, expected at most " + HEADER_BYTES_MAX);
    }
  }

  /**
   * Writes the frame of a response up to its body.
   *
   * @param code see {@link ResponseCode}
   * @param remark why it is not a success; null when there is nothing to say
   * @param bodyBytes the length of the body that the caller sends next, 0 for none
   */
  public static void encodeResponse(
      ByteBuf out,
      RemotingCommand request,
      int code,
      @Nullable String remark,
      CommandHeader header,
      int bodyBytes) {
    encodeResponse(out, request.codec(), request.opaque(), code, remark, header, bodyBytes);
  }

  /** As above, when the request itself is gone. */
  public static void encodeResponse(
      ByteBuf out,
      HeaderCodec codec,
      int opaque,
      int code,
      @Nullable String remark,
      CommandHeader header,
      int bodyBytes) {
    encode(out, codec, code, opaque, RESPONSE_FLAG, remark, header, bodyBytes);
  }

  /**
   * Writes the frame of a request up to its body.
   *
   * @param code see {@link RequestCode}
   * @param oneway true when no response is wanted
   * @param bodyBytes the length of the body that the caller sends next, 0 for none
   */
  public static void encodeRequest(
      ByteBuf out,
      HeaderCodec codec,
      int opaque,
      int code,
      boolean oneway,
      CommandHeader header,
      int bodyBytes) {
    encode(out, codec, code, opaque, oneway ? ONEWAY_FLAG : 0, null, header, bodyBytes);
  }

  private static void encode(
      ByteBuf out,
      HeaderCodec codec,
      int code,
      int opaque,
      int flag,
      @Nullable String remark,
      CommandHeader header,
      int bodyBytes) {
    int lengthAt = out.writerIndex();
    out.writeZero(4 + HEADER_WORD_BYTES);
    int headerAt = out.writerIndex();
    if (codec == HeaderCodec.JSON) {
      JsonHeaderWriter.write(out, code, opaque, flag, remark, header);
    } else {
      BinaryHeaderWriter.write(out, code, opaque, flag, remark, header);
    }
    int headerBytes = out.writerIndex() - headerAt;
    if (headerBytes > HEADER_BYTES_MAX) {
      throw new IllegalArgumentException("a header of " + headerBytes + " bytes");
    }
    out.setInt(lengthAt, HEADER_WORD_BYTES + headerBytes + bodyBytes);
    out.setInt(lengthAt + 4, headerWord(codec, headerBytes));
  }

  /** The bytes of a frame up to its body. */
  static int headBytes(byte[] header) {
    return 4 + HEADER_WORD_BYTES + header.length;
  }

  /** Writes a frame up to its body, with a header that is encoded already. */
  static void writeHead(ByteBuf out, HeaderCodec codec, byte[] header, int bodyBytes) {
    out.writeInt(HEADER_WORD_BYTES + header.length + bodyBytes);
    out.writeInt(headerWord(codec, header.length));
    out.writeBytes(header);
  }

  private static int headerWord(HeaderCodec codec, int headerBytes) {
    return (codec == HeaderCodec.JSON ? 0 : 1) << 24 | headerBytes;
  }
}
