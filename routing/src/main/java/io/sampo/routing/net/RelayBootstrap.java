package io.sampo.routing.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.sampo.wire.FrameBudget;
import io.sampo.wire.FrameDecoder;
import java.time.Duration;

/** Makes connections to other nodes, on the event loops that serve this node's clients. */
record RelayBootstrap(
    EventLoopGroup loops,
    NamesAside names,
    Class<? extends Channel> channelType,
    int frameBytesMax,
    FrameBudget frameBudget,
    Duration connectTimeout) {
  EventLoop nextLoop() {
    return loops.next();
  }

  /** Starts to connect; the handler gets the frames that come back. */
  ChannelFuture connect(EventLoop loop, RelayPeer.Address address, ChannelHandler handler) {
    return new Bootstrap()
        .group(loop)
        .channel(channelType)
        .resolver(names)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) connectTimeout.toMillis())
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new FrameDecoder(frameBytesMax, frameBudget), handler);
              }
            })
        .connect(address.host(), address.port());
  }
}
