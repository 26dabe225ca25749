package io.sampo.multijvm;

import io.sampo.multijvm.history.DeadLetterHistory.Failing;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialConsumer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The tries of the messages that a group always fails, by key. */
final class FailingGroup {
  private final Map<Long, List<Delivery>> tries = new HashMap<>();

  synchronized void failed(long key, Delivery delivery) {
    tries.computeIfAbsent(key, first -> new ArrayList<>()).add(delivery);
  }

  /** Whether this try of the message was made. */
  synchronized boolean isTried(long key, int reconsumeTimes) {
    return tries.getOrDefault(key, List.of()).stream()
        .anyMatch(delivery -> delivery.reconsumeTimes() == reconsumeTimes);
  }

  /** What the checker needs to know of these keys. */
  synchronized Map<Long, Failing> failing(List<Long> keys, List<OfficialConsumer> consumers) {
    Map<Long, Failing> failing = new HashMap<>();
    for (long key : keys) {
      List<Delivery> deliveries = tries.getOrDefault(key, List.of());
      int returned =
          deliveries.stream()
              .map(Delivery::msgId)
              .distinct()
              .mapToInt(
                  id -> consumers.stream().mapToInt(consumer -> consumer.returnedCount(id)).sum())
              .sum();
      failing.put(
          key, new Failing(deliveries.stream().map(Delivery::reconsumeTimes).toList(), returned));
    }
    return failing;
  }
}
