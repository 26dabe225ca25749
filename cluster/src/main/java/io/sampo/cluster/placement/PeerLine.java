package io.sampo.cluster.placement;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TCP connection to a port of another process that nothing is sent over: it tells when that
 * process ends, at once, since its kernel then closes the connection. What happens is told on
 * threads of the JDK; {@link #close} may be called by any.
 */
final class PeerLine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerLine.class);

  /** What became of the connection. */
  enum Event {
    /** It is there; the process lives, or did a moment ago. */
    OPEN,
    /** It was there and ended. */
    BROKEN,
    /** The machine is there, and nobody listens at the port. */
    REFUSED,
    /** Anything else; it says nothing about the process. */
    UNCLEAR
  }

  private final AsynchronousSocketChannel channel;
  private final Consumer<Event> told;

  private PeerLine(AsynchronousSocketChannel channel, Consumer<Event> told) {
    this.channel = channel;
    this.told = told;
  }

  /**
   * Begins to connect.
   *
   * @param told what happens, one event after the other; the last one is not {@link Event#OPEN}
   */
  static PeerLine open(InetSocketAddress address, Consumer<Event> told) throws IOException {
    AsynchronousSocketChannel channel = AsynchronousSocketChannel.open();
    PeerLine line = new PeerLine(channel, told);
    if (address.isUnresolved()) {
      told.accept(Event.UNCLEAR);
    } else {
      channel.connect(address, channel, line.new Connecting());
    }
    return line;
  }

  /** Ends it; what is told of it afterwards is {@link Event#BROKEN} or {@link Event#UNCLEAR}. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("a connection to a peer was not closed cleanly", e);
    }
  }

  private final class Connecting implements CompletionHandler<Void, AsynchronousSocketChannel> {
    @Override
    public void completed(Void nothing, AsynchronousSocketChannel connected) {
      told.accept(Event.OPEN);
      ByteBuffer buffer = ByteBuffer.allocate(256);
      connected.read(buffer, buffer, new Reading());
    }

    @Override
    public void failed(Throwable cause, AsynchronousSocketChannel failed) {
      close();
      told.accept(cause instanceof ConnectException ? Event.REFUSED : Event.UNCLEAR);
    }
  }

  private final class Reading implements CompletionHandler<Integer, ByteBuffer> {
    @Override
    public void completed(Integer length, ByteBuffer buffer) {
      if (length < 0) {
        close();
        told.accept(Event.BROKEN);
      } else { // not that it has anything to say
        buffer.clear();
        channel.read(buffer, buffer, this);
      }
    }

    @Override
    public void failed(Throwable cause, ByteBuffer buffer) {
      close();
      told.accept(Event.BROKEN);
    }
  }
}
