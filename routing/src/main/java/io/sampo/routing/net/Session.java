package io.sampo.routing.net;

import io.sampo.wire.RemotingCommand;

/** Who answers the requests of one connection. Only called on the connection's event loop. */
public interface Session {
  /** Takes over the command and releases it. */
  void onCommand(RemotingCommand command);

  /** The connection is closed; nothing comes after it. */
  void onClosed();

  /** Makes the session of each new connection; called on that connection's event loop. */
  @FunctionalInterface
  interface Factory {
    Session open(ClientConnection connection);
  }
}
