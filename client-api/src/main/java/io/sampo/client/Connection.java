package io.sampo.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.sampo.wire.CommandCodec;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One TCP connection to a server: sends requests from any thread and finds the request that an
 * answer belongs to. Once the connection is gone every request on it has failed, and each later one
 * fails at once.
 */
final class Connection extends ChannelDuplexHandler {
  private static final Logger log = LoggerFactory.getLogger(Connection.class);

  /** Requests without an answer; above what windows and pulls of one process add up to. */
  private static final int PENDING_MAX = 100_000;

  /** Up to here a body is copied behind its header, which is cheaper than a second buffer. */
  private static final int COPIED_BODY_BYTES_MAX = 8 * 1024;

  private static final int HEADER_BYTES_GUESS = 512;

  private final String address;
  private final Channel channel;
  private final Consumer<RemotingCommand> onServerRequest;
  private final Map<Integer, PendingRequest<?>> pending = new ConcurrentHashMap<>();
  private final AtomicInteger nextOpaque = new AtomicInteger();
  private volatile boolean gone;

  /**
   * @param onServerRequest takes what the server asks or tells; runs on the IO thread and doesn't
   *     keep the command
   */
  Connection(String address, Channel channel, Consumer<RemotingCommand> onServerRequest) {
    this.address = address;
    this.channel = channel;
    this.onServerRequest = onServerRequest;
  }

  boolean isGone() {
    return gone;
  }

  void close() {
    channel.close();
  }

  void send(PendingRequest<?> request) {
    if (pending.size() >= PENDING_MAX) {
      request.fail(
          new TransportException(PENDING_MAX + " requests to " + address + " are pending", null));
      return;
    }
    int opaque = nextOpaque.getAndIncrement();
    pending.put(opaque, request);
    // Whichever way it ends, it must not stay in the table.
    request.future().whenComplete((result, failure) -> pending.remove(opaque));
    if (gone) {
      request.fail(lost());
      return;
    }
    channel
        .writeAndFlush(new Outbound(opaque, request))
        .addListener(
            written -> {
              if (!written.isSuccess()) {
                request.fail(
                    new TransportException("sending to " + address + " failed", written.cause()));
              }
            });
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (!(message instanceof Outbound outbound)) {
      ctx.write(message, promise);
      return;
    }
    if (outbound.pending.isEnded()) { // timed out while it waited for the IO thread
      promise.setSuccess();
      return;
    }
    Request request = outbound.pending.request();
    byte[] body = request.body();
    boolean copied = body.length <= COPIED_BODY_BYTES_MAX;
    ByteBuf frame = ctx.alloc().ioBuffer(HEADER_BYTES_GUESS + (copied ? body.length : 0));
    try {
      CommandCodec.encodeRequest(
          frame,
          HeaderCodec.JSON,
          outbound.opaque,
          request.code(),
          false,
          request.header(),
          body.length);
    } catch (RuntimeException e) {
      frame.release();
      promise.setFailure(e);
      return;
    }
    if (copied) {
      ctx.write(frame.writeBytes(body), promise);
    } else {
      ctx.write(frame);
      ctx.write(Unpooled.wrappedBuffer(body), promise);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    RemotingCommand command = (RemotingCommand) message;
    try {
      if (command.isResponse()) {
        PendingRequest<?> request = pending.remove(command.opaque());
        if (request != null) { // or its time had run out
          request.answer(command);
        }
      } else {
        onServerRequest.accept(command);
        if (!command.isOneway()) {
          refuse(ctx, command);
        }
      }
    } finally {
      command.release();
    }
  }

  /** No request that a server sends to this client wants an answer, except by those it lacks. */
  private static void refuse(ChannelHandlerContext ctx, RemotingCommand request) {
    ByteBuf frame = ctx.alloc().ioBuffer(HEADER_BYTES_GUESS);
    CommandCodec.encodeResponse(
        frame,
        request,
        ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
        "this client does not serve code " + request.code(),
        CommandHeader.NONE,
        0);
    ctx.writeAndFlush(frame);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone = true;
    pending.values().forEach(request -> request.fail(lost()));
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    log.warn("The connection to {} is closed because it failed: {}", address, cause.toString());
    ctx.close();
  }

  private TransportException lost() {
    return new TransportException("the connection to " + address + " is lost", null);
  }

  /** A request on its way to the IO thread, where it is encoded. */
  private record Outbound(int opaque, PendingRequest<?> pending) {}
}
