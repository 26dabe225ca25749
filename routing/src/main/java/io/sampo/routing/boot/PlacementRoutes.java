package io.sampo.routing.boot;

import static org.apache.pekko.http.javadsl.server.Directives.completeWithFuture;
import static org.apache.pekko.http.javadsl.server.Directives.concat;
import static org.apache.pekko.http.javadsl.server.Directives.delete;
import static org.apache.pekko.http.javadsl.server.Directives.get;
import static org.apache.pekko.http.javadsl.server.Directives.path;
import static org.apache.pekko.http.javadsl.server.Directives.pathPrefix;
import static org.apache.pekko.http.javadsl.server.Directives.post;
import static org.apache.pekko.http.javadsl.server.PathMatchers.segment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sampo.cluster.placement.PlacementAdmin;
import io.sampo.cluster.placement.PlacementAdmin.Ordered;
import java.util.Map;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.management.javadsl.ManagementRouteProvider;
import org.apache.pekko.management.javadsl.ManagementRouteProviderSettings;

/**
 * The log groups of the cluster and their replicas, as JSON on the management port of any node, and
 * what may be ordered of nodes. Orders are there only when {@code sampo.management.read-only} is
 * off. Pekko Management makes it by the name in its configuration.
 *
 * <pre>
 *  GET    /sampo/log-groups
 *  POST   /sampo/nodes/NAME/decommission    the node leaves for good, its replicas move first
 *  DELETE /sampo/nodes/NAME/decommission    it stays after all
 * </pre>
 */
public final class PlacementRoutes implements ManagementRouteProvider {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PlacementAdmin admin;

  public PlacementRoutes(ExtendedActorSystem system) {
    this.admin = PlacementAdmin.get(Adapter.toTyped(system));
  }

  @Override
  public Route routes(ManagementRouteProviderSettings settings) {
    Route reads =
        path(
            "log-groups",
            () ->
                get(() -> completeWithFuture(admin.logGroups().thenApply(all -> json(200, all)))));
    if (settings.readOnly()) {
      return pathPrefix("sampo", () -> reads);
    }
    Route orders =
        path(
            segment("nodes").slash(segment()).slash("decommission"),
            node -> concat(post(() -> ordered(node, true)), delete(() -> ordered(node, false))));
    return pathPrefix("sampo", () -> concat(reads, orders));
  }

  private Route ordered(String node, boolean leaving) {
    return completeWithFuture(
        admin.leave(node, leaving).thenApply(ordered -> response(node, leaving, ordered)));
  }

  private static HttpResponse response(String node, boolean leaving, Ordered ordered) {
    return switch (ordered) {
      case ACCEPTED -> json(202, Map.of("node", node, "leaving", leaving));
      case NO_SUCH_NODE -> json(404, Map.of("error", "the cluster has no node " + node));
      case NOT_NOW -> json(503, Map.of("error", node + " does not answer; try again"));
    };
  }

  private static HttpResponse json(int status, Object content) {
    try {
      return HttpResponse.create()
          .withStatus(StatusCodes.get(status))
          .withEntity(ContentTypes.APPLICATION_JSON, JSON.writeValueAsString(content));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("no JSON of " + content, e);
    }
  }
}
