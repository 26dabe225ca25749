package io.sampo.cluster.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection with another node. Any thread may send: the bytes go into the socket at once, on
 * that thread, and only what finds no room there waits for the loop's. Everything else happens on
 * the loop's thread.
 *
 * <p>Always holds: frames are sent whole and in order, or dropped; at most so many wait as the
 * rules say; sending neither waits nor throws; the handler is told of the end once.
 */
public final class FrameConnection {
  private static final Logger LOG = LoggerFactory.getLogger(FrameConnection.class);

  /** A buffer of the heap is copied for the system as a whole, however much the socket takes. */
  private static final int WRITE_BYTES = 128 << 10;

  /** So that one connection doesn't keep the others waiting. */
  private static final int READS_AT_ONCE = 8;

  private final FrameLoop loop;
  private final ConnectionRules rules;
  private final FrameHandler handler;
  private final FrameAssembler assembler;
  private final long openedNanos = System.nanoTime();

  /** Guards itself, and what follows. */
  private final ArrayDeque<ByteBuffer[]> unsent = new ArrayDeque<>();

  private @Nullable SocketChannel writable;
  private long sentNanos = openedNanos;

  private volatile boolean closed;

  // The loop's thread only.
  private @Nullable SocketChannel channel;
  private @Nullable SelectionKey key;
  private long heardNanos;
  private boolean heardFrame;
  private boolean finished;

  FrameConnection(FrameLoop loop, ConnectionRules rules, FrameHandler handler) {
    this.loop = loop;
    this.rules = rules;
    this.handler = handler;
    this.assembler = new FrameAssembler(rules.frameBytesMax());
  }

  /** False once nothing that is sent arrives any more. */
  public boolean isOpen() {
    return !closed;
  }

  /**
   * Sends a frame, or drops it when too many wait or the connection has ended.
   *
   * @param frame with its length in front; taken over
   */
  public void send(ByteBuffer frame) {
    send(new ByteBuffer[] {frame});
  }

  /** Sends a frame that is made of two parts, neither of them copied before it is sent. */
  public void send(ByteBuffer head, ByteBuffer rest) {
    send(rest.hasRemaining() ? new ByteBuffer[] {head, rest} : new ByteBuffer[] {head});
  }

  private void send(ByteBuffer[] frame) {
    IOException failure = null;
    synchronized (unsent) {
      if (closed || unsent.size() >= rules.unsentMax()) {
        return;
      }
      unsent.addLast(frame);
      if (writable == null || unsent.size() > 1) {
        return; // the loop goes on with those before it
      }
      try {
        if (writeUnsent()) {
          return;
        }
      } catch (IOException e) {
        closed = true;
        failure = e;
      }
    }
    IOException cause = failure;
    loop.execute(cause == null ? this::awaitRoom : () -> finish(cause));
  }

  /** Ends the connection; what waits is dropped. Any thread. */
  public void close() {
    closed = true;
    loop.execute(() -> finish(null));
  }

  /** Returns false when there is no room for all. */
  private boolean writeUnsent() throws IOException {
    SocketChannel open = writable;
    if (open == null) {
      return false;
    }
    for (ByteBuffer[] frame = unsent.peekFirst(); frame != null; frame = unsent.peekFirst()) {
      if (!write(open, frame)) {
        return false;
      }
      unsent.removeFirst();
    }
    return true;
  }

  private boolean write(SocketChannel open, ByteBuffer[] frame) throws IOException {
    ByteBuffer last = frame[frame.length - 1];
    int end = last.limit();
    long written = 0;
    boolean full = false;
    while (last.hasRemaining() && !full) {
      int chunkEnd = Math.min(end, last.position() + WRITE_BYTES);
      last.limit(chunkEnd);
      written += open.write(frame);
      full = last.position() < chunkEnd;
      last.limit(end);
    }
    sentNanos = System.nanoTime();
    loop.traffic().sent(written);
    return !full;
  }

  // The loop's thread.

