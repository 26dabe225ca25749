package io.sampo.multijvm;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.history.HistoryRecorder;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.history.Place;
import io.sampo.multijvm.official.Delivery;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What all consumers of a group of ordered messages get together. Of each queue the next message
 * must come, or the last one again: when the queue was suspended, or went to another consumer
 * before the offset was committed. Each message takes a moment, so that two at once would meet.
 */
final class OrderedInbox {
  /** Messages of a queue; the client lets a suspended one rest for 1 s. */
  private static final int SUSPEND_EVERY = 100;

  private static final int QUEUES = 4;
  private static final Duration WORK = Duration.ofMillis(1);

  private final HistoryRecorder history;
  private final boolean mayGoBack;
  private final Map<Integer, Delivery> inWork = new ConcurrentHashMap<>();
  private final Map<Integer, Long> lastOffsets = new ConcurrentHashMap<>();
  private final Set<Long> suspendedKeys = ConcurrentHashMap.newKeySet();
  private final Set<Integer> suspended = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();

  /**
   * @param history where deliveries are recorded, in one session for the whole group
   * @param mayGoBack a queue may start again from an earlier place, as after a crash
   */
  OrderedInbox(HistoryRecorder history, boolean mayGoBack) {
    this.history = history;
    this.mayGoBack = mayGoBack;
  }

  /** A listener: false when the queue is to rest. */
  boolean take(Delivery delivery) {
    int queueId = delivery.queueId();
    Delivery other = inWork.putIfAbsent(queueId, delivery);
    if (other != null) {
      violations.add("two at once in " + place(delivery) + " and " + place(other));
      return true;
    }
    try {
      Long last = lastOffsets.put(queueId, delivery.queueOffset());
      long step = last == null ? 1 : delivery.queueOffset() - last;
      if (step > 1 || (step < 0 && !mayGoBack)) {
        violations.add(place(delivery) + " after " + last);
      }
      long key = Payload.key(delivery.body());
      history.received("group", key, place(delivery));
      Await.breathe(WORK);
      boolean suspend = key / QUEUES % SUSPEND_EVERY == 0 && suspendedKeys.add(key);
      if (suspend) {
        suspended.add(queueId);
      }
      return !suspend;
    } finally {
      inWork.remove(queueId, delivery);
    }
  }

  private static Place place(Delivery delivery) {
    return new Place(delivery.queueId(), delivery.queueOffset());
  }

  /** What happened that must not. */
  List<String> violations() {
    return List.copyOf(violations);
  }

  /** The queues that a listener suspended. */
  Set<Integer> suspendedQueues() {
    return Set.copyOf(suspended);
  }
}
