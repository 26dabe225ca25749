package io.sampo.routing.request;

import io.sampo.actors.catalog.CatalogView;
import io.sampo.actors.group.LocalQueues;
import io.sampo.actors.group.LogGroups;
import io.sampo.actors.transaction.Producers;
import io.sampo.cluster.placement.NodeCard;
import io.sampo.cluster.placement.NodeDirectory;
import io.sampo.cluster.placement.ReplicaBoard;
import io.sampo.cluster.replication.LocalLog;
import io.sampo.cluster.replication.LocalLogs;
import io.sampo.record.HostAddress;
import io.sampo.routing.net.NetSettings;
import io.sampo.routing.net.PortRole;
import io.sampo.routing.net.RelayPeer;
import io.sampo.routing.net.RemotingServer;
import io.sampo.routing.request.Brokers.Broker;
import io.sampo.routing.request.RequestRouter.Admin;
import io.sampo.routing.request.RequestRouter.Figures;
import io.sampo.routing.request.RequestRouter.Handlers;
import io.sampo.routing.request.RequestRouter.Pops;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.jspecify.annotations.Nullable;

/**
 * A node as RocketMQ clients see it: the name-server port and a port per log group. The way in for
 * whoever starts a node, in three steps:
 *
 * <ol>
 *   <li>{@link #bind} takes the ports, early, so that a taken one is reported before anything else
 *       starts; from then on {@link #nameServerPort()} and {@link #brokerPort} are known;
 *   <li>{@link #serve} lets clients in, once the node's actors can answer;
 *   <li>{@link #stop} lets what is under way be answered and closes everything. Call it before the
 *       actor system ends.
 * </ol>
 *
 * A node of several opens one more port when its cluster opens a log group ({@link #open}). Not
 * thread-safe but for that: one thread starts and stops a node.
 */
public final class ClientPorts {
  /** How often it is looked who can be reached, which nobody is told of. */
  private static final int LOOK_SECONDS = 1;

  private final RequestSettings settings;
  private final RemotingServer server;
  private final Brokers brokers;
  private final InetAddress host;
  private final ConcurrentMap<String, LogGroupPlace> places = new ConcurrentHashMap<>();
  private final PassedRequest.Returns returns = new PassedRequest.Returns();
  private volatile @Nullable Served served;

  /** What serves clients, on a node of several. */
  private record Served(ClusterNodes nodes, BrokerRoutes routes, LeaderCache leaders) {}

  private ClientPorts(
      RequestSettings settings, RemotingServer server, InetAddress host, Brokers brokers) {
    this.settings = settings;
    this.server = server;
    this.host = host;
    this.brokers = brokers;
  }

  /**
   * Where clients are let in.
   *
   * @param host bound, and told to clients; an address or a name that resolves
   * @param clusterName what routes call the cluster
   * @param nameServerPort 0 for any free one
   * @param brokerPorts by log group, in the order in which routes name them; 0 for any free one
   */
  public record Addresses(
      String host,
      String clusterName,
      int nameServerPort,
      LinkedHashMap<String, Integer> brokerPorts) {}

  /**
   * Takes the ports; nobody is let in yet.
   *
   * @throws UnknownHostException when the host doesn't resolve
   * @throws BindException naming the port that can't be had; none stays taken then
   */
  public static ClientPorts bind(RequestSettings settings, Addresses addresses)
      throws UnknownHostException, BindException {
    return create(settings, addresses, RemotingServer::bind);
  }

  /**
   * Knows the ports, but has whoever connects to one that was asked for by number refused until
   * {@link #openReserved}: clients of a cluster have other nodes to go to, and would wait here in
   * vain.
   *
   * @throws UnknownHostException when the host doesn't resolve
   * @throws BindException when no port is free
   */
  public static ClientPorts reserve(RequestSettings settings, Addresses addresses)
      throws UnknownHostException, BindException {
    return create(settings, addresses, RemotingServer::reserve);
  }

  /** Makes a server that knows its ports. */
  @FunctionalInterface
  private interface ServerMaker {
    RemotingServer make(NetSettings settings, InetAddress host, Map<PortRole, Integer> wanted)
        throws BindException;
  }

  private static ClientPorts create(
      RequestSettings settings, Addresses addresses, ServerMaker maker)
      throws UnknownHostException, BindException {
    InetAddress host = InetAddress.getByName(addresses.host());
    Map<PortRole, Integer> wanted = new LinkedHashMap<>();
    wanted.put(PortRole.NAME_SERVER, addresses.nameServerPort());
    addresses
        .brokerPorts()
        .forEach((logGroup, port) -> wanted.put(PortRole.logGroup(logGroup), port));
    RemotingServer server = maker.make(settings.net(), host, wanted);
    List<Broker> brokers = new ArrayList<>();
    for (String logGroup : addresses.brokerPorts().keySet()) {
      int port = server.port(PortRole.logGroup(logGroup));
      brokers.add(broker(logGroup, addresses.host(), host, port));
    }
    return new ClientPorts(settings, server, host, new Brokers(addresses.clusterName(), brokers));
  }

