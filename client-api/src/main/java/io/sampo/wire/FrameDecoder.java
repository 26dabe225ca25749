package io.sampo.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of a connection into frames and passes each on as a {@link RemotingCommand}, which
 * the next handler releases. One per connection, on its event loop.
 *
 * <p>A frame that lies whole in what was read is not copied: its command refers to the read buffer.
 * Only a frame that straddles reads is put together in a buffer of its own, which grows with the
 * bytes that have arrived and never with what a length field promises. So a command that is kept
 * pins at most one read buffer or its own frame, never a buffer that goes on growing.
 *
 * <p>What is not a frame ends the connection: a {@link FrameException} goes down the pipeline, the
 * channel is closed, and whatever else arrives is dropped. The same happens to a connection whose
 * unfinished frame has to make room for others.
 */
public final class FrameDecoder extends ChannelInboundHandlerAdapter {
  private static final int LENGTH_BYTES = 4;
  private static final int HEAD_BYTES = LENGTH_BYTES + CommandCodec.HEADER_WORD_BYTES;
  private static final int PARTIAL_BYTES_MIN = 256;

  private final int frameBytesMax;
  private final FrameBudget budget;

  /** The beginning of a frame whose rest has not arrived; null between frames. */
  private @Nullable ByteBuf partial;

  /** What the unfinished frame is to the budget. */
  private final Unfinished unfinished = new Unfinished();

  private @Nullable ChannelHandlerContext context;
  private boolean failed;

  private final class Unfinished extends FrameBudget.Holder {
    @Override
    void end() {
      ChannelHandlerContext current = context;
      if (current != null) {
        try {
          current.executor().execute(() -> makeRoom(current));
        } catch (RejectedExecutionException e) {
          return; // the event loop has ended, and the connection with it
        }
      }
    }
  }

  /**
   * @param frameBytesMax the longest frame in bytes, its length field not counted
   * @param budget what unfinished frames may take; shared by connections
   */
  public FrameDecoder(int frameBytesMax, FrameBudget budget) {
    if (frameBytesMax < CommandCodec.HEADER_WORD_BYTES
        || frameBytesMax > Integer.MAX_VALUE - LENGTH_BYTES) {
      throw new IllegalArgumentException("a frame limit of " + frameBytesMax + " bytes");
    }
    this.frameBytesMax = frameBytesMax;
    this.budget = budget;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof ByteBuf in)) {
      ctx.fireChannelRead(message);
      return;
    }
    try {
      if (!failed) {
        decode(ctx, in);
      }
    } catch (FrameException e) {
      fail(ctx, e);
    } finally {
      in.release();
    }
  }

  private void makeRoom(ChannelHandlerContext ctx) {
    if (!failed && budget.mustEnd(unfinished)) {
      fail(ctx, new FrameException("the memory of its unfinished frame is needed for others"));
    }
  }

  private void fail(ChannelHandlerContext ctx, FrameException failure) {
    failed = true;
    dropPartial();
    ctx.fireExceptionCaught(failure);
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    dropPartial();
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    dropPartial();
    failed = true;
  }

  private void decode(ChannelHandlerContext ctx, ByteBuf in) {
    if (partial != null && !finishPartial(ctx, in)) {
      return;
    }
    while (!failed && in.isReadable()) {
      int at = in.readerIndex();
      int available = in.readableBytes();
      long frameBytes = checkHead(in, at, available);
      if (frameBytes < 0 || frameBytes > available) {
        startPartial(ctx, in);
        return;
      }
      in.skipBytes((int) frameBytes);
      ctx.fireChannelRead(
          CommandCodec.decode(in, at + LENGTH_BYTES, (int) frameBytes - LENGTH_BYTES));
    }
  }

  /**
   * Checks what has arrived of a frame's first 8 bytes.
   *
   * @return the frame's length including its length field, or -1 when that isn't known yet
   */
  private long checkHead(ByteBuf in, int at, int available) {
    if (available < LENGTH_BYTES) {
      return -1;
    }
    int length = in.getInt(at);
    if (length < CommandCodec.HEADER_WORD_BYTES || length > frameBytesMax) {
      throw new FrameException(
          "a frame of "
              + length
              + " bytes, expected "
              + CommandCodec.HEADER_WORD_BYTES
              + " to "
              + frameBytesMax);
    }
    if (available >= HEAD_BYTES) {
      CommandCodec.checkHeaderWord(in.getInt(at + LENGTH_BYTES), length);
    }
    return (long) length + LENGTH_BYTES;
  }

  private void startPartial(ChannelHandlerContext ctx, ByteBuf in) {
    int capacity = Math.max(PARTIAL_BYTES_MIN, in.readableBytes());
    reserve(capacity);
    try {
      partial = ctx.alloc().buffer(capacity, Integer.MAX_VALUE).writeBytes(in);
    } finally {
      if (partial == null) {
        failed = true; // there is no memory, and no way back into the stream
        budget.giveBack(unfinished);
      }
    }
  }

  /** Moves bytes to the unfinished frame until it is whole; false when there are not enough. */
  private boolean finishPartial(ChannelHandlerContext ctx, ByteBuf in) {
    ByteBuf frame = partial;
    if (frame == null) {
      return true;
    }
    int wanted;
    while (frame.readableBytes() < (wanted = wanted(frame))) {
      if (!in.isReadable()) {
        return false;
      }
      int chunk = Math.min(wanted - frame.readableBytes(), in.readableBytes());
      grow(frame, frame.readableBytes() + chunk, wanted);
      frame.writeBytes(in, chunk);
    }
    partial = null;
    budget.giveBack(unfinished);
    RemotingCommand command;
    try {
      command = CommandCodec.decode(frame, LENGTH_BYTES, frame.readableBytes() - LENGTH_BYTES);
    } finally {
      frame.release();
    }
    ctx.fireChannelRead(command);
    return true;
  }

  /** How many bytes of the frame have to be there before more can be said of it. */
  private int wanted(ByteBuf frame) {
    int held = frame.readableBytes();
    long frameBytes = checkHead(frame, 0, held);
    if (frameBytes < 0) {
      return LENGTH_BYTES;
    }
    return held < HEAD_BYTES ? HEAD_BYTES : (int) frameBytes;
  }

  private void grow(ByteBuf frame, int needed, int frameBytes) {
    int capacity = frame.capacity();
    if (needed <= capacity) {
      return;
    }
    int grown = (int) Math.max(needed, Math.min(2L * capacity, frameBytes));
    reserve(grown - capacity);
    frame.capacity(grown);
  }

  private void reserve(int bytes) {
    if (!budget.tryReserve(unfinished, bytes)) {
      throw new FrameException("the memory for unfinished frames is used up");
    }
  }

  private void dropPartial() {
    ByteBuf frame = partial;
    if (frame != null) {
      partial = null;
      budget.giveBack(unfinished);
      frame.release();
    }
  }
}
