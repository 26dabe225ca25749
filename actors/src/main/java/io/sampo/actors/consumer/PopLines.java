package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.PopLine.Slot;
import io.sampo.actors.consumer.PopLine.Waiting;
import io.sampo.actors.consumer.Popping.NothingPopped;
import io.sampo.actors.consumer.Popping.PopReply;
import io.sampo.actors.consumer.Popping.Wish;
import io.sampo.cluster.replication.ReplyTo;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * All who wait in a group for something to pop, a {@link PopLine} for each topic of a log group.
 * They are served in the order they came when a queue may have something, when a message becomes
 * visible again, and told so when their time is over. Owned by {@link PopDesk}; nothing here is
 * durable.
 */
final class PopLines {
  /** Serves those who wait. */
  interface Server {
    /**
     * Answers with something of these queues, now or once it is durable; false when there is
     * nothing.
     */
    boolean serve(Wish wish, ReplyTo<PopReply> replyTo, List<Slot> slots);

    /** False when the queue has nothing for anybody now. */
    boolean mayServe(Slot slot);
  }

  private record LineKey(String logGroup, String topic) {}

  private final PopSettings settings;
  private final LongSupplier nowMs;
  private final PopLedger ledger;
  private final Server server;
  private final Consumer<Duration> lookLater;
  private final Map<LineKey, PopLine> lines = new HashMap<>();
  private int waitingCount;
  private long lookAtMs = Long.MAX_VALUE;

  /**
   * @param nowMs never goes back
   * @param lookLater sees to it that {@link #lookAgain} is called after so long, instead of when it
   *     was told to before
   */
  PopLines(
      PopSettings settings,
      LongSupplier nowMs,
      PopLedger ledger,
      Server server,
      Consumer<Duration> lookLater) {
    this.settings = settings;
    this.nowMs = nowMs;
    this.ledger = ledger;
    this.server = server;
    this.lookLater = lookLater;
  }

  PopLine line(String logGroup, String topic) {
    return lines.computeIfAbsent(
        new LineKey(logGroup, topic), key -> new PopLine(key.logGroup(), key.topic()));
  }

  private PopLine line(GroupQueue queue) {
    return line(queue.logGroup(), queue.key().topic());
  }

  Slot slot(GroupQueue queue) {
    return line(queue).slot(queue.key().queueId());
  }

  /** True when nobody else may wait. */
  boolean isFull() {
    return waitingCount >= settings.waitingMax();
  }

  /** Has somebody wait for whom there is nothing. */
  void park(Wish wish, ReplyTo<PopReply> replyTo) {
    PopLine line = line(wish.logGroup(), wish.topic());
    line.park(new Waiting(wish, replyTo, nowMs.getAsLong() + wish.waitMs()));
    waitingCount++;
    watch(line);
    lookInTime(line);
  }

  /** Serves those who wait from a queue of which something changed, and from that one only. */
  void serve(GroupQueue queue) {
    PopLine line = line(queue);
    if (!line.hasWaiting()) {
      return;
    }
    Slot slot = slot(queue);
    List<Slot> only = List.of(slot);
    line.removeServed(
        slot,
        () -> server.mayServe(slot),
        one -> {
          boolean served = server.serve(one.wish(), one.replyTo(), only);
          waitingCount -= served ? 1 : 0;
          return served;
        });
    watch(line);
    lookInTime(line);
  }

  /** Somebody's time may be over, or a message visible. */
  void lookAgain() {
    lookAtMs = Long.MAX_VALUE;
    long now = nowMs.getAsLong();
    for (PopLine line : lines.values()) {
      line.removeServed(
          one -> {
            boolean served = server.serve(one.wish(), one.replyTo(), line.inTurn(one.wish()));
            if (!served && one.deadlineMs() <= now) {
              one.replyTo().tell(NothingPopped.WAIT_OVER);
              served = true;
            }
            waitingCount -= served ? 1 : 0;
            return served;
          });
      watch(line);
      lookInTime(line);
    }
  }

  /** Nobody watches a queue any more; if somebody waits for it, he does it again. */
  void watchAgain(GroupQueue queue) {
    slot(queue).unwatched();
    watch(line(queue));
  }

  private void watch(PopLine line) {
    line.watch(
        nowMs.getAsLong(),
        settings.watchMax().toMillis(),
        queue -> {
          PopState state = ledger.find(queue);
          return state == null ? 0 : state.next();
        });
  }

  /** Messages of a queue will become visible. */
  void lookInTime(GroupQueue queue) {
    lookInTime(line(queue));
  }

  private void lookInTime(PopLine line) {
    if (!line.hasWaiting()) {
      return;
    }
    long now = nowMs.getAsLong();
    long atMs = Math.min(line.firstDeadlineMs(), line.nextChangeMs(ledger, now));
    if (atMs < lookAtMs) {
      lookAtMs = atMs;
      lookLater.accept(Duration.ofMillis(Math.max(1, atMs - now)));
    }
  }

  /** Refuses those who still wait. */
  void refuseWaiting(PopReply refusal) {
    lines.values().forEach(line -> line.refuseWaiting(refusal));
  }
}
