package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.PopKeeper.Clocks;
import io.sampo.actors.consumer.PopKeeper.Group;
import io.sampo.actors.consumer.PopLine.Slot;
import io.sampo.actors.consumer.Popping.Extent;
import io.sampo.actors.consumer.Popping.NothingPopped;
import io.sampo.actors.consumer.Popping.PopReply;
import io.sampo.actors.consumer.Popping.Popped;
import io.sampo.actors.consumer.Popping.QueueRead;
import io.sampo.actors.consumer.Popping.ReadNew;
import io.sampo.actors.consumer.Popping.SomethingThere;
import io.sampo.actors.consumer.Popping.Wish;
import io.sampo.cluster.replication.ReplyTo;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands out a group's messages to those who pop: first what was handed out before and is visible
 * again, then what nobody had yet, which those who pop read themselves, one at a time for each
 * queue. Those for whom there is nothing wait in {@link PopLines}. It decides about offsets and
 * never sees a message. Part of {@link PopKeeper}, on its thread, once the journal was read.
 */
final class PopDesk implements PopLines.Server {
  private static final Logger LOG = LoggerFactory.getLogger(PopDesk.class);
  private static final long UNKNOWN = -1;

  private final Group group;
  private final Map<GroupQueue, Long> committed;
  private final Clocks clocks;
  private final PopLedger ledger;
  private final PopWriter writer;
  private final PopLines lines;
  private long lastLeaseId;
  private boolean fullSaid;

  /**
   * @param committed where the group goes on in queues that it never popped; the owner changes it
   * @param lookLater see {@link PopLines}
   */
  PopDesk(
      Group group,
      Map<GroupQueue, Long> committed,
      Clocks clocks,
      PopLedger ledger,
      PopWriter writer,
      Consumer<Duration> lookLater) {
    this.group = group;
    this.committed = committed;
    this.clocks = clocks;
    this.ledger = ledger;
    this.writer = writer;
    this.lines = new PopLines(group.settings().pop(), clocks.nowMs(), ledger, this, lookLater);
  }

  /** Those who wait. */
  PopLines lines() {
    return lines;
  }

  /** Somebody pops: is answered, or waits. */
  void pop(Wish wish, ReplyTo<PopReply> replyTo) {
    if (serve(wish, replyTo)) {
      return;
    }
    if (wish.waitMs() <= 0) {
      replyTo.tell(NothingPopped.WAIT_OVER);
    } else if (lines.isFull()) {
      replyTo.tell(NothingPopped.TOO_MANY_WAITING);
    } else {
      lines.park(wish, replyTo);
    }
  }

  private boolean serve(Wish wish, ReplyTo<PopReply> replyTo) {
    return serve(wish, replyTo, lines.line(wish.logGroup(), wish.topic()).inTurn(wish));
  }

  @Override
  public boolean mayServe(Slot slot) {
    PopState state = ledger.find(slot.queue());
    long nowMs = clocks.nowMs().getAsLong();
    return slot.isReadable(nowMs) || (state != null && state.hasVisible(nowMs));
  }

  @Override
  public boolean serve(Wish wish, ReplyTo<PopReply> replyTo, List<Slot> slots) {
    long nowMs = clocks.nowMs().getAsLong();
    for (Slot slot : slots) {
      PopState state = ledger.find(slot.queue());
      if (state != null && handOutAgain(state, wish, nowMs, replyTo)) {
        return true;
      }
    }
    for (Slot slot : slots) {
      if (slot.isReadable(nowMs) && letRead(slot, wish, nowMs, replyTo)) {
        return true;
      }
    }
    return false;
  }

  private boolean handOutAgain(PopState state, Wish wish, long nowMs, ReplyTo<PopReply> replyTo) {
    if (wish.peek()) {
      boolean there = state.hasVisible(nowMs) && !(wish.inOrder() && state.isBlocked(nowMs, null));
      if (there) {
        replyTo.tell(SomethingThere.INSTANCE);
      }
      return there;
    }
    long wallMs = clocks.wallMs().getAsLong();
    PopState.Taken taken =
        wish.inOrder()
            ? state.takeAgainInOrder(
                wish.messagesMax(), wish.attemptId(), nowMs, wallMs, wish.invisibleMs())
            : state.takeAgain(wish.messagesMax(), nowMs, wallMs, wish.invisibleMs());
    if (taken == null) {
      return false;
    }
    handedOut(state, taken, true, replyTo);
    return true;
  }

  private void handedOut(
      PopState state, PopState.Taken taken, boolean again, ReplyTo<PopReply> replyTo) {
    ledger.collect(state);
    lines.lookInTime(state.queue());
    writer.answerOnceDurable(
        replyTo,
        new Popped(
            state.queue(),
            again,
            taken.popTimeMs(),
            taken.invisibleMs(),
            taken.offsets(),
            taken.deliveries()),
        GroupRefused.NOT_LEADING);
  }

  private boolean letRead(Slot slot, Wish wish, long nowMs, ReplyTo<PopReply> replyTo) {
    PopState state = ledger.find(slot.queue());
    int room = group.settings().pop().inFlightMax() - (state == null ? 0 : state.heldCount());
    if (state == null && ledger.isFull()) {
      sayFull();
      return false;
    }
    if (room <= 0 || (wish.inOrder() && state != null && state.heldCount() > 0)) {
      return false;
    }
    long from = state == null ? committed.getOrDefault(slot.queue(), UNKNOWN) : state.next();
    lastLeaseId++;
    replyTo.tell(
        new ReadNew(
            slot.lease(lastLeaseId, nowMs + group.settings().pop().readMax().toMillis()),
            from,
            Math.min(room, wish.messagesMax())));
    return true;
  }

  private void sayFull() {
    if (!fullSaid) {
      fullSaid = true;
      LOG.warn(
          "{} pops {} queues, which is the limit; it gets nothing of others",
          group.identity().group(),
          group.settings().offsetQueuesMax());
    }
  }

  /** Somebody read what nobody had yet. */
  void queueRead(QueueRead read) {
    GroupQueue queue = read.lease().queue();
    Slot slot = lines.slot(queue);
    if (!slot.endLease(read.lease())) {
      read.replyTo().tell(NothingPopped.LEASE_LOST);
      return;
    }
    Extent extent = read.extent();
    PopState state = ledger.begin(queue, extent.from());
    if (extent.from() < state.next()) {
      LOG.warn(
          "{} of {} ends at {}, where {} was popped already; popping goes on there",
          queue,
          group.identity().group(),
          extent.from(),
          state.next());
      state.restartAt(extent.from());
    }
    slot.read(extent.reached() >= extent.end());
    if (read.offsets().length == 0) {
      state.skipTo(extent.reached());
      writeSoon(state);
      pop(read.wish(), read.replyTo());
    } else if (read.wish().peek()) {
      state.skipTo(read.offsets()[0]);
      slot.read(false);
      writeSoon(state);
      read.replyTo().tell(SomethingThere.INSTANCE);
    } else {
      handOutNew(state, read);
    }
    lines.serve(queue);
  }

  private void handOutNew(PopState state, QueueRead read) {
    PopState.Taken taken =
        state.takeNew(
            read.offsets(),
            read.extent().reached(),
            clocks.nowMs().getAsLong(),
            clocks.wallMs().getAsLong(),
            read.wish().invisibleMs());
    if (read.wish().inOrder()) {
      state.remember(read.wish().attemptId(), taken);
    }
    handedOut(state, taken, false, read.replyTo());
  }

  private void writeSoon(PopState state) {
    ledger.collect(state);
    writer.write();
  }
}
