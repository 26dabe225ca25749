package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which client of a group may consume which queue in order, and which changes of that still have to
 * be written. Pure: no clock, no thread; owned by {@link LockKeeper}.
 *
 * <p>A queue has at most one holder. It stays the holder until it gives the lock back or has not
 * renewed it for the lock's time; a connection that closes, and even a client that takes leave of
 * the group, ends no lock, because what was received is perhaps still being processed. A client is
 * told of a lock only once its acquisition is durable. Renewals are not written: a lock that was
 * read from the journal counts as renewed then, which is never too early.
 *
 * <p>Only members acquire. A holder that is no member at the moment may go on renewing for a while:
 * after a restart and after a new connection its first heartbeat is still to come.
 */
final class QueueLocks {
  /**
   * What it may and how long.
   *
   * @param lockMs a lock that was not renewed for so long can be taken by another client
   * @param absenceMs a holder may renew for so long after it was last seen as a member
   * @param locksMax locks that may be held at the same time
   */
  record Limits(long lockMs, long absenceMs, int locksMax) {}

  /** When an answer about queues may go out. */
  enum Durability {
    /** Now: nothing about them is to be written. */
    STORED,
    /** Once the batch under way is durable. */
    WITH_BATCH_UNDERWAY,
    /** Once the batch after that is durable. */
    WITH_NEXT_BATCH
  }

  private static final class Lock {
    private final String clientId;
    private long renewedMs;
    private long memberMs;

    private Lock(String clientId, long nowMs) {
      this.clientId = clientId;
      this.renewedMs = nowMs;
      this.memberMs = nowMs;
    }
  }

  private final Limits limits;
  private final Map<GroupQueue, Lock> locks = new HashMap<>();
  private Map<GroupQueue, String> collected = new HashMap<>();
  private Map<GroupQueue, String> underway = Map.of();
  private boolean writing;

  QueueLocks(Limits limits) {
    this.limits = limits;
  }

  /** Takes what the journal has, each as if renewed now. Once, before anything else. */
  void recovered(LockTable held, long nowMs) {
    held.forEach((queue, clientId) -> locks.put(queue, new Lock(clientId, nowMs)));
  }

  boolean isEmpty() {
    return locks.isEmpty();
  }

  /** True while any lock is held whose time isn't over. */
  boolean isAnyHeld(long nowMs) {
    return locks.values().stream().anyMatch(lock -> !isExpired(lock, nowMs));
  }

  /** True while free queues stay free because there are too many locks. */
  boolean isFull() {
    return locks.size() >= limits.locksMax();
  }

  /**
   * Renews what the client holds of these queues and, for a member, acquires what is free.
   *
   * @return the queues that it holds now. It may be told so by {@link #confirm}, at the time that
   *     {@link #durability} says
   */
  List<GroupQueue> lock(
      String clientId, Collection<GroupQueue> queues, boolean member, long nowMs) {
    if (clientId.isEmpty()) { // it would be nobody in the journal
      return List.of();
    }
    List<GroupQueue> held = new ArrayList<>(queues.size());
    for (GroupQueue queue : queues) {
      Lock lock = locks.get(queue);
      if (lock != null && lock.clientId.equals(clientId)) {
        if (renew(lock, member, nowMs)) {
          held.add(queue);
        }
      } else if (member && acquire(queue, lock, clientId, nowMs)) {
        held.add(queue);
      }
    }
    return held;
  }

  private boolean renew(Lock lock, boolean member, long nowMs) {
    if (member) {
      lock.memberMs = nowMs;
    } else if (isExpired(lock, nowMs) || nowMs - lock.memberMs >= limits.absenceMs()) {
      return false;
    }
    lock.renewedMs = nowMs;
    return true;
  }

  private boolean acquire(GroupQueue queue, @Nullable Lock before, String clientId, long nowMs) {
    boolean free = before == null ? hasRoom() : isExpired(before, nowMs);
    if (!free) {
      return false;
    }
    locks.put(queue, new Lock(clientId, nowMs));
    collected.put(queue, clientId);
    return true;
  }

  /** While the journal is down, what is acquired and given back again and again collects. */
  private boolean hasRoom() {
    return !isFull() && collected.size() < limits.locksMax();
  }

  /** Gives back what the client holds of these queues; another may have them at once. */
  void unlock(String clientId, Collection<GroupQueue> queues) {
    for (GroupQueue queue : queues) {
      Lock lock = locks.get(queue);
      if (lock != null && lock.clientId.equals(clientId)) {
        locks.remove(queue);
        collected.put(queue, LockTable.NOBODY);
      }
    }
  }

  /** Forgets the locks that were not renewed in time. */
  void dropExpired(long nowMs) {
    locks
        .entrySet()
        .removeIf(
            entry -> {
              if (!isExpired(entry.getValue(), nowMs)) {
                return false;
              }
              collected.put(entry.getKey(), LockTable.NOBODY);
              return true;
            });
  }

  /** When what is known of these queues now is durable. */
  Durability durability(Collection<GroupQueue> queues) {
    Durability result = Durability.STORED;
    for (GroupQueue queue : queues) {
      if (collected.containsKey(queue)) {
        return Durability.WITH_NEXT_BATCH;
      }
      if (underway.containsKey(queue)) {
        result = Durability.WITH_BATCH_UNDERWAY;
      }
    }
    return result;
  }

  /**
   * Those of the queues that the client still holds and durably so; the client counts its time from
   * this answer, so they are renewed once more.
   *
   * @param held what {@link #lock} gave
   */
  List<GroupQueue> confirm(String clientId, Collection<GroupQueue> held, long nowMs) {
    List<GroupQueue> confirmed = new ArrayList<>(held.size());
    for (GroupQueue queue : held) {
      Lock lock = locks.get(queue);
      if (lock != null
          && lock.clientId.equals(clientId)
          && !collected.containsKey(queue)
          && !underway.containsKey(queue)) {
        lock.renewedMs = nowMs;
        confirmed.add(queue);
      }
    }
    return confirmed;
  }

  /** True when there are changes and no batch is under way. */
  boolean canWrite() {
    return !writing && !collected.isEmpty();
  }

  /** Makes what was collected the batch under way. */
  LockTable startBatch() {
    underway = collected;
    collected = new HashMap<>();
    writing = true;
    return LockTable.of(underway);
  }

  /** The batch under way is durable. */
  void batchStored() {
    underway = Map.of();
    writing = false;
  }

  /** Whether the batch under way is durable is not known: it is written again with the next. */
  void batchLost() {
    Map<GroupQueue, String> again = new HashMap<>(underway);
    again.putAll(collected);
    collected = again;
    batchStored();
  }

  private boolean isExpired(Lock lock, long nowMs) {
    return nowMs - lock.renewedMs >= limits.lockMs();
  }
}
