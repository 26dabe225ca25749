package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.cluster.serialization.ControlMessage;
import io.sampo.record.QueueKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.ObjLongConsumer;

/**
 * Offsets of a group as they are written to the journal: nested, so that names are not repeated for
 * each queue. Never changed once made.
 *
 * @param offsets by log group, topic and queue id. Among changes {@link #FORGOTTEN} takes a queue
 *     out
 * @param resets of the same form: the queues that were reset and whose consumer has not followed
 *     yet, and where to. Among changes {@link #FOLLOWED} takes a queue out. What was written before
 *     there were resets reads as none
 */
record OffsetTable(
    Map<String, Map<String, Map<Integer, Long>>> offsets,
    Map<String, Map<String, Map<Integer, Long>>> resets)
    implements ControlMessage {
  static final OffsetTable EMPTY = new OffsetTable(Map.of(), Map.of());

  /** In the place of an offset: there is none any more. */
  static final long FORGOTTEN = -1;

  /** In the place of a reset's offset: the reset is over. */
  static final long FOLLOWED = -1;

  OffsetTable {
    resets = Objects.requireNonNullElse(resets, Map.of());
  }

  static OffsetTable of(Map<GroupQueue, Long> byQueue) {
    return of(byQueue, Map.of());
  }

  static OffsetTable of(Map<GroupQueue, Long> byQueue, Map<GroupQueue, Long> resets) {
    return new OffsetTable(nested(byQueue), nested(resets));
  }

  private static Map<String, Map<String, Map<Integer, Long>>> nested(
      Map<GroupQueue, Long> byQueue) {
    Map<String, Map<String, Map<Integer, Long>>> nested = new HashMap<>();
    byQueue.forEach(
        (queue, offset) ->
            nested
                .computeIfAbsent(queue.logGroup(), logGroup -> new HashMap<>())
                .computeIfAbsent(queue.key().topic(), topic -> new HashMap<>())
                .put(queue.key().queueId(), offset));
    return nested;
  }

  /** This table with the changes put over it; what didn't change is shared. */
  OffsetTable with(OffsetTable changes) {
    return new OffsetTable(merged(offsets, changes.offsets), merged(resets, changes.resets));
  }

  /** A change that is negative ends what it names. */
  private static Map<String, Map<String, Map<Integer, Long>>> merged(
      Map<String, Map<String, Map<Integer, Long>>> table,
      Map<String, Map<String, Map<Integer, Long>>> changes) {
    if (changes.isEmpty()) {
      return table;
    }
    Map<String, Map<String, Map<Integer, Long>>> result = new HashMap<>(table);
    changes.forEach(
        (logGroup, changedTopics) -> {
          Map<String, Map<Integer, Long>> topics =
              new HashMap<>(result.getOrDefault(logGroup, Map.of()));
          changedTopics.forEach(
              (topic, changedQueues) -> {
                Map<Integer, Long> queues = new HashMap<>(topics.getOrDefault(topic, Map.of()));
                queues.putAll(changedQueues);
                queues.values().removeIf(offset -> offset < 0);
                if (queues.isEmpty()) {
                  topics.remove(topic);
                } else {
                  topics.put(topic, queues);
                }
              });
          if (topics.isEmpty()) {
            result.remove(logGroup);
          } else {
            result.put(logGroup, topics);
          }
        });
    return result;
  }

  void forEach(ObjLongConsumer<GroupQueue> visitor) {
    forEach(offsets, visitor);
  }

  void forEachReset(ObjLongConsumer<GroupQueue> visitor) {
    forEach(resets, visitor);
  }

  private static void forEach(
      Map<String, Map<String, Map<Integer, Long>>> table, ObjLongConsumer<GroupQueue> visitor) {
    table.forEach(
        (logGroup, topics) ->
            topics.forEach(
                (topic, queues) ->
                    queues.forEach(
                        (queueId, offset) ->
                            visitor.accept(
                                new GroupQueue(logGroup, new QueueKey(topic, queueId)), offset))));
  }
}
