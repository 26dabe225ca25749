package io.sampo.wire;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One received command. The header is parsed; the body is a slice of the bytes that were read.
 * Whoever holds the command last calls {@link #release()}, once; to keep the body longer, retain
 * it.
 */
public interface RemotingCommand {
  /** See {@link RequestCode} and {@link ResponseCode}. */
  int code();

  /** The ordinal of the sender's language, 0 (JAVA) when it isn't a known one. */
  int language();

  /** The sender's version, see the protocol's version table. */
  int version();

  /** Matches a response to its request. */
  int opaque();

  /** Bit 0: response, bit 1: one-way. */
  int flag();

  @Nullable String remark();

  HeaderFields fields();

  /** The body; readable bytes 0 when there is none. Not retained. */
  ByteBuf body();

  HeaderCodec codec();

  /** The bytes of the frame up to its body, length field and all. */
  int headBytes();

  /** Writes the frame as it was received, length field and all, up to its body. */
  void writeHead(ByteBuf out);

  default boolean isResponse() {
    return (flag() & 1) != 0;
  }

  default boolean isOneway() {
    return (flag() & 2) != 0;
  }

  void release();
}