  void connectTo(InetSocketAddress address) {
    if (closed) {
      finish(null);
      return;
    }
    try {
      SocketChannel open = SocketChannel.open();
      channel = open;
      prepare(open);
      if (open.connect(address)) {
        key = loop.register(open, SelectionKey.OP_READ, this);
        connected(open);
      } else {
        key = loop.register(open, SelectionKey.OP_CONNECT, this);
      }
    } catch (IOException | RuntimeException e) {
      finish(e);
    }
  }

  void accepted(SocketChannel open) {
    channel = open;
    try {
      prepare(open);
      key = loop.register(open, SelectionKey.OP_READ, this);
      connected(open);
    } catch (IOException | RuntimeException e) {
      finish(e);
    }
  }

  private static void prepare(SocketChannel open) throws IOException {
    open.configureBlocking(false);
    open.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  private void connected(SocketChannel open) throws IOException {
    heardNanos = System.nanoTime();
    boolean all;
    synchronized (unsent) {
      writable = open;
      all = writeUnsent();
    }
    if (!all) {
      awaitRoom();
    }
  }

  private void awaitRoom() {
    SelectionKey registered = key;
    if (!finished && registered != null) {
      registered.interestOpsOr(SelectionKey.OP_WRITE);
    }
  }

  void onReady(ByteBuffer into) {
    SelectionKey registered = key;
    SocketChannel open = channel;
    if (finished || registered == null || open == null) {
      return;
    }
    try {
      int ready = registered.readyOps();
      if ((ready & SelectionKey.OP_CONNECT) != 0 && open.finishConnect()) {
        registered.interestOps(SelectionKey.OP_READ);
        connected(open);
      }
      if ((ready & SelectionKey.OP_WRITE) != 0) {
        onRoom(registered);
      }
      if ((ready & SelectionKey.OP_READ) != 0) {
        read(open, into);
      }
    } catch (IOException | RuntimeException e) {
      finish(e);
    }
  }

  private void onRoom(SelectionKey registered) throws IOException {
    synchronized (unsent) {
      if (writeUnsent()) {
        registered.interestOpsAnd(~SelectionKey.OP_WRITE);
      }
    }
  }

  private void read(SocketChannel open, ByteBuffer into) throws IOException {
    for (int i = 0; i < READS_AT_ONCE; i++) {
      int count = open.read(into.clear());
      if (count < 0) {
        finish(null);
        return;
      }
      if (count > 0) {
        heardNanos = System.nanoTime();
        loop.traffic().received(count);
        handle(into.flip());
      }
      if (count < into.capacity() || closed) {
        return;
      }
    }
  }

  private void handle(ByteBuffer received) {
    ByteBuffer frame = assembler.next(received);
    while (frame != null && !closed) {
      heardFrame = true;
      handler.onFrame(this, frame);
      frame = assembler.next(received);
    }
  }

  void onTick(long nowNanos) {
    if (!heardFrame && nowNanos - openedNanos > rules.firstFrameMax().toNanos()) {
      finish(silentFor(rules.firstFrameMax()));
    } else if (heardFrame && nowNanos - heardNanos > rules.silenceMax().toNanos()) {
      finish(silentFor(rules.silenceMax()));
    } else if (isQuiet(nowNanos)) {
      try {
        handler.onQuiet(this);
      } catch (RuntimeException e) {
        finish(e);
      }
    }
  }

  private boolean isQuiet(long nowNanos) {
    synchronized (unsent) {
      return writable != null
          && unsent.isEmpty()
          && nowNanos - sentNanos > rules.quietMax().toNanos();
    }
  }

  private static SocketTimeoutException silentFor(Duration time) {
    return new SocketTimeoutException("silent for " + time.toMillis() + " ms");
  }

  /** Ends it, if it hasn't ended. */
  void finish(@Nullable Throwable cause) {
    closed = true;
    if (finished) {
      return;
    }
    finished = true;
    synchronized (unsent) {
      writable = null;
      unsent.clear();
    }
    SocketChannel open = channel;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        LOG.debug("a connection was not closed cleanly", e);
      }
    }
    loop.forget(this);
    try {
      handler.onClosed(this, cause);
    } catch (RuntimeException e) {
      LOG.error("a handler failed at the end of its connection", e);
    }
  }
}