  private static Broker broker(String logGroup, String name, InetAddress host, int port) {
    return new Broker(
        logGroup,
        new RelayPeer.Address(name, port),
        HostAddress.of(new InetSocketAddress(host, port)));
  }

  /**
   * Opens the port of a log group that the cluster has just opened, on a node that serves. Routes
   * name the log group once somebody leads it. Answered on an event loop with the port; fails with
   * a {@link BindException} when it can't be had now. Not twice for one log group.
   */
  public CompletionStage<Integer> open(String logGroup, int wantedPort) {
    Served serving = served;
    if (serving == null) {
      throw new IllegalStateException("only a node of several, that serves, gets more log groups");
    }
    PortRole role = PortRole.logGroup(logGroup);
    return server
        .open(role, host, wantedPort)
        .thenApply(
            port -> {
              String name = brokers.brokers().get(0).port().host();
              serving.leaders().add(logGroup);
              places.put(logGroup, place(logGroup, serving.nodes()));
              brokers.add(broker(logGroup, name, host, port));
              server.accept(role);
              lookAround();
              return port;
            });
  }

  /**
   * Takes the ports that were reserved, shortly before {@link #serve}.
   *
   * @throws BindException naming the port that somebody else took meanwhile
   */
  public void openReserved() throws BindException {
    server.openReserved();
  }

  /** The name-server port that was taken. */
  public int nameServerPort() {
    return server.port(PortRole.NAME_SERVER);
  }

  /** The port that was taken for a log group. */
  public int brokerPort(String logGroup) {
    return server.port(PortRole.logGroup(logGroup));
  }

  /** How many clients are connected. */
  public int connectionCount() {
    return server.connectionCount();
  }

  /**
   * Lets clients in, on a node that is alone. Call once.
   *
   * @param system gets some actors
   * @param logGroups the node's part in them
   */
  public void serve(ActorSystem<?> system, LogGroups logGroups) {
    serve(system, logGroups, null);
  }

  /**
   * Lets clients in, on a node of several: what this one doesn't lead is relayed. Call once.
   *
   * @param system gets some actors
   * @param logGroups the node's part in them
   * @param nodes where the others are
   * @param board which nodes have which log group
   */
  public void serve(
      ActorSystem<?> system, LogGroups logGroups, NodeDirectory nodes, ReplicaBoard board) {
    ClusterNodes.Cards cards =
        new ClusterNodes.Cards() {
          @Override
          public @Nullable NodeCard at(String clusterAddress) {
            return nodes.cardAt(clusterAddress);
          }

          @Override
          public @Nullable NodeCard of(String node) {
            return nodes.card(node);
          }
        };
    Cluster cluster = Cluster.get(system);
    serve(
        system,
        logGroups,
        new ClusterNodes(
            logGroups.leaders(),
            cards,
            board::holders,
            () -> reachable(cluster.state()),
            logGroup -> ledEpoch(LocalLogs.get(system).find(logGroup))));
    nodes.addListener(this::lookAround);
  }

  private static long ledEpoch(@Nullable LocalLog log) {
    return log == null ? 0 : log.ledEpoch();
  }

  private static Set<String> reachable(ClusterEvent.CurrentClusterState state) {
    Set<Member> unreachable = state.getUnreachable();
    Set<String> reachable = new HashSet<>();
    for (Member member : state.getMembers()) {
      if (member.status().equals(MemberStatus.up()) && !unreachable.contains(member)) {
        reachable.add(member.address().toString());
      }
    }
    return reachable;
  }

