package io.sampo.routing.net;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** The open connections of all ports, counted so that they stay bounded. Any thread. */
final class Connections {
  private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger count = new AtomicInteger();
  private final int max;

  Connections(int max) {
    this.max = max;
  }

  /** False, and nothing done, when there are as many as there may be. */
  boolean add(ClientConnection connection) {
    if (count.incrementAndGet() > max) {
      count.decrementAndGet();
      return false;
    }
    open.add(connection);
    return true;
  }

  void remove(ClientConnection connection) {
    if (open.remove(connection)) {
      count.decrementAndGet();
    }
  }

  int count() {
    return count.get();
  }

  void forEach(Consumer<ClientConnection> action) {
    open.forEach(action);
  }
}
