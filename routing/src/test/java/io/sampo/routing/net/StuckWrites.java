package io.sampo.routing.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;

/**
 * Keeps writes from the transport of an embedded channel, as when the client's window is closed:
 * they stay in the outbound buffer and count as pending.
 */
final class StuckWrites extends ChannelOutboundHandlerAdapter {
  private StuckWrites() {}

  static void install(EmbeddedChannel channel) {
    channel.pipeline().addFirst(new StuckWrites());
  }

  @Override
  public void flush(ChannelHandlerContext context) {}
}
