package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.OffsetKeeping.CommitOffset;
import io.sampo.actors.consumer.OffsetKeeping.CommitReply;
import io.sampo.actors.consumer.OffsetKeeping.OffsetCommitted;
import io.sampo.actors.consumer.OffsetKeeping.OffsetsForgotten;
import io.sampo.actors.consumer.OffsetKeeping.OffsetsReset;
import io.sampo.actors.consumer.OffsetKeeping.ResetOffsets;
import io.sampo.cluster.replication.ReplyTo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The newest offsets of a group, and which of them still have to be written. While one batch is
 * written the changes collect to the next, in which a queue stands once, so that a storm of commits
 * costs few writes. Owned by the group's actor.
 *
 * <p>Each queue's value is durable, in the batch under way, or collected for the next; a commit
 * waits for exactly the batch that holds its value or a later one.
 *
 * <p>A queue that was reset keeps its new offset, whatever its consumer commits, until the consumer
 * has followed: until it pulls at that offset.
 */
final class OffsetLedger {
  private static final long NONE = -1;

  private final Map<GroupQueue, Long> newest = new HashMap<>();
  private final int queuesMax;
  private final int waitingMax;

  private final Map<GroupQueue, Long> resets = new HashMap<>();

  private Map<GroupQueue, Long> collected = new HashMap<>();
  private Map<GroupQueue, Long> underway = Map.of();
  private Map<GroupQueue, Long> collectedResets = new HashMap<>();
  private Map<GroupQueue, Long> underwayResets = Map.of();
  private List<Waiting> waitingForNext = new ArrayList<>();
  private List<Waiting> waitingForUnderway = List.of();
  private boolean writing;
  private boolean recovered;

  /** Somebody who is answered once a batch is durable. */
  private record Waiting(ReplyTo<CommitReply> replyTo, CommitReply reply) {}

  OffsetLedger(int queuesMax, int waitingMax) {
    this.queuesMax = queuesMax;
    this.waitingMax = waitingMax;
  }

  /** The newest offset taken, durable or not; -1 when there is none. */
  long newest(GroupQueue queue) {
    Long offset = newest.get(queue);
    return offset == null ? NONE : offset;
  }

  /** The newest offsets of all queues; a copy. */
  Map<GroupQueue, Long> all() {
    return Map.copyOf(newest);
  }

  /** Takes what the journal has, where nothing newer was taken meanwhile. */
  void recovered(OffsetTable offsets) {
    offsets.forEach(
        (queue, offset) -> {
          if (!collected.containsKey(queue)) { // or it was forgotten meanwhile
            newest.putIfAbsent(queue, offset);
          }
        });
    if (!recovered) { // later on it is the journal that lags behind
      offsets.forEachReset(resets::put);
      recovered = true;
    }
  }

  /** Sets an offset, also back; answers when it is durable, which it may be already. */
  void commit(CommitOffset commit) {
    GroupQueue queue = commit.queue();
    GroupRefused refusal = refusal(commit);
    Waiting waiting = new Waiting(commit.replyTo(), new OffsetCommitted(commit.offset()));
    Long reset = resets.get(queue);
    if (refusal != null) {
      commit.replyTo().tell(refusal);
    } else if (reset != null && reset != commit.offset()) {
      commit.replyTo().tell(new OffsetCommitted(reset));
    } else if (newest(queue) != commit.offset()) {
      take(queue, commit.offset());
      waitingForNext.add(waiting);
    } else if (collected.containsKey(queue)) {
      waitingForNext.add(waiting);
    } else if (underway.containsKey(queue)) {
      waitingForUnderway.add(waiting);
    } else {
      waiting.replyTo.tell(waiting.reply);
    }
  }

  /**
   * Sets offsets against the will of those who consume; answers when all are durable.
   *
   * @return false when it was refused
   */
  boolean reset(ResetOffsets reset) {
    GroupRefused refusal = refusal(reset);
    if (refusal != null) {
      reset.replyTo().tell(refusal);
      return false;
    }
    reset
        .targets()
        .forEach(
            (queue, offset) -> {
              take(queue, offset);
              resets.put(queue, offset);
              collectedResets.put(queue, offset);
            });
    waitingForNext.add(new Waiting(reset.replyTo(), OffsetsReset.INSTANCE));
    return true;
  }

  /**
   * Has no offsets any more, and no resets; answers when that is durable.
   *
   * @return the queues that it had offsets of; none when it was refused
   */
  Set<GroupQueue> forget(ReplyTo<CommitReply> replyTo) {
    if (tooManyWait()) {
      replyTo.tell(GroupRefused.TOO_MANY_WAITING);
      return Set.of();
    }
    Set<GroupQueue> known = Set.copyOf(newest.keySet());
    newest.clear();
    known.forEach(queue -> collected.put(queue, OffsetTable.FORGOTTEN));
    resets.keySet().forEach(queue -> collectedResets.put(queue, OffsetTable.FOLLOWED));
    resets.clear();
    Waiting waiting = new Waiting(replyTo, OffsetsForgotten.INSTANCE);
    if (!collected.isEmpty()) {
      waitingForNext.add(waiting);
    } else if (writing) {
      waitingForUnderway.add(waiting);
    } else {
      replyTo.tell(OffsetsForgotten.INSTANCE);
    }
    return known;
  }

