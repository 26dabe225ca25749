package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.Popping.Lease;
import io.sampo.actors.consumer.Popping.PopReply;
import io.sampo.actors.consumer.Popping.WatchQueue;
import io.sampo.actors.consumer.Popping.Wish;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.record.QueueKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * The queues that a topic has in one log group as those see them who pop it: which is being read,
 * which had nothing more, and who waits in line. Owned by {@link PopLines}; nothing here is
 * durable.
 *
 * <p>A queue is read by one at a time. One that was read to its end is not read again before it
 * grew, of which somebody who waits is asked to take care; see {@link WatchQueue}.
 */
final class PopLine {
  /** A queue of the line. */
  static final class Slot {
    private final GroupQueue queue;
    private long leaseId;
    private long leaseEndsMs;
    private boolean drained;
    private long watchEndsMs;

    private Slot(GroupQueue queue) {
      this.queue = queue;
    }

    GroupQueue queue() {
      return queue;
    }

    /** True when it makes sense to read it, and nobody does. */
    boolean isReadable(long nowMs) {
      return !drained && (leaseId == 0 || nowMs >= leaseEndsMs);
    }

    /** Lets somebody read. */
    Lease lease(long id, long endsMs) {
      leaseId = id;
      leaseEndsMs = endsMs;
      return new Lease(queue, id);
    }

    /**
     * Ends a lease.
     *
     * @return false when it had ended before
     */
    boolean endLease(Lease lease) {
      if (leaseId != lease.id()) {
        return false;
      }
      leaseId = 0;
      return true;
    }

    /** What is being read is no longer of use. */
    void breakLease() {
      leaseId = 0;
      drained = false;
    }

    /** It was read to its end, or not. */
    void read(boolean toItsEnd) {
      drained = toItsEnd;
    }

    /** There may be new messages. */
    void grew() {
      drained = false;
      watchEndsMs = 0;
    }

    /** Nobody watches any more. */
    void unwatched() {
      watchEndsMs = 0;
    }
  }

  /** Somebody who waits for a message. */
  record Waiting(Wish wish, ReplyTo<PopReply> replyTo, long deadlineMs) {}

  private final String logGroup;
  private final String topic;
  private final Map<Integer, Slot> slots = new HashMap<>();
  private final List<Waiting> waiting = new ArrayList<>();

  /** Nobody's deadline is before this. */
  private long firstDeadlineMs = Long.MAX_VALUE;

  private int turn;

  PopLine(String logGroup, String topic) {
    this.logGroup = logGroup;
    this.topic = topic;
  }

  Slot slot(int queueId) {
    return slots.computeIfAbsent(
        queueId, id -> new Slot(new GroupQueue(logGroup, new QueueKey(topic, id))));
  }

  /** The queues that are wanted, each time beginning with another. */
  List<Slot> inTurn(Wish wish) {
    if (wish.queueId() >= 0) {
      return List.of(slot(wish.queueId()));
    }
    turn = (turn + 1) % wish.queues();
    List<Slot> wanted = new ArrayList<>(wish.queues());
    for (int i = 0; i < wish.queues(); i++) {
      wanted.add(slot((turn + i) % wish.queues()));
    }
    return wanted;
  }

  boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  int waitingCount() {
    return waiting.size();
  }

  void park(Waiting one) {
    waiting.add(one);
    firstDeadlineMs = Math.min(firstDeadlineMs, one.deadlineMs());
  }

  /** Shows those who wait, in the order they came; those for which it says true are served. */
  void removeServed(Predicate<Waiting> serve) {
    waiting.removeIf(serve);
    firstDeadlineMs = waiting.stream().mapToLong(Waiting::deadlineMs).min().orElse(Long.MAX_VALUE);
  }

  /**
   * Shows those who wait for this queue to somebody who can serve them from it, in the order they
   * came and for as long as there is something to serve.
   */
  void removeServed(Slot slot, BooleanSupplier hasMore, Predicate<Waiting> serve) {
    Iterator<Waiting> ones = waiting.iterator();
    while (ones.hasNext() && hasMore.getAsBoolean()) {
      Waiting one = ones.next();
      if (one.wish().wants(slot.queue.key().queueId()) && serve.test(one)) {
        ones.remove();
      }
    }
  }

  /** Nobody who waits has a deadline before this; {@link Long#MAX_VALUE} when nobody does. */
  long firstDeadlineMs() {
    return waiting.isEmpty() ? Long.MAX_VALUE : firstDeadlineMs;
  }

  /**
   * When the next message of these queues becomes visible, or whoever reads one has had the time
   * for it; {@link Long#MAX_VALUE} if neither will.
   */
  long nextChangeMs(PopLedger ledger, long nowMs) {
    long nextMs = Long.MAX_VALUE;
    for (Slot slot : slots.values()) {
      if (slot.leaseId != 0 && slot.leaseEndsMs > nowMs) {
        nextMs = Math.min(nextMs, slot.leaseEndsMs);
      }
      PopState state = ledger.find(slot.queue);
      if (state != null) {
        nextMs = Math.min(nextMs, state.nextVisibleMs(nowMs));
      }
    }
    return nextMs;
  }

  /** A queue that nobody watches, asked for by one who waits. */
  @FunctionalInterface
  interface WatchFrom {
    /** The offset from which on a message is news. */
    long of(GroupQueue queue);
  }

  /** Sees to it that every queue which had nothing more and is waited for is watched. */
  void watch(long nowMs, long watchMs, WatchFrom from) {
    for (Slot slot : slots.values()) {
      if (slot.drained && slot.watchEndsMs <= nowMs) {
        for (Waiting one : waiting) {
          if (one.wish().wants(slot.queue.key().queueId())) {
            slot.watchEndsMs = nowMs + watchMs;
            one.replyTo().tell(new WatchQueue(slot.queue, from.of(slot.queue)));
            break;
          }
        }
      }
    }
  }

  /** Refuses those who still wait. */
  void refuseWaiting(PopReply refusal) {
    waiting.forEach(one -> one.replyTo().tell(refusal));
    waiting.clear();
  }
}
