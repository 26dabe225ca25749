package io.sampo.actors.group;

import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.record.MessageDraft;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a queue's actor, those who append to it and the thread of the log share: the window of
 * appends under way, and how far the queue is committed. An append passes through here straight to
 * the log, which gives it its offset, and the log's thread notes here what it has committed; the
 * actor hears of it only while a pull waits. So a message costs no turn of the actor.
 *
 * <p>Lives as long as the actor, over its restarts. Safe from any thread. {@link
 * #committedOffset()} never moves back, and it is moved before the appends are answered: whoever
 * has heard of its message finds it.
 */
public final class QueueGate implements ReplyTo<QueueCommitted> {
  private static final Runnable NOBODY = () -> {};

  private final Leadership leadership;
  private final int inFlightMax;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicLong committedOffset;

  /** Told once when more is committed. */
  private volatile Runnable watcher = NOBODY;

  /**
   * @param committedOffset up to where the queue is committed when the leadership begins
   * @param inFlightMax appends that may be under way
   */
  QueueGate(Leadership leadership, long committedOffset, int inFlightMax) {
    this.leadership = leadership;
    this.committedOffset = new AtomicLong(committedOffset);
    this.inFlightMax = inFlightMax;
  }

  /** Passes an append on to the log, or refuses it when the window is full. */
  public void append(Queue.Append append) {
    if (inFlight.getAndIncrement() >= inFlightMax) {
      inFlight.getAndDecrement();
      append.messages().forEach(MessageDraft::release);
      append.replyTo().tell(AppendRefused.WINDOW_FULL);
      return;
    }
    leadership
        .commitLog()
        .tell(new CommitLog.Append(leadership.epoch(), append.messages(), this, append.replyTo()));
  }

  /** The log's progress with this queue. On the thread of the log. */
  @Override
  public void tell(QueueCommitted made) {
    inFlight.getAndAdd(-made.answered());
    committed(made.nextOffset());
  }

  /** Every message below the offset is committed. */
  void committed(long nextOffset) {
    long known = committedOffset.get();
    while (nextOffset > known) {
      if (committedOffset.compareAndSet(known, nextOffset)) {
        Runnable told = watcher;
        if (told != NOBODY) {
          watcher = NOBODY;
          told.run();
        }
        return;
      }
      known = committedOffset.get();
    }
  }

  /** Consumers may be shown what is below. */
  long committedOffset() {
    return committedOffset.get();
  }

  /**
   * Has somebody told when more is committed, once. What was committed before may have been missed:
   * look again after this.
   */
  void watch(Runnable whenCommitted) {
    watcher = whenCommitted;
  }
}
