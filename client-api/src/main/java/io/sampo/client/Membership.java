package io.sampo.client;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.RequestCode;
import io.sampo.wire.body.ConsumerData;
import io.sampo.wire.body.HeartbeatData;
import io.sampo.wire.header.UnregisterClientRequestHeader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells brokers which groups this client belongs to: every 30 s, when a group joins, first of all
 * on every connection that is made, since a broker drops members whose connection is gone, and when
 * a broker turns out not to know. Passes on when a broker says that the members of a group have
 * changed.
 *
 * <p>Thread-safe.
 */
final class Membership {
  private static final Logger log = LoggerFactory.getLogger(Membership.class);
  private static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(30);

  private final String clientId;
  private final Transport transport;
  private final RouteCache routes;
  private final Duration timeout;

  /** Producer groups, with how many producers of this client are in each. */
  private final Map<String, Integer> producers = new ConcurrentHashMap<>();

  private final Map<String, Joined> consumers = new ConcurrentHashMap<>();

  /** Heartbeats under way of those who were told that a broker doesn't know them. */
  private final Map<String, CompletableFuture<Boolean>> introductions = new ConcurrentHashMap<>();

  Membership(String clientId, Transport transport, RouteCache routes, Duration timeout) {
    this.clientId = clientId;
    this.transport = transport;
    this.routes = routes;
    this.timeout = timeout;
  }

  /** Starts the regular heartbeats. */
  void start() {
    transport.schedule(HEARTBEAT_INTERVAL, this::beatRegularly, () -> {});
  }

  void joinProducer(String group) {
    producers.merge(group, 1, Integer::sum);
  }

  /** Leaves everywhere once the last producer of the group has left. */
  CompletableFuture<Void> leaveProducer(String group) {
    Integer left = producers.computeIfPresent(group, (g, count) -> count > 1 ? count - 1 : null);
    return left == null
        ? unregister(new UnregisterClientRequestHeader(clientId, group, null))
        : CompletableFuture.completedFuture(null);
  }

  /**
   * Joins a consumer group.
   *
   * @param onMembersChanged run when a broker says so, and when a connection was made again
   * @throws IllegalStateException when this client has a consumer of that group already
   */
  void joinConsumer(ConsumerData data, Runnable onMembersChanged) {
    if (consumers.putIfAbsent(data.group(), new Joined(data, onMembersChanged)) != null) {
      throw new IllegalStateException(
          "this client has a consumer of the group " + data.group() + " already");
    }
  }

  CompletableFuture<Void> leaveConsumer(String group) {
    consumers.remove(group);
    return unregister(new UnregisterClientRequestHeader(clientId, null, group));
  }

  /** Heartbeats to all known leaders; completes when each has answered or failed. */
  CompletableFuture<Void> beatAll() {
    if (producers.isEmpty() && consumers.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    byte[] body = body();
    List<CompletableFuture<?>> beats = new ArrayList<>();
    routes.leaderAddresses().forEach(address -> beats.add(beat(address, body)));
    return CompletableFuture.allOf(beats.toArray(new CompletableFuture<?>[0]));
  }

  /** A connection was made: unless it is to a name server, a broker has to know us on it. */
  void onConnected(String address, Transport.Line line) {
    if ((producers.isEmpty() && consumers.isEmpty())
        || !routes.leaderAddresses().contains(address)) {
      return;
    }
    line.call(heartbeat(body()), ResponseReader.DONE)
        .exceptionally(failure -> failed("heartbeat", address, failure))
        .thenRun(() -> consumers.values().forEach(joined -> joined.onMembersChanged.run()));
  }

  /**
   * A broker doesn't know what this client subscribes to. Many queues notice that at once, so they
   * share a heartbeat.
   *
   * @return completes when the broker has answered, or failed
   */
  CompletableFuture<Boolean> introduce(String address) {
    CompletableFuture<Boolean> mine = new CompletableFuture<>();
    CompletableFuture<Boolean> underWay = introductions.putIfAbsent(address, mine);
    if (underWay != null) {
      return underWay;
    }
    beat(address, body())
        .thenAccept(
            done -> {
              introductions.remove(address, mine);
              mine.complete(done);
            });
    return mine;
  }

  void onMembersChanged(String group) {
    Joined joined = consumers.get(group);
    if (joined != null) {
      joined.onMembersChanged.run();
    }
  }

  private void beatRegularly() {
    beatAll();
    transport.schedule(HEARTBEAT_INTERVAL, this::beatRegularly, () -> {});
  }

  private byte[] body() {
    List<ConsumerData> joined = consumers.values().stream().map(Joined::data).toList();
    return new HeartbeatData(clientId, List.copyOf(producers.keySet()), joined).toJson();
  }

  private CompletableFuture<Boolean> beat(String address, byte[] body) {
    return transport
        .call(address, heartbeat(body), ResponseReader.DONE)
        .exceptionally(failure -> failed("heartbeat", address, failure));
  }

  private Request heartbeat(byte[] body) {
    return new Request(RequestCode.HEART_BEAT, CommandHeader.NONE, body, timeout);
  }

  private CompletableFuture<Void> unregister(UnregisterClientRequestHeader header) {
    Request request = Request.of(RequestCode.UNREGISTER_CLIENT, header, timeout);
    List<CompletableFuture<?>> answers = new ArrayList<>();
    for (String address : routes.leaderAddresses()) {
      answers.add(
          transport
              .call(address, request, ResponseReader.DONE)
              .exceptionally(failure -> failed("unregistering", address, failure)));
    }
    return CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]));
  }

  private static Boolean failed(String what, String address, @Nullable Throwable failure) {
    log.debug("A {} at {} failed: {}", what, address, String.valueOf(failure));
    return false;
  }

  private record Joined(ConsumerData data, Runnable onMembersChanged) {}
}
