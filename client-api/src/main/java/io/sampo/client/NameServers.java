package io.sampo.client;

import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.TopicRouteData;
import io.sampo.wire.header.RouteRequestHeader;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Asks for routes. Stays with one server as long as it answers, goes to the next one when it
 * doesn't, and gives up when each has been tried once. Thread-safe.
 */
final class NameServers {
  private final Transport transport;
  private final List<String> addresses;
  private final Duration timeout;
  private volatile int current;

  NameServers(Transport transport, List<String> addresses, Duration timeout) {
    this.transport = transport;
    this.addresses = addresses;
    this.timeout = timeout;
    this.current = ThreadLocalRandom.current().nextInt(addresses.size());
  }

  /** The route of a topic; empty when there is no such topic. */
  CompletableFuture<Optional<TopicRouteData>> route(String topic) {
    return route(topic, addresses.size());
  }

  private CompletableFuture<Optional<TopicRouteData>> route(String topic, int attemptsLeft) {
    int used = current;
    Request request =
        Request.of(RequestCode.GET_ROUTEINFO_BY_TOPIC, new RouteRequestHeader(topic), timeout);
    return transport
        .call(
            addresses.get(used),
            request,
            response -> {
              if (response.code() == ResponseCode.TOPIC_NOT_EXIST) {
                return Optional.<TopicRouteData>empty();
              }
              ResponseReader.requireSuccess(response);
              return Optional.of(TopicRouteData.fromJson(response.body()));
            })
        .exceptionallyCompose(
            failure -> {
              if (current == used) { // or somebody else has gone on already
                current = (used + 1) % addresses.size();
              }
              return attemptsLeft > 1
                  ? route(topic, attemptsLeft - 1)
                  : CompletableFuture.failedFuture(Failures.cause(failure));
            });
  }
}
