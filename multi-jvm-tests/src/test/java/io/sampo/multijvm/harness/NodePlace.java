package io.sampo.multijvm.harness;

import java.util.List;

/**
 * Where a node runs.
 *
 * @param host the address of its ports, for clients of this machine too
 * @param launcher what stands before the command that starts it, empty for nothing
 */
public record NodePlace(String host, List<String> launcher) {
  /** On this machine, as everything else. */
  public static final NodePlace LOOPBACK = new NodePlace("127.0.0.1", List.of());

  public NodePlace {
    launcher = List.copyOf(launcher);
  }
}
