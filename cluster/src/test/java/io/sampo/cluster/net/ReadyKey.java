package io.sampo.cluster.net;

import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/** A key that knows what is wanted of it, and refuses to be asked once it is cancelled. */
final class ReadyKey extends SelectionKey {
  private final SelectableChannel channel;
  private final Selector selector;
  private int interest;
  private boolean cancelled;

  ReadyKey(SelectableChannel channel, Selector selector) {
    this.channel = channel;
    this.selector = selector;
  }

  @Override
  public SelectableChannel channel() {
    return channel;
  }

  @Override
  public Selector selector() {
    return selector;
  }

  @Override
  public boolean isValid() {
    return !cancelled;
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  @Override
  public int interestOps() {
    return interest;
  }

  @Override
  public SelectionKey interestOps(int operations) {
    if (cancelled) {
      throw new CancelledKeyException();
    }
    interest = operations;
    return this;
  }

  @Override
  public int readyOps() {
    return OP_ACCEPT;
  }
}
