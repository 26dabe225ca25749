package io.sampo.routing.net;

import io.netty.buffer.ByteBuf;
import io.sampo.wire.CommandHeader;
import java.util.function.Consumer;

/**
 * A request of the node to a client that isn't answered; always in JSON, which all clients read.
 */
final class OnewayRequest extends Outgoing {
  private final int code;
  private final CommandHeader header;
  private final ByteBuf body;
  private final Consumer<Boolean> written;

  /**
   * @param body taken over
   * @param written told once whether the transport took it all
   */
  OnewayRequest(int code, CommandHeader header, ByteBuf body, Consumer<Boolean> written) {
    this.code = code;
    this.header = header;
    this.body = body;
    this.written = written;
  }

  @Override
  void write(FrameBatch frames) {
    frames.onewayRequest(code, header, body, written);
  }

  @Override
  void discard() {
    body.release();
    written.accept(false);
  }
}
