package io.sampo.wire.body;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What the queues of a topic hold (the answer to 202). The rate of sends is not measured. */
public record TopicStats(Map<QueueName, Stats> byQueue) {
  /**
   * Of one queue.
   *
   * @param lastStoredAtMs when its newest message was stored, 0 for none
   */
  public record Stats(long minOffset, long maxOffset, long lastStoredAtMs) {
    private ObjectNode toNode() {
      return BodyJson.object()
          .put("lastUpdateTimestamp", lastStoredAtMs)
          .put("maxOffset", maxOffset)
          .put("minOffset", minOffset);
    }
  }

  public TopicStats {
    byQueue = Map.copyOf(byQueue);
  }

  public byte[] toJson() {
    String map = QueueMapJson.write(byQueue, Stats::toNode);
    return ("{\"offsetTable\":" + map + "}").getBytes(StandardCharsets.UTF_8);
  }
}
