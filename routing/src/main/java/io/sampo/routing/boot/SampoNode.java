package io.sampo.routing.boot;

import com.typesafe.config.Config;
import io.sampo.cluster.forming.NodeFile;
import io.sampo.cluster.placement.CharterFile;
import io.sampo.cluster.placement.ClusterPlan;
import io.sampo.cluster.placement.NodeCard;
import io.sampo.cluster.placement.ReplicasFile;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.ReplicationNet;
import io.sampo.cluster.replication.ReplicationPort;
import io.sampo.routing.request.ClientPorts;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
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
 * ports, the cluster, the logs. Clients are let in once the log groups are led and the catalog
 * answers. Stopping goes the other way through Pekko's coordinated shutdown, also on SIGTERM: no
 * new connections, requests under way are answered, actors end, logs are flushed and closed, the
 * directory is free.
 */
public final class SampoNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SampoNode.class);
  private static final long STILL_STARTING_SECONDS = 10;
  private static final Duration ANSWERS_PATIENCE = Duration.ofSeconds(3);

  private final ActorSystem<Guardian.Command> system;
  private final Supplier<NodeAddresses> addresses;
  private final CompletableFuture<Done> stopped;

  private SampoNode(
      ActorSystem<Guardian.Command> system,
      Supplier<NodeAddresses> addresses,
      CompletableFuture<Done> stopped) {
    this.system = system;
    this.addresses = addresses;
    this.stopped = stopped;
  }

  /** Why a node has stopped. */
  enum Ending {
    /** It was told to. */
    STOPPED,
    /** The others went on without it, as they do with a node that they can't reach. */
    REMOVED,
    /** What keeps its replicas, or copies them, broke, and nothing works without it. */
    BROKEN
  }

  /**
   * Starts a node and waits until it serves clients.
   *
   * @param config resolved; what {@code settings} were read from
   * @throws SettingsException when a setting of one of the node's parts is not allowed
   * @throws StartFailedException when a port or the data directory can't be had, a log can't be
   *     opened, or the node can't be in the cluster that it finds; the directory and the ports are
   *     free again then
   */
  public static SampoNode start(SampoSettings settings, Config config)
      throws StartFailedException, InterruptedException {
    Config agreed = settings.agreedWith(config);
    PartSettings parts = PartSettings.from(agreed);
    DataDirectory directory = DataDirectory.lock(settings.dataDirectory());
    try {
      for (Map.Entry<String, Integer> port : settings.fixedPorts().entrySet()) {
        refuseTaken(port.getKey(), settings.host(), port.getValue());
      }
      NodeFile file = openNodeFile(settings);
      return start(
          settings.of(agreed, file.replica().node()),
          directory,
          new Guardian.Parts(
              settings,
              parts,
              file,
              openReplicasFile(settings),
              openCharterFile(settings),
              new StartSteps()));
    } catch (StartFailedException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /** The node's identity; a node that is to be a cluster by itself has its plan then, too. */
  private static NodeFile openNodeFile(SampoSettings settings) throws StartFailedException {
    Path directory = settings.dataDirectory();
    try {
      NodeFile file = NodeFile.open(directory, settings.membership().nodeName());
      if (settings.membership().isAlone()) {
        ClusterPlan plan = file.plan();
        if (plan != null && !plan.founders().equals(List.of(file.replica()))) {
          throw ofSeveral(directory);
        }
        file.foundAlone(settings.logGroups());
      }
      return file;
    } catch (IOException e) {
      throw new StartFailedException(
          "the data directory " + directory + " can't be used: " + e.getMessage(), e);
    }
  }

  private static ReplicasFile openReplicasFile(SampoSettings settings) throws StartFailedException {
    Path directory = settings.dataDirectory();
    try {
      ReplicasFile file = ReplicasFile.open(directory);
      if (file.stay() == ReplicasFile.Stay.LEFT) {
        throw new StartFailedException(
            "this node has left its cluster for good, and what is in "
                + directory
                + " is not needed any more; empty it to join as a new node");
      }
      return file;
    } catch (IOException e) {
      throw new StartFailedException(
          "the data directory " + directory + " can't be used: " + e.getMessage(), e);
    }
  }

  private static CharterFile openCharterFile(SampoSettings settings) throws StartFailedException {
    Path directory = settings.dataDirectory();
    try {
      CharterFile file = CharterFile.open(directory);
      if (settings.membership().isAlone() && file.charter().revision() > 0) {
        throw ofSeveral(directory);
      }
      return file;
    } catch (IOException e) {
      throw new StartFailedException(
          "the data directory " + directory + " can't be used: " + e.getMessage(), e);
    }
  }

  private static StartFailedException ofSeveral(Path directory) {
    return new StartFailedException(
        "the data directory "
            + directory
            + " is of a cluster of several nodes; say with sampo.cluster.seeds where they are");
  }

  private static SampoNode start(Config config, DataDirectory directory, Guardian.Parts parts)
      throws StartFailedException, InterruptedException {
    ActorSystem<Guardian.Command> system;
    try {
      system = ActorSystem.create(Guardian.create(parts), parts.settings().clusterName(), config);
    } catch (RemoteTransportException e) {
      throw new StartFailedException("sampo.cluster.port can't be bound: " + e.getMessage(), e);
    }
    CompletableFuture<Done> stopped = giveBackWhenTerminated(system, directory, parts.steps());
    ClientPorts clients = null;
    try {
      ClusterPlan founding = await(parts.steps().formed(), system, "it is not in its cluster yet");
      ClusterPlan plan = parts.charter().charter().planOf(founding);
      clients = bind(parts, plan);
      stopFirst(system, clients);
      NodeAddresses addresses =
          addresses(parts.settings(), clients, plan, system, startManagement(system));
      int replicationPort = openReplication(system, parts, plan);
      NodeCard card = card(parts, addresses, replicationPort, system);
      system.tell(new Guardian.Open(founding, card));
      StartSteps.Serving serving =
          await(
              parts.steps().serving(),
              system,
              "a log group is not led yet, or the catalog does not answer yet");
      if (parts.settings().membership().isAlone()) {
        clients.serve(system, serving.logGroups());
        return new SampoNode(system, () -> addresses, stopped);
      }
      open(clients);
      clients.serve(system, serving.logGroups(), serving.nodes(), serving.board());
      GrowingPorts ports =
          new GrowingPorts(system, parts.settings().ports(), clients, serving, card, addresses);
      ports.start();
      return new SampoNode(system, ports::addresses, stopped);
    } catch (StartFailedException | InterruptedException | RuntimeException e) {
      parts.steps().fail(String.valueOf(e.getMessage()));
      // Nobody was let in, so there is nothing to end in order and nobody to wait for.
      if (clients != null) {
        clients.stop(Duration.ZERO);
      }
      CoordinatedShutdown.get(system)
          .run(
              CoordinatedShutdown.unknownReason(),
              Optional.of(CoordinatedShutdown.PhaseBeforeActorSystemTerminate()));
      stopped.join();
      throw e;
    }
  }

  private static ClientPorts bind(Guardian.Parts parts, ClusterPlan plan)
      throws StartFailedException {
    SampoSettings settings = parts.settings();
    LinkedHashMap<String, Integer> brokerPorts = new LinkedHashMap<>();
    for (String logGroup : plan.logGroupNames()) {
      brokerPorts.put(logGroup, settings.ports().broker(brokerPorts.size()));
    }
    ClientPorts.Addresses wanted =
        new ClientPorts.Addresses(
            settings.host(), settings.clusterName(), settings.ports().nameServer(), brokerPorts);
    try {
      return settings.membership().isAlone()
          ? ClientPorts.bind(parts.parts().requests(), wanted)
          : ClientPorts.reserve(parts.parts().requests(), wanted);
    } catch (BindException | UnknownHostException e) {
      throw new StartFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  private static void open(ClientPorts clients) throws StartFailedException {
    try {
      clients.openReserved();
    } catch (BindException e) {
      throw new StartFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Says in the words of the settings what a library's own bind would say later and longer. Doesn't
   * listen: a client that got in would wait for an answer that nobody gives.
   */
  private static void refuseTaken(String setting, String host, int port)
      throws StartFailedException {
    if (port == 0) {
      return;
    }
    try (SocketChannel probe = SocketChannel.open()) {
      probe.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      probe.bind(new InetSocketAddress(InetAddress.getByName(host), port));
    } catch (IOException e) {
      throw new StartFailedException(
          setting + " = " + port + " at " + host + " can't be bound: " + e.getMessage(), e);
    }
  }

  /** On the way down clients are the first who are seen off. */
  private static void stopFirst(ActorSystem<?> system, ClientPorts clients) {
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseServiceUnbind(),
            "clients",
            () -> {
              LOG.info("Stopping with {} clients connected", clients.connectionCount());
              return clients.stop(ANSWERS_PATIENCE).thenApply(nothing -> Done.getInstance());
            });
  }

  /** Returns what completes once everything is stopped and given back. */
  private static CompletableFuture<Done> giveBackWhenTerminated(
      ActorSystem<?> system, DataDirectory directory, StartSteps steps) {
    return system
        .getWhenTerminated()
        .thenApply(
            done -> {
              directory.close();
              if (!steps.hasFailed()) {
                LOG.info("Stopped");
              }
              return done;
            })
        .toCompletableFuture();
  }

  private static <T> T await(CompletableFuture<T> step, ActorSystem<?> system, String why)
      throws StartFailedException, InterruptedException {
    CompletableFuture<Object> doneOrStopped =
        CompletableFuture.anyOf(step, system.getWhenTerminated().toCompletableFuture());
    while (true) {
      try {
        doneOrStopped.get(STILL_STARTING_SECONDS, TimeUnit.SECONDS);
        T done = step.getNow(null);
        if (done != null) {
          return done;
        }
        if (isRemoved(system)) {
          throw StartFailedException.removed();
        }
        throw new StartFailedException("the node was stopped before it was ready");
      } catch (TimeoutException e) {
        LOG.info("Still starting: {}.", why);
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
      SampoSettings settings,
      ClientPorts clients,
      ClusterPlan plan,
      ActorSystem<?> system,
      int managementPort) {
    Map<String, Integer> brokerPorts = new LinkedHashMap<>();
    for (String logGroup : plan.logGroupNames()) {
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

  /** Lets followers in; a node that is a cluster by itself has none. Returns the port, or 0. */
  private static int openReplication(ActorSystem<?> system, Guardian.Parts parts, ClusterPlan plan)
      throws StartFailedException, InterruptedException {
    SampoSettings settings = parts.settings();
    if (settings.membership().isAlone()) {
      return 0;
    }
    InetSocketAddress wanted =
        InetSocketAddress.createUnresolved(settings.host(), settings.ports().replication());
    try {
      return ReplicationPort.bind(
              system, plan.clusterId(), wanted, parts.parts().commitLog().replication())
          .toCompletableFuture()
          .get()
          .address()
          .getPort();
    } catch (ExecutionException e) {
      throw new StartFailedException(
          "sampo.replication.port = "
              + settings.ports().replication()
              + " can't be bound: "
              + e.getCause(),
          e);
    }
  }

  private static NodeCard card(
      Guardian.Parts parts, NodeAddresses addresses, int replicationPort, ActorSystem<?> system) {
    ReplicaId replica = parts.file().replica();
    return new NodeCard(
        replica.node(),
        replica.disk(),
        addresses.host(),
        Cluster.get(system).selfMember().address().toString(),
        replicationPort,
        addresses.nameServerPort(),
        addresses.brokerPorts(),
        addresses.managementPort(),
        parts.settings().membership().learner(),
        parts.settings().membership().common(parts.parts().commitLog().replication()));
  }

  /** Where the node can be reached now. */
  public NodeAddresses addresses() {
    return addresses.get();
  }

  /** Waits until the node has stopped, for whatever reason, and gave everything back. */
  Ending awaitStop() throws InterruptedException {
    try {
      stopped.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the node did not stop cleanly", e.getCause());
    }
    if (isRemoved(system)) {
      return Ending.REMOVED;
    }
    return isBroken(system) ? Ending.BROKEN : Ending.STOPPED;
  }

  private static boolean isBroken(ActorSystem<?> system) {
    CoordinatedShutdown.Reason reason =
        CoordinatedShutdown.get(system).getShutdownReason().orElse(null);
    return OpenNode.KeeperBroke.INSTANCE.equals(reason)
        || ReplicationNet.Broke.INSTANCE.equals(reason);
  }

  /** Whether the node stopped, or stops, because the others went on without it. */
  private static boolean isRemoved(ActorSystem<?> system) {
    CoordinatedShutdown.Reason reason =
        CoordinatedShutdown.get(system).getShutdownReason().orElse(null);
    return CoordinatedShutdown.clusterDowningReason().equals(reason);
  }

  /** Stops the node in order and waits for it. */
  @Override
  public void close() {
    CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.unknownReason());
    stopped.join();
  }
}
