package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.cluster.serialization.ControlMessage;
import io.sampo.record.QueueKey;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Holders of a group's queue locks as they are written to the journal: nested, so that names are
 * not repeated for each queue. As a change, {@link #NOBODY} stands for a lock that was released; a
 * whole table never has it. Never changed once made.
 *
 * @param holders client ids by log group, topic and queue id
 */
record LockTable(Map<String, Map<String, Map<Integer, String>>> holders) implements ControlMessage {
  static final LockTable EMPTY = new LockTable(Map.of());

  /** In place of a client id, which is never empty: the queue is not locked any more. */
  static final String NOBODY = "";

  static LockTable of(Map<GroupQueue, String> byQueue) {
    Map<String, Map<String, Map<Integer, String>>> nested = new HashMap<>();
    byQueue.forEach(
        (queue, holder) ->
            nested
                .computeIfAbsent(queue.logGroup(), logGroup -> new HashMap<>())
                .computeIfAbsent(queue.key().topic(), topic -> new HashMap<>())
                .put(queue.key().queueId(), holder));
    return new LockTable(nested);
  }

  /** This table with the changes put over it, without what was released. */
  LockTable with(LockTable changes) {
    Map<String, Map<String, Map<Integer, String>>> result = new HashMap<>(holders);
    changes.holders.forEach(
        (logGroup, changedTopics) -> {
          Map<String, Map<Integer, String>> topics =
              new HashMap<>(result.getOrDefault(logGroup, Map.of()));
          changedTopics.forEach(
              (topic, changedQueues) -> {
                Map<Integer, String> queues = new HashMap<>(topics.getOrDefault(topic, Map.of()));
                queues.putAll(changedQueues);
                queues.values().removeIf(NOBODY::equals);
                putUnlessEmpty(topics, topic, queues);
              });
          putUnlessEmpty(result, logGroup, topics);
        });
    return new LockTable(result);
  }

  private static <V extends Map<?, ?>> void putUnlessEmpty(
      Map<String, V> target, String key, V value) {
    if (value.isEmpty()) {
      target.remove(key);
    } else {
      target.put(key, value);
    }
  }

  void forEach(BiConsumer<GroupQueue, String> visitor) {
    holders.forEach(
        (logGroup, topics) ->
            topics.forEach(
                (topic, queues) ->
                    queues.forEach(
                        (queueId, holder) ->
                            visitor.accept(
                                new GroupQueue(logGroup, new QueueKey(topic, queueId)), holder))));
  }
}
