package io.sampo.cluster.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes connections on a port. The loop's thread only.
 *
 * <p>Always holds: what goes wrong with one connection closes that one; while none can be taken the
 * listener rests from tick to tick, and says so once.
 */
public final class FrameListener {
  private static final Logger LOG = LoggerFactory.getLogger(FrameListener.class);

  private final FrameLoop loop;
  private final ServerSocketChannel channel;
  private final ConnectionRules rules;
  private final Acceptor acceptor;
  private @Nullable SelectionKey key;
  private boolean pausing;
  private boolean refused;

  /** Says who handles a connection. */
  @FunctionalInterface
  public interface Acceptor {
    /**
     * Asked on the loop's thread.
     *
     * @return null to have it closed at once
     */
    @Nullable FrameHandler accept(InetSocketAddress remote);
  }

  FrameListener(
      FrameLoop loop, ServerSocketChannel channel, ConnectionRules rules, Acceptor acceptor) {
    this.loop = loop;
    this.channel = channel;
    this.rules = rules;
    this.acceptor = acceptor;
  }

  void listen(SelectionKey registered) {
    key = registered;
  }

  void onReady() {
    try {
      SocketChannel accepted = channel.accept();
      while (accepted != null) {
        if (refused) {
          refused = false;
          LOG.info("connections of other nodes are taken again");
        }
        take(accepted);
        accepted = channel.accept();
      }
    } catch (IOException | RuntimeException e) {
      // Most likely no file descriptor is left. It would be ready again at once, so it rests.
      if (!refused) {
        refused = true;
        LOG.warn("connections of other nodes can't be taken now; trying on", e);
      }
      pause();
    }
  }

  private void take(SocketChannel accepted) {
    FrameHandler handler = null;
    try {
      handler = acceptor.accept((InetSocketAddress) accepted.getRemoteAddress());
    } catch (IOException | RuntimeException e) {
      LOG.warn("a connection of another node was not taken", e);
    }
    if (handler == null) {
      close(accepted);
    } else {
      new FrameConnection(loop, rules, handler).accepted(accepted);
    }
  }

  private static void close(SocketChannel accepted) {
    try {
      accepted.close();
    } catch (IOException e) {
      LOG.debug("a connection was not closed cleanly", e);
    }
  }

  private void pause() {
    SelectionKey registered = key;
    if (registered != null && registered.isValid()) {
      registered.interestOps(0);
      pausing = true;
    }
  }

  boolean isPausing() {
    return pausing;
  }

  void goOn() {
    SelectionKey registered = key;
    if (pausing && registered != null && registered.isValid()) {
      pausing = false;
      registered.interestOps(SelectionKey.OP_ACCEPT);
    }
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("a port was not closed cleanly", e);
    }
  }
}
