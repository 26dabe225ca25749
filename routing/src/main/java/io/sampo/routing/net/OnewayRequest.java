package io.sampo.routing.net;

import io.sampo.wire.CommandHeader;

/**
 * A request of the node to a client that isn't answered; always in JSON, which all clients read.
 */
final class OnewayRequest extends Outgoing {
  private final int code;
  private final CommandHeader header;

  OnewayRequest(int code, CommandHeader header) {
    this.code = code;
    this.header = header;
  }

  @Override
  void write(FrameBatch frames) {
    frames.onewayRequest(code, header);
  }

  @Override
  void discard() {}
}
