package io.sampo.wire.body;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * How far a group is (the answer to 208). The rate of its consumption is not measured, nor is known
 * what its consumers have pulled and not committed yet.
 */
public record ConsumeStats(Map<QueueName, Stats> byQueue) {
  /**
   * Of one queue.
   *
   * @param brokerOffset what its next message gets
   * @param consumerOffset what the group committed, 0 when it never did
   * @param lastStoredAtMs when the last message below that was stored, 0 for none
   */
  public record Stats(long brokerOffset, long consumerOffset, long lastStoredAtMs) {
    private ObjectNode toNode() {
      return BodyJson.object()
          .put("brokerOffset", brokerOffset)
          .put("consumerOffset", consumerOffset)
          .put("lastTimestamp", lastStoredAtMs)
          .put("pullOffset", consumerOffset);
    }
  }

  public ConsumeStats {
    byQueue = Map.copyOf(byQueue);
  }

  public byte[] toJson() {
    String map = QueueMapJson.write(byQueue, Stats::toNode);
    return ("{\"offsetTable\":" + map + "}").getBytes(StandardCharsets.UTF_8);
  }
}