  /** True while a consumer of the group has not followed a reset. */
  boolean hasResets() {
    return !resets.isEmpty();
  }

  /**
   * Where a pull has to go because the queue was reset; -1 when it may go on. One that is where it
   * has to be ends the reset.
   */
  long resetOf(GroupQueue queue, long pullOffset) {
    Long target = resets.get(queue);
    if (target == null) {
      return NONE;
    }
    if (target != pullOffset) {
      return target;
    }
    followed(queue);
    return NONE;
  }

  /** The consumer of a queue goes on from its new offset: a reset of it is over. */
  void followed(GroupQueue queue) {
    if (resets.remove(queue) != null) {
      collectedResets.put(queue, OffsetTable.FOLLOWED);
    }
  }

  /**
   * Takes an offset unless the queue has a higher one.
   *
   * @return false when the group has offsets of too many queues
   */
  boolean advance(GroupQueue queue, long offset) {
    long known = newest(queue);
    if (offset <= known || resets.containsKey(queue)) {
      return true;
    }
    if (known == NONE && newest.size() >= queuesMax) {
      return false;
    }
    take(queue, offset);
    return true;
  }

  /** True when there are changes and no batch is under way. */
  boolean canWrite() {
    return !writing && !(collected.isEmpty() && collectedResets.isEmpty());
  }

  /** True when all that was taken is durable. */
  boolean isClean() {
    return !writing && collected.isEmpty() && collectedResets.isEmpty();
  }

  /** True when somebody waits for the next batch. */
  boolean isAwaited() {
    return !waitingForNext.isEmpty();
  }

  /** Makes what was collected the batch under way. */
  OffsetTable startBatch() {
    underway = collected;
    underwayResets = collectedResets;
    waitingForUnderway = waitingForNext;
    collected = new HashMap<>();
    collectedResets = new HashMap<>();
    waitingForNext = new ArrayList<>();
    writing = true;
    return OffsetTable.of(underway, underwayResets);
  }

  /** The batch under way is durable: answers those who waited for it. */
  void batchStored() {
    for (Waiting waiting : waitingForUnderway) {
      waiting.replyTo.tell(waiting.reply);
    }
    underway = Map.of();
    underwayResets = Map.of();
    waitingForUnderway = List.of();
    writing = false;
  }

  /** Whether the batch under way is durable is not known: it is written again with the next. */
  void batchLost() {
    Map<GroupQueue, Long> again = new HashMap<>(underway);
    again.putAll(collected);
    collected = again;
    Map<GroupQueue, Long> resetsAgain = new HashMap<>(underwayResets);
    resetsAgain.putAll(collectedResets);
    collectedResets = resetsAgain;
    waitingForNext.addAll(0, waitingForUnderway);
    underway = Map.of();
    underwayResets = Map.of();
    waitingForUnderway = List.of();
    writing = false;
  }

  /** Refuses those who still wait. */
  void refuseWaiting(GroupRefused refusal) {
    waitingForUnderway.forEach(waiting -> waiting.replyTo.tell(refusal));
    waitingForNext.forEach(waiting -> waiting.replyTo.tell(refusal));
    waitingForUnderway = List.of();
    waitingForNext = new ArrayList<>();
  }

  private @Nullable GroupRefused refusal(CommitOffset commit) {
    if (commit.offset() < 0) {
      return GroupRefused.NEGATIVE_OFFSET;
    }
    if (newest(commit.queue()) == NONE && newest.size() >= queuesMax) {
      return GroupRefused.TOO_MANY_QUEUES;
    }
    return tooManyWait() ? GroupRefused.TOO_MANY_WAITING : null;
  }

  private @Nullable GroupRefused refusal(ResetOffsets reset) {
    int queues = newest.size();
    for (Map.Entry<GroupQueue, Long> target : reset.targets().entrySet()) {
      if (target.getValue() < 0) {
        return GroupRefused.NEGATIVE_OFFSET;
      }
      if (newest(target.getKey()) == NONE) {
        queues++;
      }
    }
    if (queues > queuesMax) {
      return GroupRefused.TOO_MANY_QUEUES;
    }
    return tooManyWait() ? GroupRefused.TOO_MANY_WAITING : null;
  }

  private boolean tooManyWait() {
    return waitingForNext.size() + waitingForUnderway.size() >= waitingMax;
  }

  private void take(GroupQueue queue, long offset) {
    newest.put(queue, offset);
    collected.put(queue, offset);
  }
}
