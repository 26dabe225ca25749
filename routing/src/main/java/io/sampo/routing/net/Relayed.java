package io.sampo.routing.net;

import io.netty.buffer.ByteBuf;
import io.sampo.record.HostAddress;
import io.sampo.wire.RemotingCommand;

/**
 * A request on its way to another node, in an envelope. Ends once: by one of these two methods, or
 * by what the {@link RelayPeer.Listener} hears of it. Any thread.
 */
public interface Relayed {
  /** The request; its body is there until this ends. */
  RemotingCommand command();

  /** On whose behalf. */
  HostAddress client();

  /** Whether a leader before may have carried it out. Event loop of the request. */
  default boolean mayBeDone() {
    return false;
  }

  /** The other node answered with this frame, which is taken over. */
  void pass(ByteBuf frame);

  /** It is one-way, and was sent. */
  void passed();
}
