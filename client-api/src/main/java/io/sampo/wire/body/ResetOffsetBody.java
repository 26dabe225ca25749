package io.sampo.wire.body;

import com.fasterxml.jackson.databind.node.LongNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Where the offsets of a group were reset to (the answer to 222).
 *
 * @param offsets by queue
 */
public record ResetOffsetBody(Map<QueueName, Long> offsets) {
  public ResetOffsetBody {
    offsets = Map.copyOf(offsets);
  }

  public byte[] toJson() {
    String map = QueueMapJson.write(offsets, LongNode::valueOf);
    return ("{\"offsetTable\":" + map + "}").getBytes(StandardCharsets.UTF_8);
  }
}
