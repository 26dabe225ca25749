package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.function.Function;

/**
 * Maps whose keys are queues, in the form that the official clients write and all of their versions
 * read: the key is a JSON object without quotes around it, which is no standard JSON. Stateless.
 */
final class QueueMapJson {
  private QueueMapJson() {}

  /** Such a map, in braces. */
  static <V> String write(Map<QueueName, V> byQueue, Function<V, JsonNode> toJson) {
    StringBuilder json = new StringBuilder(64 + 96 * byQueue.size()).append('{');
    byQueue.forEach(
        (queue, value) -> {
          if (json.length() > 1) {
            json.append(',');
          }
          json.append(queue.toNode()).append(':').append(toJson.apply(value));
        });
    return json.append('}').toString();
  }
}
