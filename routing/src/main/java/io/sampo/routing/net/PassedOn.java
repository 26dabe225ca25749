package io.sampo.routing.net;

import io.netty.buffer.ByteBuf;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A request that waits for a leader or is carried out by another node. It keeps the request's
 * bytes, counted as held by the connection, until it ends: with an answer from there, a refusal,
 * its deadline, or because it is carried out here after all.
 */
public class PassedOn extends Exchange implements Relayed {
  /**
   * Of a head, what isn't counted as held: long polls wait in their thousands with heads below
   * this, and would otherwise take the room of messages, which have to go on.
   */
  private static final int HEAD_BYTES_FREE = 1024;

  private final RemotingCommand command;
  private final int heldBytes;
  private final AtomicBoolean ended = new AtomicBoolean();

  /** Event loop, while the command is handled. */
  protected PassedOn(ClientConnection connection, RemotingCommand command) {
    super(connection, command);
    this.command = command;
    command.body().retain();
    this.heldBytes =
        command.body().readableBytes() + Math.max(0, command.headBytes() - HEAD_BYTES_FREE);
    connection.hold(heldBytes);
  }

  @Override
  public final RemotingCommand command() {
    return command;
  }

  /** How long its frame is on the way to another node, at most. */
  public final long envelopeBytes() {
    return (long) command.headBytes() + command.body().readableBytes() + RelayedFor.BYTES_MAX;
  }

  /** False once it is answered or withdrawn. */
  public final boolean isOpen() {
    return !ended.get();
  }

  /** Answers with what another node said. */
  @Override
  public final void pass(ByteBuf frame) {
    if (ended.compareAndSet(false, true)) {
      giveBack();
      answerFrame(frame);
    } else {
      frame.release();
    }
  }

  @Override
  public final void passed() {
    if (ended.compareAndSet(false, true)) {
      giveBack();
      answer(CommandHeader.NONE); // which nobody reads
    }
  }

  /** Answers that it was not carried out, or that nobody knows. Any thread. */
  public final void refuse(int code, String remark) {
    if (ended.compareAndSet(false, true)) {
      giveBack();
      if (isRelayed()) {
        answerNotLed();
      } else {
        answer(code, remark);
      }
    }
  }

  /**
   * Takes the exchange back, so that the request can be carried out here. Event loop.
   *
   * @return false when it has ended; otherwise {@link #handled} has to be called
   */
  public final boolean withdraw() {
    return ended.compareAndSet(false, true) && cede();
  }

  /** The withdrawn request was handled like one that just arrived. */
  public final void handled() {
    giveBack();
  }

  /** The connection is closed: nobody waits for this any more. */
  public final void drop() {
    if (ended.compareAndSet(false, true)) {
      giveBack();
    }
  }

  @Override
  protected final void onDeadline() {
    if (ended.compareAndSet(false, true)) {
      giveBack();
      answer(
          ResponseCode.SYSTEM_ERROR,
          "no answer from the leader within the time limit; whether the request was carried out is"
              + " not known");
    }
  }

  private void giveBack() {
    connection().release(heldBytes);
    command.release();
  }
}
