package io.sampo.routing.request;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sampo.record.HostAddress;
import io.sampo.routing.net.RelayPeer;
import io.sampo.routing.net.Relayed;
import io.sampo.wire.CommandCodec;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.RemotingCommand;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A question of this node itself to another; it travels like a client's request. Its receiver is
 * told once, on any thread: the answer, which it releases, or null when there is none.
 */
final class NodeQuestion implements Relayed {
  private static final HostAddress NO_CLIENT = new HostAddress(new byte[4], 0);
  private static final int LENGTH_BYTES = 4;

  private final RemotingCommand command;
  private final Consumer<@Nullable RemotingCommand> receiver;
  private final AtomicBoolean ended = new AtomicBoolean();

  NodeQuestion(
      int code, CommandHeader header, byte[] body, Consumer<@Nullable RemotingCommand> receiver) {
    this.receiver = receiver;
    ByteBuf frame = Unpooled.buffer(512 + body.length);
    CommandCodec.encodeRequest(frame, HeaderCodec.ROCKETMQ, 0, code, false, header, body.length);
    frame.writeBytes(body);
    this.command = CommandCodec.decode(frame, LENGTH_BYTES, frame.readableBytes() - LENGTH_BYTES);
    frame.release();
  }

  /** Sends it; no more than {@code peer} takes. */
  void ask(RelayPeer peer) {
    if (!peer.send(this)) {
      end();
    }
  }

  /** Nobody waits for the answer any more, or none will come. */
  void end() {
    if (ended.compareAndSet(false, true)) {
      command.release();
      receiver.accept(null);
    }
  }

  @Override
  public RemotingCommand command() {
    return command;
  }

  @Override
  public HostAddress client() {
    return NO_CLIENT;
  }

  @Override
  public void pass(ByteBuf frame) {
    try {
      if (ended.compareAndSet(false, true)) {
        command.release();
        receiver.accept(
            CommandCodec.decode(
                frame, frame.readerIndex() + LENGTH_BYTES, frame.readableBytes() - LENGTH_BYTES));
      }
    } finally {
      frame.release();
    }
  }

  @Override
  public void passed() {
    throw new IllegalStateException("a question has an answer");
  }

  /** Ends what the other node did not answer. Any thread. */
  static final class Returns implements RelayPeer.Listener {
    @Override
    public void ended(RelayPeer peer, Relayed question, RelayPeer.Ending how) {
      ((NodeQuestion) question).end();
    }
  }
}
