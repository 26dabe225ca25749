package io.sampo.routing.boot;

import com.typesafe.config.Config;
import io.sampo.actors.group.LogGroups;
import io.sampo.routing.request.ClientPorts;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.management.javadsl.PekkoManagement;
import org.apache.pekko.remote.RemoteTransportException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole node inside this JVM: its data directory, its ports and its actor system, started and
 * stopped together. Several may run beside each other with directories and ports of their own.
 *
 * <p>The order of starting is the order of what may fail for outside reasons: the directory, the
 * ports, the logs. Clients are let in once every log group is led and the catalog answers. Stopping
 * goes the other way through Pekko's coordinated shutdown, also on SIGTERM: no new connections,
 * requests under way are answered, actors end, logs are flushed and closed, the directory is free.
 */
public final class SampoNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SampoNode.class);
  private static final long STILL_STARTING_SECONDS = 10;
  private static final Duration ANSWERS_PATIENCE = Duration.ofSeconds(3);

  private final ActorSystem<Guardian.Command> system;
  private final NodeAddresses addresses;
  private final CompletableFuture<Done> stopped;

  private SampoNode(
      ActorSystem<Guardian.Command> system,
      NodeAddresses addresses,
      CompletableFuture<Done> stopped) {
    this.system = system;
    this.addresses = addresses;
    this.stopped = stopped;
  }

  /**
   * Starts a node and waits until it serves clients.
   *
   * @param config resolved; what {@code settings} were read from
   * @throws SettingsException when a setting of one of the node's parts is not allowed
   * @throws StartFailedException when a port or the data directory can't be had, or a log can't be
   *     opened; the directory and the ports are free again then
   */
  public static SampoNode start(SampoSettings settings, Config config)
      throws StartFailedException, InterruptedException {
    Config agreed = settings.agreedWith(config);
    PartSettings parts = PartSettings.from(agreed);
    DataDirectory directory = DataDirectory.lock(settings.dataDirectory());
    try {
      refuseTaken("sampo.cluster.port", settings.host(), settings.ports().cluster());
      refuseTaken("sampo.management.port", settings.host(), settings.ports().management());
      ClientPorts clients = bind(settings, parts);
      return start(settings, agreed, parts, new Resources(directory, clients));
    } catch (StartFailedException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /** What must be given back when the node ends. */
  private record Resources(DataDirectory directory, ClientPorts clients) {}

  private static SampoNode start(
      SampoSettings settings, Config config, PartSettings parts, Resources resources)
      throws StartFailedException, InterruptedException {
    CompletableFuture<LogGroups> serving = new CompletableFuture<>();
    ActorSystem<Guardian.Command> system;
    try {
      system =
          ActorSystem.create(
              Guardian.create(settings, parts, serving), settings.clusterName(), config);
    } catch (RemoteTransportException e) {
      resources.clients().stop(Duration.ZERO).toCompletableFuture().join();
      throw new StartFailedException("sampo.cluster.port can't be bound: " + e.getMessage(), e);
    }
    CompletableFuture<Done> stopped = stopInOrder(system, resources, serving);
    try {
      LogGroups logGroups = await(serving, system);
      resources.clients().serve(system, logGroups);
      int managementPort = startManagement(system);
      return new SampoNode(
          system, addresses(settings, resources.clients(), system, managementPort), stopped);
    } catch (StartFailedException | InterruptedException | RuntimeException e) {
      // Nobody was let in, so there is nothing to end in order and nobody to wait for.
      resources.clients().stop(Duration.ZERO);
      CoordinatedShutdown.get(system)
          .run(
              CoordinatedShutdown.unknownReason(),
              Optional.of(CoordinatedShutdown.PhaseBeforeActorSystemTerminate()));
      stopped.join();
      throw e;
    }
  }

  private static ClientPorts bind(SampoSettings settings, PartSettings parts)
      throws StartFailedException {
    LinkedHashMap<String, Integer> brokerPorts = new LinkedHashMap<>();
    for (int i = 0; i < settings.logGroups(); i++) {
      brokerPorts.put(SampoSettings.logGroupName(i), settings.ports().broker(i));
    }
    try {
      return ClientPorts.bind(
          parts.requests(),
          new ClientPorts.Addresses(
              settings.host(), settings.clusterName(), settings.ports().nameServer(), brokerPorts));
    } catch (BindException | UnknownHostException e) {
      throw new StartFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Says in the words of the settings what a library's own bind would say later and longer. */
  private static void refuseTaken(String setting, String host, int port)
      throws StartFailedException {
    if (port == 0) {
      return;
    }
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(InetAddress.getByName(host), port));
    } catch (IOException e) {
      throw new StartFailedException(
          setting + " = " + port + " at " + host + " can't be bound: " + e.getMessage(), e);
    }
  }

  /** Returns what completes once everything is stopped and given back. */
  private static CompletableFuture<Done> stopInOrder(
      ActorSystem<?> system, Resources resources, CompletableFuture<LogGroups> serving) {
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseServiceUnbind(),
            "clients",
            () -> {
              LOG.info("Stopping with {} clients connected", resources.clients().connectionCount());
              return resources
                  .clients()
                  .stop(ANSWERS_PATIENCE)
                  .thenApply(nothing -> Done.getInstance());
            });
    return system
        .getWhenTerminated()
        .thenApply(
            done -> {
              resources.directory().close();
              if (!serving.isCompletedExceptionally()) {
                LOG.info("Stopped");
              }
              return done;
            })
        .toCompletableFuture();
  }

  private static LogGroups await(CompletableFuture<LogGroups> serving, ActorSystem<?> system)
      throws StartFailedException, InterruptedException {
    CompletableFuture<Object> servingOrStopped =
        CompletableFuture.anyOf(serving, system.getWhenTerminated().toCompletableFuture());
    while (true) {
      try {
        if (servingOrStopped.get(STILL_STARTING_SECONDS, TimeUnit.SECONDS)
            instanceof LogGroups logGroups) {
          return logGroups;
        }
        throw new StartFailedException("the node was stopped before it was ready");
      } catch (TimeoutException e) {
        LOG.info("Still starting: a log group is not led yet, or the catalog does not answer yet.");
      } catch (ExecutionException e) {
        if (e.getCause() instanceof StartFailedException failure) {
          throw failure;
        }
        throw new IllegalStateException("the node could not start", e.getCause());
      }
    }
  }

  /** Health and membership over HTTP. The node works without it, so it isn't worth failing for. */
  private static int startManagement(ActorSystem<?> system) throws InterruptedException {
    try {
      return PekkoManagement.get(system.classicSystem()).start().toCompletableFuture().get().port();
    } catch (ExecutionException e) {
      LOG.error("Pekko Management is not available: {}", String.valueOf(e.getCause()));
      return 0;
    }
  }

  private static NodeAddresses addresses(
      SampoSettings settings, ClientPorts clients, ActorSystem<?> system, int managementPort) {
    Map<String, Integer> brokerPorts = new LinkedHashMap<>();
    for (String logGroup : settings.logGroupNames()) {
      brokerPorts.put(logGroup, clients.brokerPort(logGroup));
    }
    int clusterPort = Cluster.get(system).selfMember().address().getPort().orElse(0);
    return new NodeAddresses(
        settings.host(),
        clients.nameServerPort(),
        brokerPorts,
        new NodeAddresses.ClusterAddress(settings.clusterName(), clusterPort),
        managementPort,
        settings.dataDirectory());
  }

  /** Where the node can be reached. */
  public NodeAddresses addresses() {
    return addresses;
  }

  /** Waits until the node has stopped, for whatever reason, and gave everything back. */
  public void awaitStop() throws InterruptedException {
    try {
      stopped.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the node did not stop cleanly", e.getCause());
    }
  }

  /** Stops the node in order and waits for it. */
  @Override
  public void close() {
    CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.unknownReason());
    stopped.join();
  }
}
