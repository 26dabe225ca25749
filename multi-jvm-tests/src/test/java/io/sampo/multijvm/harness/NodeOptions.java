package io.sampo.multijvm.harness;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a test wants its node: where it runs, the settings beyond ports and directory, and the heap.
 * Immutable; each {@code with} gives a changed copy.
 *
 * @param file what the node is started with; settings are stronger
 * @param settings full setting name to value
 * @param heapMegabytes the node's {@code -Xmx}
 * @param logGroups how many ports for clients it opens, 10 apart
 */
public record NodeOptions(
    NodePlace place,
    Optional<Path> file,
    Map<String, String> settings,
    int heapMegabytes,
    int logGroups) {
  public NodeOptions {
    settings = Map.copyOf(settings);
  }

  /** Small segments and a small heap, everything else as the product ships it. */
  public static NodeOptions defaults() {
    return new NodeOptions(
        NodePlace.LOOPBACK, Optional.empty(), Map.of("sampo.log.segment-size", "64 MiB"), 384, 1);
  }

  /** Nothing but what the file says, in a small heap. */
  public static NodeOptions of(Path file) {
    return new NodeOptions(
        NodePlace.LOOPBACK, Optional.of(file.toAbsolutePath()), Map.of(), 256, 1);
  }

  /** A copy with one setting more. */
  public NodeOptions with(String setting, String value) {
    Map<String, String> changed = new LinkedHashMap<>(settings);
    changed.put(setting, value);
    return new NodeOptions(place, file, changed, heapMegabytes, logGroups);
  }

  /** A copy with another heap limit. */
  public NodeOptions withHeapMegabytes(int megabytes) {
    return new NodeOptions(place, file, settings, megabytes, logGroups);
  }

  /** A copy that runs elsewhere. */
  public NodeOptions at(NodePlace elsewhere) {
    return new NodeOptions(elsewhere, file, settings, heapMegabytes, logGroups);
  }

  /** A copy with ports for so many log groups. */
  public NodeOptions withLogGroups(int count) {
    return new NodeOptions(place, file, settings, heapMegabytes, count);
  }
}
