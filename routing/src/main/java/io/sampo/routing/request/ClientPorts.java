package io.sampo.routing.request;

import io.sampo.actors.catalog.CatalogView;
import io.sampo.actors.group.LocalQueues;
import io.sampo.actors.group.LogGroups;
import io.sampo.actors.transaction.Producers;
import io.sampo.record.HostAddress;
import io.sampo.routing.net.PortRole;
import io.sampo.routing.net.RemotingServer;
import io.sampo.routing.request.Brokers.Broker;
import io.sampo.routing.request.RequestRouter.Admin;
import io.sampo.routing.request.RequestRouter.Handlers;
import io.sampo.routing.request.RequestRouter.Pops;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;

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
 * Not thread-safe: one thread starts and stops a node.
 */
public final class ClientPorts {
  private final RequestSettings settings;
  private final RemotingServer server;
  private final Brokers brokers;

  private ClientPorts(RequestSettings settings, RemotingServer server, Brokers brokers) {
    this.settings = settings;
    this.server = server;
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
    InetAddress host = InetAddress.getByName(addresses.host());
    Map<PortRole, Integer> wanted = new LinkedHashMap<>();
    wanted.put(PortRole.NAME_SERVER, addresses.nameServerPort());
    addresses
        .brokerPorts()
        .forEach((logGroup, port) -> wanted.put(PortRole.logGroup(logGroup), port));
    RemotingServer server = RemotingServer.bind(settings.net(), host, wanted);
    List<Broker> brokers = new ArrayList<>();
    for (String logGroup : addresses.brokerPorts().keySet()) {
      int port = server.port(PortRole.logGroup(logGroup));
      brokers.add(
          new Broker(
              logGroup,
              addresses.host() + ":" + port,
              HostAddress.of(new InetSocketAddress(host, port))));
    }
    return new ClientPorts(settings, server, new Brokers(addresses.clusterName(), brokers));
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
   * Lets clients in. Call once.
   *
   * @param system gets one actor, {@code leader-resolver}
   * @param logGroups the node's part in them
   */
  public void serve(ActorSystem<?> system, LogGroups logGroups) {
    LeaderCacheSettings cacheSettings = settings.leaderCache();
    ActorRef<LeaderResolver.Command> resolver =
        system.systemActorOf(
            LeaderResolver.create(logGroups.leaders(), cacheSettings.resolveTimeout()),
            "leader-resolver",
            Props.empty());
    LeaderCache leaders =
        new LeaderCache(
            brokers.logGroups(),
            resolver,
            LocalQueues.get(system),
            RemoteGroups.start(
                system,
                settings.net().answerTimeout().plus(settings.pull().waitMax()),
                cacheSettings.questionsMax()),
            cacheSettings.waitingMax());
    WaitingLists.get(system).serve(leaders, brokers);
    server.serve(
        router(
            settings,
            brokers,
            logGroups.catalog(),
            leaders,
            logGroups.producers(),
            new DeliveryTimes(settings.schedule(), logGroups.dueClock()),
            InstantSource.system()));
  }

  static RequestRouter router(
      RequestSettings settings,
      Brokers brokers,
      CatalogView catalog,
      LeaderCache leaders,
      Producers producers,
      DeliveryTimes deliveryTimes,
      InstantSource clock) {
    int waitingMax = settings.leaderCache().waitingMax();
    Topics topics = new Topics(catalog, waitingMax);
    Groups groups = new Groups(catalog, waitingMax);
    KnownQueues known = new KnownQueues(topics, groups);
    ConnectedClients clients = new ConnectedClients();
    ConnectedProducers producing = new ConnectedProducers(clock);
    RetryTarget retryTarget = new RetryTarget(topics, groups);
    DeadLetters deadLetters = new DeadLetters(retryTarget, brokers, leaders);
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
            new RouteHandler(topics, brokers, settings.send().autoCreate()),
            new HeartbeatHandler(settings.pull().filter(), groups, leaders, clients, producing),
            new LockHandler(topics, groups, leaders),
            new QueryHandler(leaders, clock),
            new ResetHandler(topics, groups, leaders),
            new ReplyHandler(settings.send().bodyBytesMax(), brokers, clients, clock),
            new TransactionHandler(brokers, leaders),
            new RecallHandler(brokers, leaders),
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
                new GroupAdminHandler(groups),
                new ClusterAdminHandler(topics, brokers),
                new ConnectionsHandler(groups, leaders, producing),
                new StatsHandler(topics, groups, leaders),
                new ClientCallHandler(groups, leaders, clients))),
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
