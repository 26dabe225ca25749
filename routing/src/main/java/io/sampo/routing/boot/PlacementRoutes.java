package io.sampo.routing.boot;

import static org.apache.pekko.http.javadsl.server.Directives.completeWithFuture;
import static org.apache.pekko.http.javadsl.server.Directives.concat;
import static org.apache.pekko.http.javadsl.server.Directives.delete;
import static org.apache.pekko.http.javadsl.server.Directives.get;
import static org.apache.pekko.http.javadsl.server.Directives.path;
import static org.apache.pekko.http.javadsl.server.Directives.pathPrefix;
import static org.apache.pekko.http.javadsl.server.Directives.post;
import static org.apache.pekko.http.javadsl.server.PathMatchers.segment;

import io.sampo.cluster.placement.PlacementAdmin;
import io.sampo.cluster.placement.PlacementAdmin.Ordered;
import java.util.Map;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.http.javadsl.model.HttpResponse;
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
                get(
                    () ->
                        completeWithFuture(
                            admin.logGroups().thenApply(all -> JsonResponse.of(200, all)))));
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
      case ACCEPTED -> JsonResponse.of(202, Map.of("node", node, "leaving", leaving));
      case NO_SUCH_NODE -> JsonResponse.error(404, "the cluster has no node " + node);
      case NOT_NOW -> JsonResponse.error(503, node + " does not answer; try again");
    };
  }
}
