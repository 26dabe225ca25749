package io.sampo.routing.boot;

import static org.apache.pekko.http.javadsl.server.Directives.complete;
import static org.apache.pekko.http.javadsl.server.Directives.get;
import static org.apache.pekko.http.javadsl.server.Directives.path;
import static org.apache.pekko.http.javadsl.server.Directives.pathPrefix;

import io.sampo.cluster.replication.LocalLog;
import io.sampo.cluster.replication.LocalLogs;
import io.sampo.cluster.replication.ReplicaStatus;
import io.sampo.cluster.replication.ReplicationNet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.management.javadsl.ManagementRouteProvider;
import org.apache.pekko.management.javadsl.ManagementRouteProviderSettings;

/**
 * How much went between this node's logs and their copies since it started, as JSON on the
 * management port; only reads. Pekko Management makes it by the name in its configuration.
 *
 * <pre>
 *  GET /sampo/replication
 *  {"sentBytes": 1, "receivedBytes": 2, "logs": [{"logGroup": "broker-0", "leads": true, "end": 3}]}
 * </pre>
 */
public final class ReplicationRoutes implements ManagementRouteProvider {
  private final ReplicationNet net;
  private final LocalLogs logs;

  /** One of this node's logs. */
  public record Log(String logGroup, boolean leads, long end) {
    static Stream<Log> of(LocalLog log) {
      ReplicaStatus status = log.status();
      return status == null
          ? Stream.of()
          : Stream.of(new Log(log.logGroup(), status.leads(), status.end()));
    }
  }

  public ReplicationRoutes(ExtendedActorSystem classic) {
    ActorSystem<?> system = Adapter.toTyped(classic);
    this.net = ReplicationNet.get(system);
    this.logs = LocalLogs.get(system);
  }

  @Override
  public Route routes(ManagementRouteProviderSettings settings) {
    return pathPrefix("sampo", () -> path("replication", () -> get(() -> complete(traffic()))));
  }

  private HttpResponse traffic() {
    List<Log> all = logs.all().stream().flatMap(Log::of).toList();
    return JsonResponse.of(
        200,
        Map.of(
            "sentBytes", net.traffic().sentBytes(),
            "receivedBytes", net.traffic().receivedBytes(),
            "logs", all));
  }
}
