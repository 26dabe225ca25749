package io.sampo.client;

import io.sampo.wire.RequestCode;
import io.sampo.wire.body.ConsumerIdList;
import io.sampo.wire.header.ConsumerGroupHeader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which queues this consumer has. Works that out again every 20 s, when a broker says that the
 * members have changed, when a route has changed and when a connection was made again: asks for the
 * members, takes its average share, ends what it has lost and starts what it has won.
 *
 * <p>Everything runs on the consumer's loop thread, one round after the other. When routes or
 * members can't be had, it keeps what it has.
 */
final class Assignment {
  private static final Logger log = LoggerFactory.getLogger(Assignment.class);
  private static final Duration ROUND_INTERVAL = Duration.ofSeconds(20);
  private static final Duration ROUND_AGAIN_SOON = Duration.ofSeconds(1);

  private final ConsumerContext context;
  private final Map<String, Subscription> subscriptions;

  /** Also read by other threads, for {@link #queues}. */
  private final Map<TopicQueue, AssignedQueue> queues = new ConcurrentHashMap<>();

  private boolean roundRuns;
  private boolean anotherRound;
  private boolean announceNext;
  private boolean soonScheduled;
  private boolean ended;

  Assignment(ConsumerContext context, Map<String, Subscription> subscriptions) {
    this.context = context;
    this.subscriptions = subscriptions;
  }

  /** What is assigned right now; any thread. */
  Set<TopicQueue> queues() {
    return new TreeSet<>(queues.keySet());
  }

  /** Starts the regular rounds. */
  void start() {
    round(true);
    context.later(ROUND_INTERVAL, this::roundRegularly);
  }

  /**
   * Works the assignment out again.
   *
   * @param announce whether brokers may not know this member yet, so that a heartbeat goes first
   */
  void round(boolean announce) {
    announceNext |= announce;
    if (ended) {
      return;
    }
    if (roundRuns) {
      anotherRound = true;
      return;
    }
    roundRuns = true;
    boolean announcing = announceNext;
    announceNext = false;
    routes()
        .thenCompose(
            routes ->
                (announcing ? announce() : CompletableFuture.<Void>completedFuture(null))
                    .thenApply(announced -> routes))
        .thenCompose(routes -> members(routes).thenApply(members -> new Round(routes, members)))
        .whenCompleteAsync(
            (result, failure) -> {
              roundRuns = false;
              if (ended) {
                return;
              }
              if (failure != null) {
                log.debug("Keeping the queues: {}", Failures.cause(failure).toString());
                soon(true);
              } else {
                apply(result);
              }
              if (anotherRound) {
                anotherRound = false;
                round(false);
              }
            },
            context.loop());
  }

  /** Commits all queues' offsets that have moved. */
  void commitAll() {
    queues.values().forEach(AssignedQueue::commitNow);
  }

  /** Ends all queues; completes when the last one has. */
  CompletableFuture<Void> end() {
    ended = true;
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (AssignedQueue queue : queues.values()) {
      queue.end();
      all.add(queue.ended());
    }
    return CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]));
  }

  private void roundRegularly() {
    if (!ended) {
      round(false);
      context.later(ROUND_INTERVAL, this::roundRegularly);
    }
  }

  /** Another round in a second, however many ask for it. */
  private void soon(boolean announce) {
    announceNext |= announce;
    if (!soonScheduled) {
      soonScheduled = true;
      context.later(
          ROUND_AGAIN_SOON,
          () -> {
            soonScheduled = false;
            round(false);
          });
    }
  }

  /** The routes of the subscribed topics; empty where there is none. */
  private CompletableFuture<Map<String, Optional<TopicRoute>>> routes() {
    Map<String, CompletableFuture<Optional<TopicRoute>>> asked = new HashMap<>();
    for (String topic : subscriptions.keySet()) {
      asked.put(
          topic,
          context
              .client()
              .routes()
              .route(topic)
              .handle((route, failure) -> failure == null ? Optional.of(route) : Optional.empty()));
    }
    return CompletableFuture.allOf(asked.values().toArray(new CompletableFuture<?>[0]))
        .thenApply(
            all -> {
              Map<String, Optional<TopicRoute>> routes = new HashMap<>();
              asked.forEach((topic, route) -> routes.put(topic, route.join()));
              return routes;
            });
  }

  private CompletableFuture<Void> announce() {
    return context.client().membership().beatAll();
  }

  private CompletableFuture<List<String>> members(Map<String, Optional<TopicRoute>> routes) {
    String address = anyAddress(routes);
    if (address == null) {
      return CompletableFuture.failedFuture(new NoRouteException("no broker is known yet"));
    }
    Request request =
        Request.of(
            RequestCode.GET_CONSUMER_LIST_BY_GROUP,
            new ConsumerGroupHeader(context.settings().group()),
            context.client().requestTimeout());
    return context
        .client()
        .transport()
        .call(
            address,
            request,
            response -> {
              ResponseReader.requireSuccess(response);
              return ConsumerIdList.fromJson(response.body()).clientIds();
            });
  }

  private static @Nullable String anyAddress(Map<String, Optional<TopicRoute>> routes) {
    List<String> addresses = new ArrayList<>();
    for (Optional<TopicRoute> route : routes.values()) {
      route.ifPresent(
          known ->
              known
                  .addresses()
                  .keySet()
                  .forEach(
                      broker -> {
                        String address = known.addressOf(broker);
                        if (address != null) {
                          addresses.add(address);
                        }
                      }));
    }
    return addresses.isEmpty()
        ? null
        : addresses.get(ThreadLocalRandom.current().nextInt(addresses.size()));
  }

  private void apply(Round round) {
    String self = context.client().clientId();
    if (!round.members.contains(self)) {
      soon(true);
      return;
    }
    Set<TopicQueue> share = new TreeSet<>();
    round.routes.forEach(
        (topic, route) -> {
          if (route.isPresent() && !route.get().readable().isEmpty()) {
            share.addAll(AverageAllocation.shareOf(self, route.get().readable(), round.members));
          } else {
            soon(false); // the topic may come to exist
            queues.keySet().stream().filter(q -> q.topic().equals(topic)).forEach(share::add);
          }
        });
    for (AssignedQueue queue : queues.values()) {
      if (!share.contains(queue.queue()) && !queue.isEnding()) {
        give(queue);
      }
    }
    for (TopicQueue wanted : share) {
      AssignedQueue had = queues.get(wanted);
      if (had == null) {
        take(wanted);
      } else if (had.isEnding()) {
        had.ended().thenRunAsync(() -> round(false), context.loop());
      }
    }
  }

  private void give(AssignedQueue queue) {
    log.info("Giving up {}", queue.queue());
    queue.end();
    queue.ended().thenRunAsync(() -> queues.remove(queue.queue(), queue), context.loop());
  }

  private void take(TopicQueue queue) {
    Subscription subscription = subscriptions.get(queue.topic());
    if (subscription != null) {
      AssignedQueue assigned = new AssignedQueue(context, queue, subscription);
      queues.put(queue, assigned);
      assigned.start();
    }
  }

  private record Round(Map<String, Optional<TopicRoute>> routes, List<String> members) {}
}
