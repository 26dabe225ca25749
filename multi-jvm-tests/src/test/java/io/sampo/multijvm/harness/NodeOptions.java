package io.sampo.multijvm.harness;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a test wants its node: the settings beyond host, ports and directory, and the heap.
 * Immutable; each {@code with} gives a changed copy.
 *
 * @param settings full setting name to value
 * @param heapMegabytes the node's {@code -Xmx}
 */
public record NodeOptions(Map<String, String> settings, int heapMegabytes) {
  public NodeOptions {
    settings = Map.copyOf(settings);
  }

  /** Small segments and a small heap, everything else as the product ships it. */
  public static NodeOptions defaults() {
    return new NodeOptions(Map.of("sampo.log.segment-size", "64 MiB"), 384);
  }

  /** A copy with one setting more. */
  public NodeOptions with(String setting, String value) {
    Map<String, String> changed = new LinkedHashMap<>(settings);
    changed.put(setting, value);
    return new NodeOptions(changed, heapMegabytes);
  }

  /** A copy with another heap limit. */
  public NodeOptions withHeapMegabytes(int megabytes) {
    return new NodeOptions(settings, megabytes);
  }
}
