package io.sampo.routing.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.sampo.storage.log.LogSlice;
import io.sampo.wire.CommandCodec;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers frames for one connection: headers one after the other in a buffer, bodies as they are,
 * without a copy. Event loop only.
 *
 * <p>Records are handed to the transport as views of the mapped segment; the slices are closed when
 * the last of their bytes is written, or when the transport gives up on them.
 */
final class FrameBatch {
  /** About the headers of three answers to sends. */
  private static final int BUFFER_BYTES_INITIAL = 512;

  /** Larger batches are passed on in pieces, so that no buffer grows without end. */
  private static final int BUFFER_BYTES_MAX = 32 * 1024;

  /** A body up to this size costs less to copy behind its header than to write by itself. */
  private static final int BODY_BYTES_COPIED_MAX = 4 * 1024;

  private static final AtomicInteger OWN_OPAQUE = new AtomicInteger();

  private final ChannelHandlerContext context;
  private @Nullable ByteBuf headers;

  /** Of records on their way that take no memory. */
  private long viewBytes;

  FrameBatch(ChannelHandlerContext context) {
    this.context = context;
  }

  /** Adds a response; takes over the body. */
  void response(Exchange answered, ByteBuf body) {
    try {
      writeHead(answered, body.readableBytes());
      writeBody(body);
    } finally {
      body.release();
    }
  }

  /** Adds frames that are complete; takes them over. */
  void frame(ByteBuf frame) {
    try {
      headers();
      writeBody(frame);
    } finally {
      frame.release();
    }
  }

  /** Answers an envelope whose content is for another leader; see {@link RelayedFor}. */
  void envelopeRefused(int opaque, boolean mayBeDone) {
    CommandCodec.encodeResponse(
        headers(),
        HeaderCodec.ROCKETMQ,
        opaque,
        mayBeDone ? RelayedFor.LEFT_TO_NEXT : ResponseCode.SERVICE_NOT_AVAILABLE,
        null,
        CommandHeader.NONE,
        0);
  }

  /** Adds a client's request in an envelope to another node; takes over the body. */
  void envelope(int opaque, RemotingCommand request, ByteBuf body, CommandHeader sender) {
    try {
      ByteBuf out = headers();
      int envelopeAt = out.writerIndex();
      CommandCodec.encodeRequest(
          out, HeaderCodec.ROCKETMQ, opaque, RelayedFor.CODE, request.isOneway(), sender, 0);
      int frameAt = out.writerIndex();
      request.writeHead(out);
      enclose(out, envelopeAt, frameAt, body.readableBytes());
      writeBody(body);
    } finally {
      body.release();
    }
  }

  private void writeHead(Exchange answered, int bodyBytes) {
    ByteBuf out = headers();
    RelayedFor relayed = answered.relayed();
    int envelopeAt = out.writerIndex();
    if (relayed != null) {
      CommandCodec.encodeResponse(
          out,
          HeaderCodec.ROCKETMQ,
          relayed.opaque(),
          ResponseCode.SUCCESS,
          null,
          CommandHeader.NONE,
          0);
    }
    int frameAt = out.writerIndex();
    answered.encodeHead(out, bodyBytes);
    if (relayed != null) {
      enclose(out, envelopeAt, frameAt, bodyBytes);
    }
  }

  /** The frame that was written behind an envelope's head is its body. */
  private static void enclose(ByteBuf out, int envelopeAt, int frameAt, int bodyBytes) {
    int frameBytes = out.writerIndex() - frameAt + bodyBytes;
    out.setInt(envelopeAt, out.getInt(envelopeAt) + frameBytes);
  }

  private void writeBody(ByteBuf body) {
    ByteBuf out = headers;
    int bytes = body.readableBytes();
    if (out != null && bytes <= BODY_BYTES_COPIED_MAX) {
      out.writeBytes(body, body.readerIndex(), bytes);
    } else {
      passOn();
      context.write(body.retain(), context.voidPromise());
    }
  }

  Channel channel() {
    return context.channel();
  }

  /** Adds a response with records, none for an answer without a body; takes the slices over. */
  void response(Exchange answered, List<LogSlice> records) {
    int bodyBytes = 0;
    for (int i = 0; i < records.size(); i++) {
      bodyBytes += records.get(i).sizeBytes();
    }
    try {
      writeHead(answered, bodyBytes);
    } catch (RuntimeException e) {
      records.forEach(LogSlice::close);
      throw e;
    }
    if (!records.isEmpty()) {
      writeRecords(records);
    }
  }

