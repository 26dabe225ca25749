package io.sampo.routing.net;

import org.jspecify.annotations.Nullable;

/**
 * Something that a connection will write. It is its own link in the connection's queue, so queueing
 * an answer allocates nothing; therefore it is handed over at most once.
 */
abstract class Outgoing {
  /** Below it in the connection's stack; owned by whoever pushed it, then by the event loop. */
  @Nullable Outgoing next;

  /** Encodes itself; on the event loop. Gives up what it holds, also when it throws. */
  abstract void write(FrameBatch frames);

  /** Gives back what it holds, because the connection is gone. Any thread. */
  abstract void discard();
}
