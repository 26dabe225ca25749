package io.sampo.routing.request;

import io.sampo.wire.body.ConnectionData;
import io.sampo.wire.body.ProducerConnections.Producer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The producers that are connected to this node, as tools want to see them: who, from where, and
 * when they were heard of. A producer is known from its first heartbeat on a connection until it
 * takes its leave or that connection closes. Any thread.
 */
final class ConnectedProducers {
  /** Of one connection; more are not shown. */
  private static final int PRODUCERS_MAX = 1024;

  private record Key(String group, String clientId) {}

  private final ConcurrentMap<ClientSession, ConcurrentMap<Key, Producer>> bySession =
      new ConcurrentHashMap<>();
  private final InstantSource clock;

  ConnectedProducers(InstantSource clock) {
    this.clock = clock;
  }

  /** A producer sent a heartbeat. Call on the session's event loop. */
  void seen(String group, ConnectionData producer, ClientSession session) {
    ConcurrentMap<Key, Producer> known = ofSession(session);
    Key key = new Key(group, producer.clientId());
    if (known != null && (known.size() < PRODUCERS_MAX || known.containsKey(key))) {
      known.put(key, new Producer(producer, clock.millis()));
    }
  }

  private @Nullable ConcurrentMap<Key, Producer> ofSession(ClientSession session) {
    ConcurrentMap<Key, Producer> known = bySession.get(session);
    if (known == null && session.whenClosed(() -> bySession.remove(session))) {
      known = new ConcurrentHashMap<>();
      bySession.put(session, known);
    }
    return known;
  }

  /** A producer takes its leave of a group. */
  void leave(String group, String clientId, ClientSession session) {
    Map<Key, Producer> known = bySession.get(session);
    if (known != null) {
      known.remove(new Key(group, clientId));
    }
  }

  /** The producers of all groups; a client once in each, however often it is connected. */
  Map<String, List<Producer>> all() {
    Map<Key, Producer> newest = new HashMap<>();
    for (Map<Key, Producer> producers : bySession.values()) {
      producers.forEach(
          (key, producer) ->
              newest.merge(key, producer, (a, b) -> a.seenAtMs() < b.seenAtMs() ? b : a));
    }
    Map<String, List<Producer>> byGroup = new HashMap<>();
    newest.forEach(
        (key, producer) ->
            byGroup.computeIfAbsent(key.group, missing -> new ArrayList<>()).add(producer));
    return byGroup;
  }
}
