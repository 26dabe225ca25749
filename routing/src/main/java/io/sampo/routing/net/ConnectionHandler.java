package io.sampo.routing.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.sampo.wire.FrameException;
import io.sampo.wire.RemotingCommand;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The end of a connection's pipeline: turns what Netty reports into calls of the connection and its
 * session. Bytes that are no frames (garbage, TLS, HTTP) close the connection without an answer,
 * because nobody knows what the other side would understand.
 */
final class ConnectionHandler extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);
  private static final LimitedLog LIMITED_LOG = new LimitedLog(LOG);

  private final PortRole role;
  private final NetSettings settings;
  private final HeldBytes held;
  private final AnswerMemory answers;
  private final Session.Factory sessions;
  private final Connections connections;
  private @Nullable ClientConnection connection;
  private @Nullable Session session;

  ConnectionHandler(
      PortRole role,
      NetSettings settings,
      HeldBytes held,
      AnswerMemory answers,
      Session.Factory sessions,
      Connections connections) {
    this.role = role;
    this.settings = settings;
    this.held = held;
    this.answers = answers;
    this.sessions = sessions;
    this.connections = connections;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    ClientConnection opened = new ClientConnection(context, role, settings, held, answers);
    if (!connections.add(opened)) {
      LIMITED_LOG.log(
          Level.WARN,
          "{}: closed, {} connections are open and more are not allowed",
          opened,
          settings.connectionsMax());
      context.close();
      return;
    }
    connection = opened;
    session = sessions.open(opened);
    opened.onActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    RemotingCommand command = (RemotingCommand) message;
    ClientConnection current = connection;
    Session receiver = session;
    if (current == null || receiver == null || !current.isOpen()) {
      command.release();
      return;
    }
    current.onRead();
    if (!current.isStopping() || !sentAway(current, command)) {
      receiver.onCommand(command);
    }
  }

  private static boolean sentAway(ClientConnection current, RemotingCommand command) {
    boolean handled = true;
    try {
      handled = current.sendAway(command);
      return handled;
    } finally {
      if (handled) {
        command.release();
      }
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (connection != null) {
      connection.onReadComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (connection != null) {
      connection.onWritabilityChanged();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    ClientConnection closed = connection;
    Session ended = session;
    connection = null;
    session = null;
    if (closed != null) {
      connections.remove(closed);
      closed.onInactive();
    }
    if (ended != null) {
      ended.onClosed();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
    Throwable cause =
        failure instanceof DecoderException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    Object who = connection == null ? context.channel() : connection;
    if (cause instanceof FrameException || cause instanceof IOException) {
      LIMITED_LOG.log(Level.DEBUG, "{}: closed, {}", who, cause.toString());
    } else {
      LIMITED_LOG.log(Level.ERROR, "{}: closed after an unexpected failure", who, cause);
    }
    context.close();
  }
}
