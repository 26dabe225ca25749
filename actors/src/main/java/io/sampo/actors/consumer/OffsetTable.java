package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.cluster.serialization.ControlMessage;
import io.sampo.record.QueueKey;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjLongConsumer;

/**
 * Offsets of a group as they are written to the journal: nested, so that names are not repeated for
 * each queue. Never changed once made.
 *
 * @param offsets by log group, topic and queue id
 */
record OffsetTable(Map<String, Map<String, Map<Integer, Long>>> offsets) implements ControlMessage {
  static final OffsetTable EMPTY = new OffsetTable(Map.of());

  static OffsetTable of(Map<GroupQueue, Long> byQueue) {
    Map<String, Map<String, Map<Integer, Long>>> nested = new HashMap<>();
    byQueue.forEach(
        (queue, offset) ->
            nested
                .computeIfAbsent(queue.logGroup(), logGroup -> new HashMap<>())
                .computeIfAbsent(queue.key().topic(), topic -> new HashMap<>())
                .put(queue.key().queueId(), offset));
    return new OffsetTable(nested);
  }

  /** This table with the changes put over it; what didn't change is shared. */
  OffsetTable with(OffsetTable changes) {
    Map<String, Map<String, Map<Integer, Long>>> result = new HashMap<>(offsets);
    changes.offsets.forEach(
        (logGroup, changedTopics) -> {
          Map<String, Map<Integer, Long>> topics =
              new HashMap<>(result.getOrDefault(logGroup, Map.of()));
          changedTopics.forEach(
              (topic, changedQueues) -> {
                Map<Integer, Long> queues = new HashMap<>(topics.getOrDefault(topic, Map.of()));
                queues.putAll(changedQueues);
                topics.put(topic, queues);
              });
          result.put(logGroup, topics);
        });
    return new OffsetTable(result);
  }

  void forEach(ObjLongConsumer<GroupQueue> visitor) {
    offsets.forEach(
        (logGroup, topics) ->
            topics.forEach(
                (topic, queues) ->
                    queues.forEach(
                        (queueId, offset) ->
                            visitor.accept(
                                new GroupQueue(logGroup, new QueueKey(topic, queueId)), offset))));
  }
}
