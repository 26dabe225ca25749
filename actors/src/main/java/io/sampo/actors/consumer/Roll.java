package io.sampo.actors.consumer;

import io.sampo.actors.catalog.CatalogRules;
import io.sampo.cluster.serialization.ControlMessage;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The client ids of a group's members as they are written to the journal. Never changed once made.
 * Ids that no client may have, which a journal may still hold, are left out.
 */
record Roll(Set<String> clientIds) implements ControlMessage {
  static final Roll EMPTY = new Roll(Set.of());

  Roll {
    clientIds =
        clientIds.stream()
            .filter(clientId -> CatalogRules.clientIdRefusal(clientId) == null)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** This roll with some more and without others. */
  Roll with(Set<String> joined, Set<String> left) {
    Set<String> result = new HashSet<>(clientIds);
    result.addAll(joined);
    result.removeAll(left);
    return new Roll(result);
  }
}