  void serve(ActorSystem<?> system, LogGroups logGroups, @Nullable ClusterNodes nodes) {
    LeaderCacheSettings cacheSettings = settings.leaderCache();
    ActorRef<LeaderResolver.Command> resolver =
        system.systemActorOf(
            LeaderResolver.create(logGroups.leaders(), cacheSettings.resolveTimeout()),
            "leader-resolver",
            Props.empty());
    LeaderCache leaders =
        new LeaderCache(
            logGroups.homes(),
            resolver,
            LocalQueues.get(system),
            RemoteGroups.start(
                system,
                settings.net().answerTimeout().plus(settings.pull().waitMax()),
                cacheSettings.questionsMax()),
            cacheSettings.waitingMax(),
            cacheSettings.resolveTimeout());
    brokers.logGroups().forEach(leaders::add);
    WaitingLists.get(system).serve(leaders, brokers);
    BrokerRoutes brokerRoutes = new BrokerRoutes(brokers, nodes);
    if (nodes != null) {
      served = new Served(nodes, brokerRoutes, leaders);
      brokers.logGroups().forEach(logGroup -> places.put(logGroup, place(logGroup, nodes)));
      lookAround();
      logGroups.leaders().addListener((logGroup, leader) -> lookAround());
      var unused =
          server
              .timers()
              .scheduleWithFixedDelay(
                  brokerRoutes::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
    }
    server.serve(
        router(
            settings,
            new Surroundings(
                brokers, brokerRoutes, leaders, relay(settings, places), otherNodes(nodes)),
            logGroups.catalog(),
            logGroups.producers(),
            new DeliveryTimes(settings.schedule(), logGroups.dueClock()),
            InstantSource.system()));
  }

  private OtherNodes otherNodes(@Nullable ClusterNodes nodes) {
    Broker first = brokers.brokers().get(0);
    NodeQuestion.Returns returns = new NodeQuestion.Returns();
    return new OtherNodes(
        () -> nodes == null ? List.of() : nodes.others(first.name(), first.port()),
        address ->
            server.peer(
                address,
                settings.relay().requestsMax(),
                settings.relay().connectTimeout(),
                returns),
        server.timers());
  }

  private LogGroupPlace place(String logGroup, ClusterNodes nodes) {
    return new LogGroupPlace(
        () -> nodes.leader(logGroup),
        address ->
            server.peer(
                address,
                settings.relay().requestsMax(),
                settings.relay().connectTimeout(),
                returns),
        settings.relay().waitingMax(),
        server.timers());
  }

  /** Something about leaders or nodes may be new. Any thread. */
  private void lookAround() {
    places.values().forEach(LogGroupPlace::look);
    Served current = served;
    if (current != null) {
      current.routes().look();
    }
  }

  static Relay relay(RequestSettings settings, Map<String, LogGroupPlace> places) {
    return new Relay(
        places, settings.relay(), settings.pull().waitMax(), settings.net().limits().frameBytes());
  }

  /**
   * What handlers see of the cluster.
   *
   * @param brokers this node's
   * @param routes those that clients are told
   * @param leaders the actors that requests are for
   * @param relay passes on what other nodes carry out
   * @param others have clients of their own
   */
  record Surroundings(
      Brokers brokers, BrokerRoutes routes, LeaderCache leaders, Relay relay, OtherNodes others) {}

  static RequestRouter router(
      RequestSettings settings,
      Surroundings surroundings,
      CatalogView catalog,
      Producers producers,
      DeliveryTimes deliveryTimes,
      InstantSource clock) {
    Brokers brokers = surroundings.brokers();
    LeaderCache leaders = surroundings.leaders();
    int waitingMax = settings.leaderCache().waitingMax();
    Topics topics = new Topics(catalog, waitingMax);
    Groups groups = new Groups(catalog, waitingMax);
    KnownQueues known = new KnownQueues(topics, groups);
    ConnectedClients clients = new ConnectedClients();
    ConnectedProducers producing = new ConnectedProducers(clock);
    RetryTarget retryTarget = new RetryTarget(topics, groups);
    DeadLetters deadLetters = new DeadLetters(retryTarget, brokers, leaders);
    OtherNodes others = surroundings.others();
    producers.others(others);
    return new RequestRouter(
        new Handlers(
            new SendHandler(
                settings.send(),
                topics,
                brokers,
                leaders,
                new DelayedSends(deliveryTimes, leaders),
                new RetrySends(retryTarget, leaders)),
            new SendBackHandler(retryTarget, deadLetters, brokers, leaders, deliveryTimes),
            new PullHandler(settings.pull(), topics, groups, leaders),
            new OffsetHandler(settings.offset(), topics, known, leaders, clock),
            new RouteHandler(topics, surroundings.routes(), settings.send().autoCreate()),
            new HeartbeatHandler(settings.pull().filter(), groups, leaders, clients, producing),
            new LockHandler(topics, groups, leaders),
            new QueryHandler(leaders, clock),
            new ResetHandler(topics, groups, leaders),
            new ReplyHandler(settings.send().bodyBytesMax(), brokers, clients, others, clock),
            new TransactionHandler(brokers, leaders),
            new RecallHandler(brokers, leaders),
            new ForClientHandler(clients, producers),
            new Pops(
                new PopHandler(
                    settings.pull(),
                    known,
                    leaders,
                    new StartRule(settings.offset(), clock),
                    new PopDeadLetters(deadLetters, leaders)),
                new DeliveryHandler(known, leaders),
                new AssignmentHandler(known, brokers, leaders)),
            new Admin(
                new TopicAdminHandler(topics, brokers),
                new GroupAdminHandler(groups, leaders),
                new ClusterAdminHandler(topics, brokers, surroundings.routes()),
                new ConnectionsHandler(groups, leaders, producing),
                new Figures(
                    new StatsHandler(topics, groups, leaders),
                    new BrokerStatusHandler(leaders, clock),
                    new BrokerSettingsHandler(settings.shown(), brokers)),
                new ClientCallHandler(groups, leaders, clients, others))),
        surroundings.relay(),
        leaders,
        producers);
  }

  /**
   * Lets nobody in any more, waits for the answers to what is under way, and closes everything.
   *
   * @param patience how long answers may take; after that connections are cut off
   */
  public CompletionStage<Void> stop(Duration patience) {
    return server.stop(patience);
  }
}
