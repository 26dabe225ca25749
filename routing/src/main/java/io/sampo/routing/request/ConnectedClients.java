package io.sampo.routing.request;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The clients that are connected to this node, by the ids that their heartbeats gave, so that
 * something can be sent to a certain one. A client is known from its first heartbeat on a
 * connection until that connection closes. Any thread; joined on the connection's event loop.
 */
final class ConnectedClients {
  /** The sessions of one client, one for each connection; replaced with each change. */
  private final ConcurrentMap<String, List<ClientSession>> sessions = new ConcurrentHashMap<>();

  /** A client sent a heartbeat over a connection. */
  void join(String clientId, ClientSession session) {
    List<ClientSession> known = sessions.get(clientId);
    if (known != null && known.contains(session)) {
      return;
    }
    if (session.whenClosed(() -> leave(clientId, session))) {
      sessions.compute(
          clientId,
          (id, before) -> {
            List<ClientSession> after =
                before == null ? new ArrayList<>() : new ArrayList<>(before);
            after.add(session);
            return List.copyOf(after);
          });
    }
  }

  private void leave(String clientId, ClientSession session) {
    sessions.computeIfPresent(
        clientId,
        (id, before) -> {
          List<ClientSession> after = before.stream().filter(other -> other != session).toList();
          return after.isEmpty() ? null : after;
        });
  }

  /** The client's newest connection, null when it has none here. */
  @Nullable ClientSession find(String clientId) {
    List<ClientSession> known = sessions.get(clientId);
    return known == null ? null : known.get(known.size() - 1);
  }
}
