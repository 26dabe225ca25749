package io.sampo.routing.request;

import io.sampo.routing.net.Exchange;
import io.sampo.wire.RemotingCommand;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A request for the leader of a log group, which was here when it came. When it turns out that it
 * no longer is, and that nothing was done, the request goes to the next leader, or waits for one.
 *
 * <p>On a node that others may take over from it keeps its command for that, until it is answered
 * or its connection closes; not one that is larger than such requests are, which the client then
 * has to repeat itself.
 */
class LedRequest extends Exchange {
  private static final int KEPT_BYTES_MAX = 16 * 1024;

  private final ClientSession session;
  private final RemotingCommand command;
  private final AtomicBoolean kept;

  /** Event loop, while the command is handled; must be begun. */
  LedRequest(ClientSession session, RemotingCommand command) {
    super(session.connection(), command);
    this.session = session;
    this.command = command;
    this.kept =
        new AtomicBoolean(
            session.mayPassOnLater()
                && command.headBytes() + command.body().readableBytes() <= KEPT_BYTES_MAX);
    if (kept.get()) {
      command.body().retain();
    }
  }

  /**
   * Passes it on, or has it wait, instead of an answer. Any thread.
   *
   * @return false when it can't be passed on, or is answered already
   */
  final boolean toNextLeader() {
    boolean mine = kept.compareAndSet(true, false);
    if (mine) {
      session.passOn(this, command);
    }
    return mine;
  }

  @Override
  protected final void onAnswered() {
    giveBack();
  }

  @Override
  protected final void onAbandoned() {
    giveBack();
  }

  private void giveBack() {
    if (kept.compareAndSet(true, false)) {
      command.release();
    }
  }
}
