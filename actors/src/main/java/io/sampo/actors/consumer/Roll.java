package io.sampo.actors.consumer;

import io.sampo.cluster.serialization.ControlMessage;
import java.util.HashSet;
import java.util.Set;

/**
 * The client ids of a group's members as they are written to the journal. Never changed once made.
 */
record Roll(Set<String> clientIds) implements ControlMessage {
  static final Roll EMPTY = new Roll(Set.of());

  Roll {
    clientIds = Set.copyOf(clientIds);
  }

  /** This roll with some more and without others. */
  Roll with(Set<String> joined, Set<String> left) {
    Set<String> result = new HashSet<>(clientIds);
    result.addAll(joined);
    result.removeAll(left);
    return new Roll(result);
  }
}