  /**
   * Adds a one-way request of the node, in JSON because every client reads that; takes over the
   * body.
   *
   * @param written told whether the body was written
   */
  void onewayRequest(int code, CommandHeader header, ByteBuf body, Consumer<Boolean> written) {
    int bodyBytes = body.readableBytes();
    try {
      CommandCodec.encodeRequest(
          headers(), HeaderCodec.JSON, nextOpaque(), code, true, header, bodyBytes);
    } catch (RuntimeException e) {
      body.release();
      written.accept(false);
      throw e;
    }
    if (bodyBytes == 0) {
      body.release();
      written.accept(true);
      return;
    }
    passOn();
    ChannelPromise bodyWritten = context.newPromise();
    bodyWritten.addListener(done -> written.accept(done.isSuccess()));
    context.write(body, bodyWritten);
  }

  /** Adds a request of the node that the client is to answer, in JSON; takes over the body. */
  void request(int opaque, int code, CommandHeader header, ByteBuf body) {
    int bodyBytes = body.readableBytes();
    try {
      CommandCodec.encodeRequest(
          headers(), HeaderCodec.JSON, opaque, code, false, header, bodyBytes);
    } catch (RuntimeException e) {
      body.release();
      throw e;
    }
    if (bodyBytes == 0) {
      body.release();
    } else {
      passOn();
      context.write(body, context.voidPromise());
    }
  }

  /** Of the node's next request to any client. */
  static int nextOpaque() {
    return OWN_OPAQUE.incrementAndGet();
  }

  /** Sends everything on its way. */
  void flush() {
    passOn();
    context.flush();
  }

  /** Closes the connection once everything before is written, so that the client gets it. */
  void closeAfterFlush() {
    whenWritten(() -> LingeringClose.begin(context.channel()));
  }

  /** Does something once everything before is written, or the connection is closed. */
  void whenWritten(Runnable action) {
    passOn();
    context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> action.run());
  }

  /** As {@link #whenWritten}, a moment later: by then what was written is pending no more. */
  void onceWritten(Runnable action) {
    whenWritten(() -> context.executor().execute(action));
  }

  /** Drops what was not passed on, because the connection is closed. */
  void discard() {
    if (headers != null) {
      headers.release();
      headers = null;
    }
  }

  /** The bytes that the client hasn't taken yet. */
  long pendingBytes() {
    ChannelOutboundBuffer pending = context.channel().unsafe().outboundBuffer();
    return pending == null ? 0 : pending.totalPendingWriteBytes();
  }

  /** As before, without the records that are views of the log's files. */
  long memoryBytes() {
    return Math.max(0, pendingBytes() - viewBytes);
  }

  /** As {@link #pendingBytes}, without what the client has taken of a piece. */
  long bytesLeft() {
    ChannelOutboundBuffer pending = context.channel().unsafe().outboundBuffer();
    return pending == null ? 0 : pending.totalPendingWriteBytes() - pending.currentProgress();
  }

  private void writeRecords(List<LogSlice> records) {
    passOn();
    int last = records.size() - 1;
    long views = 0;
    for (int i = 0; i <= last; i++) {
      views += records.get(i).isCopy() ? 0 : records.get(i).sizeBytes();
    }
    long viewsNow = views;
    viewBytes += viewsNow;
    for (int i = 0; i < last; i++) {
      context.write(Unpooled.wrappedBuffer(records.get(i).bytes()), context.voidPromise());
    }
    // Writes end in the order in which they were made, so the last one's end is the end of all.
    ChannelPromise written = context.newPromise();
    written.addListener(
        done -> {
          viewBytes -= viewsNow;
          records.forEach(LogSlice::close);
        });
    context.write(Unpooled.wrappedBuffer(records.get(last).bytes()), written);
  }

  private ByteBuf headers() {
    ByteBuf current = headers;
    if (current != null && current.readableBytes() > BUFFER_BYTES_MAX) {
      passOn();
      current = null;
    }
    if (current == null) {
      current = context.alloc().ioBuffer(BUFFER_BYTES_INITIAL);
      headers = current;
    }
    return current;
  }

  private void passOn() {
    ByteBuf current = headers;
    if (current != null) {
      headers = null;
      context.write(current, context.voidPromise());
    }
  }
}
