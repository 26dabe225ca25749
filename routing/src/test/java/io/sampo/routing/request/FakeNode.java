package io.sampo.routing.request;

import com.typesafe.config.ConfigFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.actors.filter.FilterSettings;
import io.sampo.actors.group.LocalQueues;
import io.sampo.actors.group.LogGroup;
import io.sampo.actors.group.Queue;
import io.sampo.actors.schedule.DueClock;
import io.sampo.actors.schedule.ScheduleSettings;
import io.sampo.actors.transaction.Producers;
import io.sampo.record.HostAddress;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.NetSettings;
import io.sampo.routing.net.PortRole;
import io.sampo.routing.net.RelayPeer;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestSettings;
import io.sampo.routing.request.Brokers.Broker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.jspecify.annotations.Nullable;

/**
 * The request handlers of a node with two log groups, where the test itself plays every actor: all
 * queues are one probe and all consumer groups another. What a handler tells an actor lies in the
 * probe until the test takes it, and is answered on the test's own thread; so nothing here races.
 */
final class FakeNode implements AutoCloseable {
  static final String LOG_GROUP = "broker-0";
  static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  static final HostAddress STORE_HOST = new HostAddress(new byte[] {10, 0, 0, 1}, 10911);

  final FakeCatalog catalog = new FakeCatalog();
  final TestProbe<Queue.Command> queues;
  final TestProbe<ConsumerGroup.Command> groups;
  final TestProbe<LogGroup.PartCommand> parts;
  final TestProbe<LeaderResolver.Command> resolver;
  final LeaderCache leaders;
  final Producers producers = new Producers(8);
  private final RequestSettings settings;
  private final RequestRouter router;
  private final List<TestClient> clients = new ArrayList<>();
  private final Map<String, LogGroupPlace> places = new ConcurrentHashMap<>();

  FakeNode(ActorTestKit kit) {
    this(kit, settings(true));
  }

  FakeNode(ActorTestKit kit, RequestSettings settings) {
    this(kit, settings, null);
  }

  /** A log group may be led elsewhere, but is led here. For connections that are made later. */
  void mayMove() {
    LogGroupPlace place =
        new LogGroupPlace(
            () -> new LogGroupPlace.Leader(1, null),
            address -> {
              throw new AssertionError("it is led here");
            },
            16,
            GlobalEventExecutor.INSTANCE);
    place.look();
    places.put(LOG_GROUP, place);
  }

  /**
   * @param given finds actors; null for one that asks {@link #resolver}
   */
  FakeNode(ActorTestKit kit, RequestSettings settings, @Nullable LeaderCache given) {
    this.settings = settings;
    this.queues = kit.createTestProbe("queues", Queue.Command.class);
    this.groups = kit.createTestProbe("groups", ConsumerGroup.Command.class);
    this.parts = kit.createTestProbe("parts", LogGroup.PartCommand.class);
    this.resolver = kit.createTestProbe("resolver", LeaderResolver.Command.class);
    Brokers brokers =
        new Brokers(
            "TestCluster",
            List.of(
                new Broker(LOG_GROUP, new RelayPeer.Address("10.0.0.1", 10911), STORE_HOST),
                new Broker(
                    "broker-1",
                    new RelayPeer.Address("10.0.0.1", 10921),
                    new HostAddress(new byte[] {10, 0, 0, 1}, 10921))));
    this.leaders =
        given != null
            ? given
            : new LeaderCache(
                brokers.logGroups(),
                resolver.getRef(),
                LocalQueues.get(kit.system()),
                new RemoteGroups(new KitSpawner(kit), Duration.ofSeconds(30), 16),
                settings.leaderCache().waitingMax(),
                Duration.ZERO);
    this.router =
        ClientPorts.router(
            settings,
            new ClientPorts.Surroundings(
                brokers,
                new BrokerRoutes(brokers, null),
                leaders,
                ClientPorts.relay(settings, places),
                new OtherNodes(
                    List::of,
                    address -> {
                      throw new AssertionError("there is no other node");
                    },
                    GlobalEventExecutor.INSTANCE)),
            catalog,
            producers,
            new DeliveryTimes(
                settings.schedule(),
                new DueClock(NOW::toEpochMilli, () -> 0, Duration.ofMinutes(1))),
            InstantSource.fixed(NOW));
  }

  static RequestSettings settings(boolean autoCreate) {
    return settings(autoCreate, TestSettings.roomy());
  }

  static RequestSettings settings(boolean autoCreate, NetSettings net) {
    return settings(autoCreate, false, net);
  }

  /** A node that checks that messages are of their topics' types. */
  static RequestSettings checkingTypes() {
    return settings(true, true, TestSettings.roomy());
  }

  private static RequestSettings settings(boolean autoCreate, boolean typeCheck, NetSettings net) {
    return new RequestSettings(
        net,
        new SendSettings(64 * 1024, 8, autoCreate, 3, typeCheck, true),
        new PullSettings(100, 1 << 18, Duration.ofSeconds(30), new FilterSettings(1000, 10, 8)),
        new OffsetSettings(Duration.ofDays(3)),
        new LeaderCacheSettings(Duration.ofSeconds(2), 16, 16),
        new RelaySettings(Duration.ofSeconds(2), 16, 16, Duration.ofSeconds(1)),
        ScheduleSettings.from(
            ConfigFactory.parseString("sampo.data-dir = unused")
                .withFallback(ConfigFactory.load())),
        ShownSettings.from(
            ConfigFactory.parseString("sampo { node.host = \"a=b\", list = [1, 2] }")));
  }

  TestClient connect() {
    return connect(PortRole.logGroup(LOG_GROUP));
  }

  TestClient connect(PortRole role) {
    TestClient client = new TestClient(role, settings.net(), router);
    clients.add(client);
    return client;
  }

  /** Makes a topic whose queues have known actors. */
  TopicConfig topic(String name, int queueCount) {
    TopicConfig topic = catalog.put(TopicConfig.of(name, queueCount, 6));
    for (int i = 0; i < queueCount; i++) {
      resolveQueue(name, i);
    }
    return topic;
  }

  /** The cache knows the queue's actor from now on. */
  void resolveQueue(String topic, int queueId) {
    leaders.tellQueue(LOG_GROUP, new QueueKey(topic, queueId), new Queue.GetBounds(bounds -> {}));
    resolveNextQueue();
    queues.expectMessageClass(Queue.GetBounds.class);
  }

  /** Answers the resolver's next question with the probe that stands for all queues. */
  void resolveNextQueue() {
    var slot = resolver.expectMessageClass(LeaderResolver.Resolve.class).slot();
    ((LeaderCache.QueueSlot) slot).resolved(queues.getRef());
  }

  /** Answers the resolver's next question with the probe that stands for all parts. */
  void resolveNextPart() {
    var slot = resolver.expectMessageClass(LeaderResolver.Resolve.class).slot();
    ((LeaderCache.PartSlot) slot).resolved(parts.getRef());
  }

  /** Makes a group with a known actor. */
  void group(String name) {
    catalog.putGroup(name);
    leaders.tellGroup(name, new ConsumerGroup.GetMembers(members -> {}));
    resolveNextGroup();
    groups.expectMessageClass(ConsumerGroup.GetMembers.class);
  }

  void resolveNextGroup() {
    var slot = resolver.expectMessageClass(LeaderResolver.Resolve.class).slot();
    ((LeaderCache.GroupSlot) slot).resolved(groups.getRef());
  }

  /** Closes all connections and checks that every buffer was given back. */
  @Override
  public void close() {
    clients.forEach(TestClient::close);
    clients.forEach(TestClient::assertNothingLeaked);
  }
}
