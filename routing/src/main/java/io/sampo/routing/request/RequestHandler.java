package io.sampo.routing.request;

import io.sampo.wire.RemotingCommand;

/**
 * Carries out the requests of one family. Shared by all connections and called on their event
 * loops, so it never blocks and keeps nothing of its own per request.
 */
@FunctionalInterface
interface RequestHandler {
  /**
   * Begins an exchange with {@link ClientSession#begin} and answers it, now or later. Whatever it
   * throws is answered by the session. The command is released by the caller when this returns.
   */
  void handle(ClientSession session, RemotingCommand command);
}
