package io.sampo.routing.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection whose last answer is written: first its own direction, which tells the
 * client, then all of it when the client has closed, or after a second. What still arrives is read
 * and dropped. A socket that is closed with unread input is reset instead, and the answers that the
 * client has not taken are lost with it. Event loop only.
 */
final class LingeringClose extends ChannelInboundHandlerAdapter {
  private static final long MILLIS_MAX = 1000;

  private LingeringClose() {}

  static void begin(Channel channel) {
    if (!(channel instanceof DuplexChannel duplex) || !channel.isActive()) {
      channel.close();
      return;
    }
    channel.pipeline().addFirst(new LingeringClose());
    duplex.shutdownOutput();
    channel.config().setAutoRead(true);
    channel.eventLoop().schedule(() -> channel.close(), MILLIS_MAX, TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ReferenceCountUtil.release(message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    // nothing was read
  }
}
