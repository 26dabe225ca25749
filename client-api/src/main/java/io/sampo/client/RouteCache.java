package io.sampo.client;

import io.sampo.wire.body.TopicRouteData;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routes of the topics that this client uses. Each is fetched when it is first asked for, again
 * every 30 s, and soon after somebody has found it {@link #suspect}; as long as no name server
 * answers the last known one stays. A topic that nobody has asked for in ten minutes is forgotten.
 *
 * <p>Thread-safe; there is one fetch per topic at a time.
 */
final class RouteCache {
  private static final Logger log = LoggerFactory.getLogger(RouteCache.class);
  private static final Duration REFRESH_INTERVAL = Duration.ofSeconds(30);
  private static final Duration SUSPECT_INTERVAL = Duration.ofSeconds(1);
  private static final long UNUSED_NANOS_MAX = TimeUnit.MINUTES.toNanos(10);

  /** The topic whose settings new topics take. */
  private static final String TEMPLATE_TOPIC = "TBW102";

  private final NameServers nameServers;
  private final Transport transport;
  private final LongSupplier nanoClock;
  private final Map<String, Known> known = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<TopicRoute>> fetching = new ConcurrentHashMap<>();
  private final List<Consumer<TopicRoute>> listeners = new CopyOnWriteArrayList<>();

  RouteCache(NameServers nameServers, Transport transport, LongSupplier nanoClock) {
    this.nameServers = nameServers;
    this.transport = transport;
    this.nanoClock = nanoClock;
  }

  /** Starts the regular refresh. */
  void start() {
    transport.schedule(REFRESH_INTERVAL, this::refreshAll, () -> {});
  }

  /** Told of each route that is new or has changed, on the thread that brought it. */
  void onChange(Consumer<TopicRoute> listener) {
    listeners.add(listener);
  }

  void removeListener(Consumer<TopicRoute> listener) {
    listeners.remove(listener);
  }

  /**
   * The route of a topic, from memory when it is there. A topic that doesn't exist has the borrowed
   * route of the template topic; without one either, the future fails with {@link
   * NoRouteException}.
   */
  CompletableFuture<TopicRoute> route(String topic) {
    Known entry = known.get(topic);
    if (entry == null) {
      return fetch(topic);
    }
    long nowNanos = nanoClock.getAsLong();
    entry.usedNanos = nowNanos;
    if (entry.route.borrowed() && nowNanos - entry.fetchedNanos > SUSPECT_INTERVAL.toNanos()) {
      suspect(topic); // by now the topic may exist
    }
    return CompletableFuture.completedFuture(entry.route);
  }

  /** Asks the name servers, whatever is known. */
  CompletableFuture<TopicRoute> fetch(String topic) {
    CompletableFuture<TopicRoute> mine = new CompletableFuture<>();
    CompletableFuture<TopicRoute> running = fetching.putIfAbsent(topic, mine);
    if (running != null) {
      return running;
    }
    nameServers
        .route(topic)
        .thenCompose(data -> withTemplate(topic, data))
        .whenComplete(
            (route, failure) -> {
              fetching.remove(topic);
              if (failure != null) {
                mine.completeExceptionally(Failures.cause(failure));
                return;
              }
              learn(route);
              mine.complete(route);
            });
    return mine;
  }

  /**
   * A use of the route has failed in a way that a newer route may mend. At most one fetch a second.
   */
  void suspect(String topic) {
    Known entry = known.get(topic);
    long nowNanos = nanoClock.getAsLong();
    if (entry == null || nowNanos - entry.fetchedNanos > SUSPECT_INTERVAL.toNanos()) {
      if (entry != null) {
        entry.fetchedNanos = nowNanos;
      }
      fetchInBackground(topic);
    }
  }

  /** The addresses of all leaders that any known topic has. */
  Set<String> leaderAddresses() {
    Set<String> addresses = new TreeSet<>();
    for (Known entry : known.values()) {
      for (String brokerName : entry.route.addresses().keySet()) {
        String address = entry.route.addressOf(brokerName);
        if (address != null) {
          addresses.add(address);
        }
      }
    }
    return addresses;
  }

  private CompletableFuture<TopicRoute> withTemplate(String topic, Optional<TopicRouteData> data) {
    if (data.isPresent()) {
      return CompletableFuture.completedFuture(TopicRoute.of(topic, data.get()));
    }
    return nameServers
        .route(TEMPLATE_TOPIC)
        .thenApply(
            template ->
                TopicRoute.borrowed(
                    topic,
                    template.orElseThrow(
                        () -> new NoRouteException("the topic " + topic + " does not exist"))));
  }

  private void learn(TopicRoute route) {
    long nowNanos = nanoClock.getAsLong();
    Known before = known.get(route.topic());
    Known entry = new Known(route, nowNanos);
    entry.usedNanos = before == null ? nowNanos : before.usedNanos;
    known.put(route.topic(), entry);
    if (before == null || !before.route.equals(route)) {
      listeners.forEach(listener -> listener.accept(route));
    }
  }

  private void refreshAll() {
    long nowNanos = nanoClock.getAsLong();
    known.values().removeIf(entry -> nowNanos - entry.usedNanos > UNUSED_NANOS_MAX);
    known.keySet().forEach(this::fetchInBackground);
    transport.schedule(REFRESH_INTERVAL, this::refreshAll, () -> {});
  }

  private void fetchInBackground(String topic) {
    fetch(topic)
        .whenComplete(
            (route, failure) -> {
              if (failure != null) {
                log.debug("The route of {} stays as it is: {}", topic, failure.toString());
              }
            });
  }

  private static final class Known {
    final TopicRoute route;
    volatile long fetchedNanos;
    volatile long usedNanos;

    Known(TopicRoute route, long fetchedNanos) {
      this.route = route;
      this.fetchedNanos = fetchedNanos;
      this.usedNanos = fetchedNanos;
    }
  }
}
