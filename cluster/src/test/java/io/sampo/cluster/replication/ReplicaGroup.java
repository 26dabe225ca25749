package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.CommitLog.Command;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.jspecify.annotations.Nullable;

/**
 * The replicas of one log group, each in an actor system of its own with a data folder and a
 * replication port of its own. They reach each other over the loopback interface, as nodes do.
 */
final class ReplicaGroup implements AutoCloseable {
  static final String LOG_GROUP = "broker-0";
  static final String CLUSTER = "a-cluster";
  static final Duration SOON = Duration.ofSeconds(30);

  /** Where a replica that runs is found. */
  private record Place(String commitLog, InetSocketAddress replication) {}

  private final Path folder;
  private final Config config;
  private final Membership founders;
  private final Map<String, Place> places = new ConcurrentHashMap<>();
  private final Map<String, Node> running = new TreeMap<>();

  /**
   * @param config overrides the settings of all
   * @param names the nodes that found the group; none of them runs yet
   */
  ReplicaGroup(Path folder, String config, String... names) {
    this.folder = folder;
    this.config =
        ConfigFactory.parseString(config)
            .withFallback(
                ConfigFactory.parseString(
                    """
                    pekko.actor.provider = remote
                    pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                    pekko.remote.warn-about-direct-use = off
                    sampo.log { segment-size = 256 KiB, preallocate-step = 64 KiB }
                    sampo.replication {
                      heartbeat = 50 ms, fetch-timeout = 300 ms, candidacy-timeout = 2 s
                    }
                    """))
            .withFallback(ConfigFactory.load());
    this.founders =
        Membership.ofVoters(List.of(names).stream().map(name -> new ReplicaId(name, 1)).toList());
  }

  static ReplicaId id(String name) {
    return new ReplicaId(name, 1);
  }

  Node start(String name) {
    return start(name, log -> log);
  }

  /** Starts a founder on its folder, with something between it and its log. */
  Node start(String name, UnaryOperator<ReplicaLog> between) {
    return start(new ReplicaPlan(id(name), founders), folder.resolve(name), between);
  }

  Node start(ReplicaPlan plan, Path dataDir, UnaryOperator<ReplicaLog> between) {
    Node node = new Node(plan, dataDir, between);
    running.put(plan.self().node(), node);
    return node;
  }

  /** Stops a node as an operator does. */
  void stop(String name) {
    places.remove(name);
    Objects.requireNonNull(running.remove(name)).stop();
  }

  /** From now on the others look for a node's replica at another port. */
  void moved(String name, InetSocketAddress replication) {
    places.computeIfPresent(name, (node, at) -> new Place(at.commitLog(), replication));
  }

  /** All replicas that run hold and show the same. */
  void awaitSame() {
    Node first = running.values().iterator().next();
    first
        .kit
        .createTestProbe()
        .awaitAssert(
            SOON,
            () -> {
              for (Node node : running.values()) {
                assertThat(node.log().committedPosition())
                    .as("of %s and %s", node.plan.self(), first.plan.self())
                    .isEqualTo(node.log().reader().writtenPosition())
                    .isEqualTo(first.log().committedPosition());
              }
              return Done.getInstance();
            });
  }

  @Override
  public void close() {
    places.clear();
    running.values().forEach(Node::stop);
    running.clear();
  }

  /** One node. */
  final class Node {
    private final ReplicaPlan plan;
    private final ActorTestKit kit;
    private final ReplicationPort port;
    private final ActorRef<Command> commitLog;

    private Node(ReplicaPlan plan, Path dataDir, UnaryOperator<ReplicaLog> between) {
      this.plan = plan;
      Config mine =
          ConfigFactory.parseMap(Map.of("sampo.data-dir", dataDir.toString())).withFallback(config);
      this.kit = ActorTestKit.create(plan.self().node(), mine);
      CommitLogSettings settings = CommitLogSettings.of(mine);
      this.port = bind(settings.replication());
      this.commitLog =
          kit.spawn(
              CommitLog.create(
                  LOG_GROUP,
                  new Surroundings(settings, plan, new Peers(), InstantSource.system()),
                  () -> between.apply(SegmentedReplicaLog.open(settings, LOG_GROUP, plan))),
              CommitLog.dispatcher());
      kit.createTestProbe().awaitAssert(SOON, this::log);
      String path = ActorRefResolver.get(kit.system()).toSerializationFormat(commitLog);
      places.put(plan.self().node(), new Place(path, port.address()));
    }

    private ReplicationPort bind(ReplicationSettings settings) {
      try {
        return ReplicationPort.bind(
                kit.system(),
                CLUSTER,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                settings)
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
      } catch (Exception e) {
        throw new AssertionError("the replication port can't be bound", e);
      }
    }

    ActorTestKit kit() {
      return kit;
    }

    ActorRef<Command> commitLog() {
      return commitLog;
    }

    LocalLog log() {
      return Objects.requireNonNull(LocalLogs.get(kit.system()).find(LOG_GROUP));
    }

    InetSocketAddress replicationAddress() {
      return port.address();
    }

    private void stop() {
      kit.shutdownTestKit();
    }

    private final class Peers implements ReplicaPeers {
      @Override
      public String clusterId() {
        return CLUSTER;
      }

      @Override
      public @Nullable ActorRef<Command> commitLog(String node, String logGroup) {
        Place place = places.get(node);
        return place == null
            ? null
            : ActorRefResolver.get(kit.system()).resolveActorRef(place.commitLog());
      }

      @Override
      public @Nullable InetSocketAddress replicationAddress(String node) {
        Place place = places.get(node);
        return place == null ? null : place.replication();
      }
    }
  }
}
