package io.sampo.routing.boot;

import static org.apache.pekko.http.javadsl.server.Directives.complete;
import static org.apache.pekko.http.javadsl.server.Directives.completeWithFuture;
import static org.apache.pekko.http.javadsl.server.Directives.concat;
import static org.apache.pekko.http.javadsl.server.Directives.extractUri;
import static org.apache.pekko.http.javadsl.server.Directives.get;
import static org.apache.pekko.http.javadsl.server.Directives.path;
import static org.apache.pekko.http.javadsl.server.Directives.pathPrefix;
import static org.apache.pekko.http.javadsl.server.PathMatchers.segment;

import io.sampo.cluster.placement.ClusterPlan;
import io.sampo.routing.request.WaitingLists;
import io.sampo.routing.request.WaitingLists.Answer;
import io.sampo.routing.request.WaitingLists.NoList;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.Query;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.management.javadsl.ManagementRouteProvider;
import org.apache.pekko.management.javadsl.ManagementRouteProviderSettings;

/**
 * What waits on this node, as JSON on the management port; only reads. Pekko Management makes it by
 * the name in its configuration.
 *
 * <pre>
 *  GET /sampo/transactions/parked?log-group=broker-0&amp;after=-1&amp;limit=100
 *  GET /sampo/timers?log-group=broker-0&amp;from=0&amp;after=-1&amp;limit=100
 * </pre>
 *
 * <p>The answer's {@code next} says what to ask for the next page; null after the last one.
 */
public final class WaitingRoutes implements ManagementRouteProvider {
  private static final String LIMIT_DEFAULT = "100";

  private final WaitingLists lists;

  public WaitingRoutes(ExtendedActorSystem system) {
    this.lists = WaitingLists.get(Adapter.toTyped(system));
  }

  @Override
  public Route routes(ManagementRouteProviderSettings settings) {
    return pathPrefix(
        "sampo",
        () ->
            concat(
                list(path(segment("transactions").slash("parked"), this::parked)),
                list(path("timers", this::timers))));
  }

  private static Route list(Route route) {
    return get(() -> route);
  }

  private Route parked() {
    return answered(
        query ->
            lists.parked(
                logGroup(query), number(query, "after", "-1", -1, Long.MAX_VALUE), limit(query)));
  }

  private Route timers() {
    return answered(
        query ->
            lists.timers(
                logGroup(query),
                number(query, "from", "0", 0, Long.MAX_VALUE),
                number(query, "after", "-1", -1, Long.MAX_VALUE),
                limit(query)));
  }

  /** Asks for a list by a request's query. */
  @FunctionalInterface
  private interface Question {
    CompletionStage<Answer> ask(Query query);
  }

  private static Route answered(Question question) {
    return extractUri(
        uri -> {
          CompletionStage<Answer> answer;
          try {
            answer = question.ask(uri.query());
          } catch (BadQueryException e) {
            return complete(JsonResponse.error(400, String.valueOf(e.getMessage())));
          }
          return completeWithFuture(answer.thenApply(WaitingRoutes::response));
        });
  }

  private static HttpResponse response(Answer answer) {
    if (answer instanceof NoList none) {
      return switch (none) {
        case NO_SUCH_LOG_GROUP -> JsonResponse.error(404, "this node has no such log group");
        case NOT_NOW ->
            JsonResponse.error(503, "the log group is not led here, or did not answer in time");
      };
    }
    return JsonResponse.of(200, answer);
  }

  private static String logGroup(Query query) {
    return query.get("log-group").orElse(ClusterPlan.logGroupName(0));
  }

  private static int limit(Query query) {
    return (int) number(query, "limit", LIMIT_DEFAULT, 1, WaitingLists.PAGE_MAX);
  }

  private static long number(Query query, String name, String otherwise, long min, long max) {
    String text = query.get(name).orElse(otherwise);
    try {
      long value = Long.parseLong(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // told below, with the reason
    }
    throw new BadQueryException(
        "%s must be a number from %d to %d, was \"%s\"".formatted(name, min, max, text));
  }

  /** The query asks for nothing that there is; the message is for who asked. */
  private static final class BadQueryException extends RuntimeException {
    BadQueryException(String message) {
      super(message, null, false, false);
    }
  }
}
