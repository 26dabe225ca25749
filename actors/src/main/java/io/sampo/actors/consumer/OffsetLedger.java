package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.CommitOffset;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.OffsetCommitted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The newest offsets of a group, and which of them still have to be written. While one batch is
 * written the changes collect to the next, in which a queue stands once, so that a storm of commits
 * costs few writes. Owned by the group's actor.
 *
 * <p>Each queue's value is durable, in the batch under way, or collected for the next; a commit
 * waits for exactly the batch that holds its value or a later one.
 */
final class OffsetLedger {
  private static final long NONE = -1;

  private final Map<GroupQueue, Long> newest = new HashMap<>();
  private final int queuesMax;
  private final int waitingMax;

  private Map<GroupQueue, Long> collected = new HashMap<>();
  private Map<GroupQueue, Long> underway = Map.of();
  private List<CommitOffset> waitingForNext = new ArrayList<>();
  private List<CommitOffset> waitingForUnderway = List.of();
  private boolean writing;

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
    offsets.forEach(newest::putIfAbsent);
  }

  /** Sets an offset, also back; answers when it is durable, which it may be already. */
  void commit(CommitOffset commit) {
    GroupQueue queue = commit.queue();
    GroupRefused refusal = refusal(commit);
    if (refusal != null) {
      commit.replyTo().tell(refusal);
    } else if (newest(queue) != commit.offset()) {
      take(queue, commit.offset());
      waitingForNext.add(commit);
    } else if (collected.containsKey(queue)) {
      waitingForNext.add(commit);
    } else if (underway.containsKey(queue)) {
      waitingForUnderway.add(commit);
    } else {
      commit.replyTo().tell(new OffsetCommitted(commit.offset()));
    }
  }

  /**
   * Takes an offset unless the queue has a higher one.
   *
   * @return false when the group has offsets of too many queues
   */
  boolean advance(GroupQueue queue, long offset) {
    long known = newest(queue);
    if (offset <= known) {
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
    return !writing && !collected.isEmpty();
  }

  /** True when all that was taken is durable. */
  boolean isClean() {
    return !writing && collected.isEmpty();
  }

  /** True when somebody waits for the next batch. */
  boolean isAwaited() {
    return !waitingForNext.isEmpty();
  }

  /** Makes what was collected the batch under way. */
  OffsetTable startBatch() {
    underway = collected;
    waitingForUnderway = waitingForNext;
    collected = new HashMap<>();
    waitingForNext = new ArrayList<>();
    writing = true;
    return OffsetTable.of(underway);
  }

  /** The batch under way is durable: answers those who waited for it. */
  void batchStored() {
    for (CommitOffset commit : waitingForUnderway) {
      commit.replyTo().tell(new OffsetCommitted(commit.offset()));
    }
    underway = Map.of();
    waitingForUnderway = List.of();
    writing = false;
  }

  /** Whether the batch under way is durable is not known: it is written again with the next. */
  void batchLost() {
    Map<GroupQueue, Long> again = new HashMap<>(underway);
    again.putAll(collected);
    collected = again;
    waitingForNext.addAll(0, waitingForUnderway);
    underway = Map.of();
    waitingForUnderway = List.of();
    writing = false;
  }

  /** Refuses those who still wait. */
  void refuseWaiting(GroupRefused refusal) {
    waitingForUnderway.forEach(commit -> commit.replyTo().tell(refusal));
    waitingForNext.forEach(commit -> commit.replyTo().tell(refusal));
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
    if (waitingForNext.size() + waitingForUnderway.size() >= waitingMax) {
      return GroupRefused.TOO_MANY_WAITING;
    }
    return null;
  }

  private void take(GroupQueue queue, long offset) {
    newest.put(queue, offset);
    collected.put(queue, offset);
  }
}
