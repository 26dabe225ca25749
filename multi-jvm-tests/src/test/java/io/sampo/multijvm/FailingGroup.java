package io.sampo.multijvm;

import io.sampo.multijvm.official.Delivery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The tries of the messages that a group always fails, by key. */
final class FailingGroup {
  private final Map<Long, List<Integer>> tries = new HashMap<>();

  synchronized void failed(long key, Delivery delivery) {
    tries.computeIfAbsent(key, first -> new ArrayList<>()).add(delivery.reconsumeTimes());
  }

  /** Whether this try of the message was made. */
  synchronized boolean isTried(long key, int reconsumeTimes) {
    return tries.getOrDefault(key, List.of()).contains(reconsumeTimes);
  }

  /** The numbers of the tries of these keys, in the order of deliveries. */
  synchronized Map<Long, List<Integer>> tries(List<Long> keys) {
    Map<Long, List<Integer>> found = new HashMap<>();
    keys.forEach(key -> found.put(key, List.copyOf(tries.getOrDefault(key, List.of()))));
    return found;
  }
}
